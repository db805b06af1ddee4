"""In which formats values will be stored, as far as that can be told without trying."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.recording.formats import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.recording.facts import ValueFacts
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.plan.plan import Request

_FORMATS = {"DataFrame": "parquet", "Series": "parquet-series", "ndarray": "npy"} | dict.fromkeys(
    ("int", "float", "str", "bool", "list", "dict", "NoneType"), "json"
)


def expected_formats(
    cells: Sequence[CellFacts],
) -> Callable[[Sequence[Request]], Mapping[Request, Stored | None]]:
    """Return what stands in for trying the formats: refine tries them, analyze guesses.

    Parameters
    ----------
    cells
        The notebook's cells.

    Returns
    -------
    callable
        For each request the format; None where the run showed that the value has no content that
        could be compared, so that nothing would store it exactly. Without a run all is storable.
    """

    def store(requests: Sequence[Request]) -> dict[Request, Stored | None]:
        return {request: _stored(cells, request) for request in requests}

    return store


def newest(cells: Sequence[CellFacts], name: str, last: int) -> ValueFacts | None:
    """Return what a run showed of a name after some cell; None if nothing."""
    for facts in reversed(cells[: last + 1]):
        if facts.record is not None and name in facts.record.values:
            return facts.record.values[name]
    return None


def _stored(cells: Sequence[CellFacts], request: Request) -> Stored | None:
    after, names = request
    found = [newest(cells, name, after) for name in names]
    if any(each is not None and each.digest is None for each in found):
        return None
    # Pickle does not store what has no name of its own.
    kind = "cloudpickle" if _has_lambda(cells[after]) and None in found else "pickle"
    if len(names) > 1:
        return Stored(names, f"{kind}-bundle", exact=False)
    value = found[0]
    known = None if value is None else _FORMATS.get(value.type.rpartition(".")[2])
    return Stored(names, known or kind, exact=False)


def _has_lambda(facts: CellFacts) -> bool:
    return any(isinstance(node, ast.Lambda) for node in ast.walk(facts.tree))
