"""Names that hold the same in all runs, though a cell that varies has written them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.recording.facts import CellRecord, ValueFacts

# They hold nothing that was drawn, though a cell may make them where it draws.
_STEADY_TYPES = frozenset(
    {
        "builtins.module",
        "builtins.function",
        "builtins.type",
        "builtins.builtin_function_or_method",
    }
)


class SteadyNames:
    """Tells which of the names that a cell writes are the same in each run.

    Parameters
    ----------
    records
        Of the observed run.
    finals
        Names at the end of the observed run, and of each plain one; a name that a later cell
        writes again is never known to be steady before that.
    """

    def __init__(
        self, records: Sequence[CellRecord], finals: Sequence[Mapping[str, ValueFacts]]
    ) -> None:
        self._writers = {
            name: each.origin for each in records for name in each.bound | each.changed
        }
        self._finals = finals

    def of(self, record: CellRecord) -> frozenset[str]:
        """Return those of the names that a cell writes."""
        return frozenset(
            name for name in record.bound | record.changed if self._is_steady(name, record)
        )

    def _is_steady(self, name: str, record: CellRecord) -> bool:
        facts = record.values.get(name)
        if facts is not None and facts.type in _STEADY_TYPES:
            return True
        if self._writers[name] != record.origin or len(self._finals) < 2:  # noqa: PLR2004  (runs)
            return False
        ends = {None if (end := run.get(name)) is None else end.digest for run in self._finals}
        return len(ends) == 1 and None not in ends
