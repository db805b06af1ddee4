"""What the OpenAPI page says of predictions: the schema of requests, with real examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbrefine.serving.bodies import Bodies
    from nbrefine.serving.manifest import Manifest

_WARNING = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["unseen", "out_of_range", "null", "missing", "stale"]},
        "column": {"type": "string"},
        "lookup": {"type": "string"},
        "value": {},
        "low": {"type": "number"},
        "high": {"type": "number"},
        "key": {"type": "object"},
    },
    "required": ["kind"],
}
_STATUS = {
    401: "The API key is missing or wrong.",
    408: "The body did not come in time.",
    413: "Too many bytes or rows.",
    415: "The body is no JSON, or compressed.",
    422: "The request is not as its schema says, or the declaration refuses it.",
    503: "Too busy, or the model is being started; Retry-After says when to come again.",
}


def describe(bodies: Bodies, manifest: Manifest) -> dict[str, Any]:
    """Describe ``POST /predict`` for FastAPI.

    Parameters
    ----------
    bodies
        Knows the schema of requests.
    manifest
        Of the model, for its examples.

    Returns
    -------
    dict
        Keyword arguments of FastAPI's ``post``.
    """
    one = bodies.request.model_json_schema()
    many: dict[str, Any] = {
        "type": "object",
        "properties": {"rows": {"type": "array", "items": one}},
    }
    many |= {"required": ["rows"], "additionalProperties": False}
    examples = {
        "one row": {"value": manifest.examples[0]},
        "many rows": {"value": {"rows": manifest.examples}},
    }
    content = {"application/json": {"schema": {"anyOf": [one, many]}, "examples": examples}}
    answers: dict[int | str, dict[str, Any]] = {
        200: {"description": "Row by row.", "content": {"application/json": {"schema": _answer()}}}
    }
    error: dict[str, Any] = {"type": "object", "required": ["error", "details"]}
    error["properties"] = {"error": {"type": "string"}, "details": {"type": "array"}}
    for status, says in _STATUS.items():
        answers[status] = {"description": says, "content": {"application/json": {"schema": error}}}
    return {
        "responses": answers,
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
    }


def _answer() -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {
            "prediction": {},
            "probabilities": {"type": "object", "additionalProperties": {"type": "number"}},
            "warnings": {"type": "array", "items": _WARNING},
        },
        "required": ["prediction", "warnings"],
    }
    texts = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "request_id": texts,
            "model": texts,
            "store": {"type": ["string", "null"]},
            "rows": {"type": "array", "items": row},
        },
        "required": ["request_id", "model", "store", "rows"],
    }
