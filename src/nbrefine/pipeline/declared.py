"""A step as it was declared when it ran, kept so that it can run again elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nbrefine.pipeline.model import Product, Relation, Step
from nbrefine.pipeline.observed import stored_path
from nbrefine.report.masking import mask_value

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Stands for the project's folder in what is kept.
_ROOT = "<project>"


def declared_of(step: Step, root: Path) -> dict[str, Any]:
    """Return a step's declaration.

    Parameters
    ----------
    step
        The step.
    root
        The project's folder; nothing that is returned says where it is.

    Returns
    -------
    dict
        What JSON can hold. Of parameters that look like credentials only the names are in it.
    """
    secrets = [name for name, value in step.params.items() if mask_value(name, value) != value]
    kept = {
        "kind": step.kind,
        "source": stored_path(step.source, root),
        "product": _plain(step.product, root),
        "params": {name: value for name, value in step.params.items() if name not in secrets},
        "secrets": secrets,
        "upstream": [*step.upstream],
        "groups": dict(step.groups),
        **({"called": dict(step.called)} if step.called else {}),
        **({"variant_of": step.variant_of} if step.variant_of else {}),
        "dotted_path": step.dotted_path,
        "options": dict(step.options),
    }
    text = json.dumps(kept, default=str, ensure_ascii=False)
    found: dict[str, Any] = json.loads(text.replace(_as_text(root), _ROOT))
    return found


def step_of(name: str, declared: Mapping[str, Any], root: Path, secrets: Mapping[str, Any]) -> Step:
    """Return the step that was declared, in another folder.

    Parameters
    ----------
    name
        Its name.
    declared
        What `declared_of` returned.
    root
        Stands for the project's folder.
    secrets
        Values of the parameters of which only the names were kept.

    Raises
    ------
    KeyError
        If nothing was kept, or a secret is not given.
    """
    text = json.dumps(declared, ensure_ascii=False)
    data = json.loads(text.replace(_ROOT, _as_text(root)))
    return Step(
        name=name,
        kind=data["kind"],
        source=root / data["source"],
        product=_product(data["product"], root),
        params={**data["params"], **{each: secrets[each] for each in data["secrets"]}},
        upstream=tuple(data["upstream"]),
        groups=data["groups"],
        called=data.get("called", {}),
        dotted_path=data["dotted_path"],
        options=data["options"],
        variant_of=data.get("variant_of", ""),
    )


def _as_text(root: Path) -> str:
    """Return a path as it stands within texts in JSON."""
    return json.dumps(str(root), ensure_ascii=False)[1:-1]


def _plain(product: Product, root: Path) -> object:
    if isinstance(product, Mapping):
        return {name: _plain(each, root) for name, each in product.items()}
    return [*product.parts] if isinstance(product, Relation) else stored_path(product, root)


def _product(value: Any, root: Path) -> Product:  # noqa: ANN401  (JSON)
    if isinstance(value, dict):
        return {name: _single(each, root) for name, each in value.items()}
    return _single(value, root)


def _single(value: str | Iterable[str], root: Path) -> Path | Relation:
    return root / value if isinstance(value, str) else Relation(tuple(value))
