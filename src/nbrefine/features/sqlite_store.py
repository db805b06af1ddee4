"""The online store in SQLite: embedded, nothing to start, read-only, one connection a thread."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from nbrefine.errors import OnlineStoreError, Place
from nbrefine.features.sqlite_schema import FORMAT, POINTER, VERSIONS, from_json
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbrefine.features.columns import Kind
    from nbrefine.features.sqlite_schema import StoredRelation
    from nbrefine.features.store import Row
    from nbrefine.features.view import FeatureView, Relation

_PUSH = "Run: nbrefine store push"


def pointer_of(folder: Path) -> dict[str, Any]:
    """Read which version of a store is current, and what it holds.

    Parameters
    ----------
    folder
        The store.

    Returns
    -------
    dict
        ``version``, ``previous``, ``pushed_at``, ``newest``, ``view``, ``rows``.

    Raises
    ------
    OnlineStoreError
        If there is no store, or it does not say.
    """
    pointer = folder / POINTER
    try:
        said = json.loads(pointer.read_bytes())
        if isinstance(said["version"], str) and dt.datetime.fromisoformat(said["pushed_at"]).tzinfo:
            return dict(said)
    except FileNotFoundError:
        message = f"There is no online store in {shown(folder)}."
        raise OnlineStoreError(message, hint=_PUSH) from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    message = "It does not say which version of the store is current."
    raise OnlineStoreError(message, where=Place(shown(pointer)), hint=_PUSH)


class SqliteStore:
    """A store that `nbrefine.features.push` has filled.

    Parameters
    ----------
    folder
        Where it is.
    view
        The declaration whose look-ups it must answer.

    Raises
    ------
    OnlineStoreError
        If it is missing or damaged, or does not hold what the view needs.
    """

    def __init__(self, folder: Path, view: FeatureView) -> None:
        self._folder, self._view = folder, view
        self._seen: object = None
        self._current = self._open(verify=True)

    def snapshot(self) -> SqliteSnapshot:
        """Take hold of the version that is current."""
        if self._identity() != self._seen:
            self._current = self._open(verify=False)
        return self._current

    def _identity(self) -> object:
        try:
            stat = (self._folder / POINTER).stat()
        except OSError:
            message = f"There is no online store in {shown(self._folder)}."
            raise OnlineStoreError(message, hint=_PUSH) from None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size

    def _open(self, *, verify: bool) -> SqliteSnapshot:
        seen = self._identity()
        said = pointer_of(self._folder)
        version, pushed_at = said["version"], dt.datetime.fromisoformat(said["pushed_at"])
        file = self._folder / VERSIONS / f"{version}.sqlite"
        if not file.is_file():
            message = f"Version {version} of the online store is gone."
            raise OnlineStoreError(message, where=Place(shown(file)), hint=_PUSH)
        if verify and digest_file(file)[: len(version)] != version:
            message = "The online store was changed since it was pushed."
            raise OnlineStoreError(message, where=Place(shown(file)), hint=_PUSH)
        snapshot = SqliteSnapshot(file, version, pushed_at, self._view)
        self._seen = seen
        return snapshot


class _Connection(sqlite3.Connection):
    """Is closed when nobody holds it any more: the thread or the version has ended."""

    def __del__(self) -> None:
        self.close()


class SqliteSnapshot:
    """One version of a store.

    Parameters
    ----------
    file
        Where it is.
    version
        What identifies it.
    pushed_at
        When it was pushed.
    view
        The declaration whose look-ups it must answer.

    Raises
    ------
    OnlineStoreError
        If it is damaged, or does not hold what the view needs.
    """

    def __init__(self, file: Path, version: str, pushed_at: dt.datetime, view: FeatureView) -> None:
        self.version, self.pushed_at = version, pushed_at
        # The file never changes: nothing has to be locked or looked at again.
        self._uri = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        self._threads = threading.local()
        self._where = Place(shown(file))
        self._queries: dict[Relation, str] = {}
        self._kinds: dict[Relation, tuple[Kind, ...]] = {}
        self._plan(view)

    def kinds(self, relation: Relation) -> tuple[Kind, ...]:
        """Say what the columns of a row hold, after ``since``."""
        return self._kinds[relation]

    def look_up(self, relation: Relation, asked: Sequence[tuple[Any, ...]]) -> list[Row | None]:
        """Find for each request the last row of its key that was known (see `Snapshot`)."""
        # A prepared statement costs 6 microseconds a request; one query for many is no faster.
        try:
            execute, query = self._connection().execute, self._queries[relation]
            return [execute(query, each).fetchone() for each in asked]
        except sqlite3.Error as error:
            message = f"The online store cannot be read: {error}."
            raise OnlineStoreError(message, where=self._where, hint=_PUSH) from None

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                self._uri,
                uri=True,
                cached_statements=256,
                factory=_Connection,
                check_same_thread=False,  # it may be closed by another one
            )
            self._threads.connection = connection
        return connection

    def _plan(self, view: FeatureView) -> None:
        try:
            form, text = (
                self._connection().execute("SELECT format, relations FROM about").fetchone()
            )
            stored = {each.relation: each for each in from_json(text)}
        except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
            message = f"The online store cannot be read: {error}."
            raise OnlineStoreError(message, where=self._where, hint=_PUSH) from None
        if form != FORMAT:
            message = f"The online store has format {form}, expected {FORMAT}."
            raise OnlineStoreError(message, where=self._where, hint=_PUSH)
        for relation, columns in view.relations().items():
            held = self._held(view, relation, columns, stored.get(relation))
            known = dict(held.columns)
            self._queries[relation] = held.select(columns)
            self._kinds[relation] = tuple(known[column] for column in columns)

    def _held(
        self,
        view: FeatureView,
        relation: Relation,
        columns: tuple[str, ...],
        stored: StoredRelation | None,
    ) -> StoredRelation:
        """Make sure that the store holds a relation as the view needs it."""
        keys = tuple((name, view.request[name].kind) for name in relation.key)
        known = dict(stored.columns) if stored else {}
        lacking = [column for column in columns if column not in known]
        if stored is None or stored.keys != keys or lacking:
            what = f", columns {', '.join(map(repr, lacking))}" if stored and lacking else ""
            message = f"The online store does not hold table {relation.table!r} as declared{what}."
            hint = f"It was pushed for another declaration than {view.module}. {_PUSH}"
            raise OnlineStoreError(message, where=self._where, hint=hint)
        return stored
