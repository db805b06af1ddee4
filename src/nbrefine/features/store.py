"""What the serving side needs of an online store, whatever it is kept in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from nbrefine.features.columns import Kind
    from nbrefine.features.view import Relation

# From when its age counts (None where rows are timeless), then the columns asked for.
Row = tuple[Any, ...]


class Snapshot(Protocol):
    """One version of a store, whole: it stays the same while it is held."""

    @property
    def version(self) -> str:
        """What identifies the content."""
        ...

    @property
    def pushed_at(self) -> dt.datetime:
        """When it was pushed."""
        ...

    def kinds(self, relation: Relation) -> tuple[Kind, ...]:
        """Say what the columns of a row hold, after ``since``."""
        ...

    def look_up(self, relation: Relation, asked: Sequence[tuple[Any, ...]]) -> list[Row | None]:
        """Find for each request the last row of its key that was known.

        Parameters
        ----------
        relation
            What is looked into.
        asked
            The parts of the key; then, unless the relation is timeless, the time of asking in
            microseconds since 1970 UTC.

        Returns
        -------
        list
            In the order of `asked`: ``(since, column, ...)``, the columns in the order of the
            view (see `nbrefine.features.view.FeatureView.relations`); None where there is no row.
        """
        ...


class OnlineStore(Protocol):
    """Where look-ups are answered from while serving; PostgreSQL or Redis could stand here."""

    def snapshot(self) -> Snapshot:
        """Take hold of the version that is current; cheap enough for every batch."""
        ...
