"""Recorded calls as the kernel reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.refine.generated_tests.calls import Argument, Call, Outcome, RecordedCall, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def call_from_json(data: Mapping[str, Any], fixtures: Path, notebook: str) -> RecordedCall:
    """Read a recorded call.

    Parameters
    ----------
    data
        As the kernel reports it.
    fixtures
        The folder with its files.
    notebook
        Path of the step notebook, relative to the project's root.
    """
    return RecordedCall(
        function=data["function"],
        calls=tuple(_call(each) for each in data["calls"]),
        files={name: (fixtures / name).read_bytes() for name in data["files"]},
        imports=tuple(data["imports"]),
        masked=tuple(data["masked"]),
        seeded=data["seeded"],
        rows=tuple(data["rows"]) if data["rows"] else None,
        lines=frozenset(data["lines"]),
        notebook=notebook,
    )


def _call(data: Mapping[str, Any]) -> Call:
    said = data["outcome"]
    outcome = Outcome(
        result=_value(said["result"]) if "result" in said else None,
        returns_self=said.get("returns_self", False),
        learnt=_value(said["learnt"]) if "learnt" in said else None,
        raises=said.get("raises", ""),
        printed=said.get("printed"),
        changed=tuple(
            Argument(each["name"], _value(each["value"])) for each in said.get("changed", ())
        ),
        drawn=tuple(said.get("drawn", ())),
        facts=said.get("facts", {}),
    )
    arguments = tuple(
        Argument(each["name"], _value(each["value"]), each["was_global"], each["keyword"])
        for each in data["arguments"]
    )
    return Call(data["method"], arguments, outcome)


def _value(data: Mapping[str, Any]) -> Value:
    return Value(
        data["kind"],
        data["expression"],
        tuple(_value(each) for each in data.get("items", ())),
        tuple(data.get("keys", ())),
        data.get("lax", False),
    )
