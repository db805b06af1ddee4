"""What a build injects into a step: its parameters, ``upstream`` and ``product``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.pipeline.model import Pipeline, Product, Step


def arguments(
    pipeline: Pipeline, step: Step, stand_ins: Mapping[Path, Path] | None = None
) -> dict[str, object]:
    """Return the names that a build sets for a step, and their values.

    Parameters
    ----------
    pipeline
        The pipeline.
    step
        One of its steps.
    stand_ins
        Where its products go, if not where the spec says, by the spec's path.

    Returns
    -------
    dict
        Values of the types that JSON has; products in the shape of the spec, as strings.
    """
    return {
        **step.params,
        "upstream": _upstream(pipeline, step),
        "product": _plain(step.product, stand_ins),
    }


def _upstream(pipeline: Pipeline, step: Step) -> dict[str, object] | None:
    """Return the upstream products; those that a wildcard brought in are a group under it."""
    result: dict[str, object] = {}
    for name in step.upstream:
        value = _plain(pipeline.step(name).product)
        known = step.called.get(name, name)
        if (wildcard := step.groups.get(name)) is None:
            result[known] = value
        else:
            group = result.setdefault(wildcard, {})
            assert isinstance(group, dict)  # noqa: S101  (no step is named like a wildcard)
            group[known] = value
    return result or None


def _plain(product: Product, stand_ins: Mapping[Path, Path] | None = None) -> object:
    """Return a product as papermill injects it: strings, in the shape of the spec."""
    if isinstance(product, Mapping):
        return {name: _plain(value, stand_ins) for name, value in product.items()}
    if isinstance(product, Path) and stand_ins is not None:
        product = stand_ins[product]
    return str(product)
