"""In which formats values will be stored, as far as that can be told without trying."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.recording.formats import Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.recording.facts import ValueFacts
    from nbrefine.refine.facts import CellFacts
    from nbrefine.refine.plan import Request

_PARQUET = frozenset({"DataFrame", "Series"})
_JSON = frozenset({"int", "float", "str", "bool", "list", "dict", "NoneType"})


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
    if len(names) > 1:
        return Stored(names, "pickle", exact=False)
    return Stored(names, _format(found[0]), exact=False)


def _format(value: ValueFacts | None) -> str:
    kind = value.type.rpartition(".")[2] if value is not None else ""
    if kind in _PARQUET:
        return "parquet"
    if kind == "ndarray":
        return "npy"
    return "json" if kind in _JSON else "pickle"
