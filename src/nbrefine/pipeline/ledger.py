"""The ledger: which products were published, and from what.

One SQLite file, ``.nbrefine/ledger.db``. It is a memory, not a source: one that is damaged is
moved aside, and the next build runs again what it cannot look up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from nbrefine.errors import LedgerError
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger_rows import Published, Run
from nbrefine.pipeline.own_folder import FOLDER, make_own_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS run (id TEXT PRIMARY KEY, started REAL NOT NULL, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS published (
  id INTEGER PRIMARY KEY, step TEXT NOT NULL, key TEXT NOT NULL, run TEXT NOT NULL,
  finished REAL NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS published_step ON published (step, id);
"""
_WAIT = 30.0
"""Seconds to wait for another process that is writing."""
_PAUSE = 0.01


class Ledger:
    """A project's ledger. It is safe to use from several processes at once.

    Parameters
    ----------
    root
        The project's folder. Nothing is made there before something is to be written.

    Attributes
    ----------
    file
        The database.
    damage
        In words, what was wrong with it; empty if nothing was.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.file = root / FOLDER / "ledger.db"
        self.damage = ""
        self._connection: sqlite3.Connection | None = None
        self._is_checked = False
        # Steps end in threads of their own.
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give up the connection; the ledger can be used again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def last(self, step: str) -> Published | None:
        """Return what was last published of a step."""
        return next(iter(self.history(step, limit=1)), None)

    def history(self, step: str, *, limit: int = 50) -> list[Published]:
        """Return what was published of a step, newest first."""
        rows = self._rows(
            "SELECT id, data FROM published WHERE step = ? ORDER BY id DESC LIMIT ?", step, limit
        )
        return [*self._published(rows)]

    def steps(self) -> dict[str, Published]:
        """Return what was last published of each step, also of those that are no more."""
        rows = self._rows(
            "SELECT id, data FROM published WHERE id IN (SELECT max(id) FROM published "
            "GROUP BY step) ORDER BY id"
        )
        return {each.step: each for each in self._published(rows)}

    def run(self, name: str) -> Run | None:
        """Return a run by its id."""
        for id_, started, facts in self._rows("SELECT * FROM run WHERE id = ?", name):
            with contextlib.suppress(ValueError):
                return Run(id_, started, json.loads(facts))
        return None

    def begin(self, run: Run) -> None:
        """Note that a run begins."""
        row = (run.id, run.started, json.dumps(dict(run.facts)))
        self._write("INSERT OR REPLACE INTO run VALUES (?, ?, ?)", row)

    def publish(self, published: Published) -> None:
        """Note what a step has published; whole or not at all, and for good once this returns."""
        data = json.dumps(published.as_json(), ensure_ascii=False)
        row = (published.step, published.key, published.run, published.finished, data)
        insert = "INSERT INTO published (step, key, run, finished, data) VALUES (?, ?, ?, ?, ?)"
        self._write(insert, row)
        last = self.last(published.step)
        if last is None or last.key != published.key:  # its schema is another now
            error = sqlite3.DatabaseError("it does not give back what was written")
            self._write_anew(error, insert, row)

    def forget(self, step: str) -> None:
        """Forget what was published of a step, so that the next build runs it."""
        self._write("DELETE FROM published WHERE step = ?", (step,))

    def keep(self, content: bytes) -> str:
        """Keep a source text, once, and return its digest."""
        digest = hashlib.sha256(content).hexdigest()
        file = self._kept(digest)
        if not file.is_file():
            write_atomic(file, content)
        return digest

    def kept(self, digest: str) -> bytes | None:
        """Return a source text that was kept; None if it is gone, or is not what it was."""
        try:
            content = self._kept(digest).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == digest else None

    def _kept(self, digest: str) -> Path:
        return self.root / FOLDER / "sources" / digest[:2] / digest

    def _published(self, rows: Iterable[tuple[int, str]]) -> Iterator[Published]:
        """Read rows; one that cannot be read is as good as none."""
        for number, data in rows:
            try:
                yield Published.from_json(json.loads(data), number)
            except (ValueError, KeyError, TypeError, AttributeError):
                self._say("a row of it is damaged")

    def _rows(self, query: str, *values: object) -> list[Any]:
        """Ask; a ledger that is not there, or cannot be read, knows nothing."""
        if self._connection is None and not self.file.is_file():
            return []
        try:
            with self._ready(write=False) as connection:
                return connection.execute(query, values).fetchall()
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                raise self._busy() from None
            # On a disk that cannot be written to, the ledger as it is on it has to do.
            return self._rows_as_they_are(query, values)
        except _DAMAGE as error:
            self._note(error)
            return []

    def _rows_as_they_are(self, query: str, values: tuple[object, ...]) -> list[Any]:
        address = f"{self.file.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
                return connection.execute(query, values).fetchall()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._note(error)
            return []

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        """Write in one transaction; a damaged ledger is moved aside first."""
        try:
            with self._ready(write=True) as connection, connection:
                self._check(connection)
                connection.execute(statement, values)
        except sqlite3.OperationalError as error:
            if _is_busy(error):
                raise self._busy() from None
            if _code(error) in _OF_THE_DISK:
                raise self._unwritable(error) from None
            self._write_anew(error, statement, values)
        except OSError as error:
            raise self._unwritable(error) from None
        except _DAMAGE as error:
            self._write_anew(error, statement, values)

    def _write_anew(self, error: Exception, statement: str, values: tuple[object, ...]) -> None:
        """Write to a new ledger; the damaged one is moved aside."""
        self._note(error)
        self._move_aside()
        with self._ready(write=True) as connection, connection:
            connection.execute(statement, values)

    def _check(self, connection: sqlite3.Connection) -> None:
        """Look once whether what is written can be read again: damage may show only then."""
        if not self._is_checked:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            self._is_checked = True

    @contextlib.contextmanager
    def _ready(self, *, write: bool) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._opened(write=write)

    def _opened(self, *, write: bool) -> sqlite3.Connection:
        if self._connection is None:
            if write:
                make_own_folder(self.root)
            connection = sqlite3.connect(self.file, timeout=_WAIT, check_same_thread=False)
            try:
                self._prepare_patiently(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare_patiently(self, connection: sqlite3.Connection) -> None:
        """Prepare a connection; where two make a ledger at once, SQLite refuses one at once."""
        end = time.monotonic() + _WAIT
        while True:
            try:
                return self._prepare(connection)
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > end:
                    raise
            connection.rollback()
            time.sleep(_PAUSE)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version not in {0, VERSION}:
            raise _OtherVersionError(version)
        connection.execute("PRAGMA synchronous = FULL")
        if version == 0:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN IMMEDIATE;{_TABLES}PRAGMA user_version={VERSION};COMMIT;"
            )

    def _note(self, error: Exception) -> None:
        self.close()
        self._say(str(error))

    def _say(self, why: str) -> None:
        self.damage = f"the ledger {shown(self.file, self.root)} cannot be read: {why}"

    def _move_aside(self) -> None:
        self.close()
        for suffix in ("", "-wal", "-shm"):
            file = self.file.with_name(self.file.name + suffix)
            with contextlib.suppress(FileNotFoundError):
                file.replace(file.with_name(f"{file.name}.damaged-{time.time_ns()}"))

    def _busy(self) -> LedgerError:
        return LedgerError(
            f"Another process has been writing to {shown(self.file)} for {_WAIT:.0f} seconds.",
            hint="Wait for it, or end it.",
        )

    def _unwritable(self, error: Exception) -> LedgerError:
        return LedgerError(
            f"{shown(self.file)} cannot be written: {error}.",
            hint="Free some space, or make the folder writable.",
        )


class _OtherVersionError(Exception):
    """The ledger was written by another nbrefine."""

    def __init__(self, version: int) -> None:
        super().__init__(f"it has version {version}, and this nbrefine writes {VERSION}")


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return _code(error) in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _code(error: sqlite3.OperationalError) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


# Where the schema itself is damaged, the text of the error cannot be decoded.
_DAMAGE = (sqlite3.DatabaseError, _OtherVersionError, UnicodeDecodeError)
_OF_THE_DISK = frozenset(
    {
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
    }
)
