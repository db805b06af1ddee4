"""The prediction log's journal: what is answered is in it first, whatever happens afterwards.

One line a request, in a file of this process and this hour. A line is with the operating system
before the answer leaves, so a process that is killed loses none; a machine that loses power may.
`nbrefine.serving.sealing` makes Parquet of the files that nobody writes any more: the writer holds
a lock on its file for as long as it lives.
"""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import hashlib
import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from nbrefine.errors import ServingError
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbrefine.serving.cells import Cells
    from nbrefine.serving.predictor import Answered
    from nbrefine.serving.settings import LogSettings

SUFFIX = ".jsonl"
_KEY = ".hash-key"
_HOUR = "%Y-%m-%dT%H"


class Journal:
    """Writes what is answered.

    Parameters
    ----------
    settings
        Where to, and what is left out.
    model
        What identifies the model.

    Raises
    ------
    ServingError
        If the folder cannot be written to.
    """

    def __init__(self, settings: LogSettings, model: str) -> None:
        self._settings, self._model = settings, model
        self._hour, self._file = "", -1
        # A process id comes back some day; with this no two files are the same.
        self._own = f"{os.getpid()}-{secrets.token_hex(4)}"
        try:
            settings.folder.mkdir(parents=True, exist_ok=True)
            self._key = _hash_key(settings.folder) if settings.hashed else b""
            self._turn(dt.datetime.now(dt.UTC))
        except OSError as error:
            message = f"The prediction log {shown(settings.folder)} cannot be written: {error}."
            raise ServingError(message) from None

    def write(self, ids: Sequence[str], answered: Answered) -> None:
        """Write what a batch is answered, before it is.

        Parameters
        ----------
        ids
            The id of each row's request.
        answered
            The batch.

        Raises
        ------
        OSError
            If it cannot be written; then nothing of the batch is.
        """
        now = dt.datetime.now(dt.UTC)
        self._turn(now)
        shared = {"at": now.isoformat(), "model": self._model, "store": answered.store}
        # What was looked up is not among it: the features are made of it.
        requests, features = (
            self._rows(cells, len(ids)) for cells in (answered.requests, answered.features)
        )
        lines = [
            json.dumps(
                {**shared, "request_id": name, "request": request, "features": made}
                | self._masked(row),
                separators=(",", ":"),
            )
            for name, request, made, row in zip(ids, requests, features, answered.rows, strict=True)
        ]
        self._append(("\n".join(lines) + "\n").encode())

    def _rows(self, cells: Cells, count: int) -> list[dict[str, Any]]:
        kept = {name: each for name, each in cells.items() if name not in self._settings.leave_out}
        for name in self._settings.hashed:
            if name in kept:
                kept[name] = [None if each is None else self._hash(each) for each in kept[name]]
        rows = zip(*kept.values(), strict=True) if kept else [()] * count
        return [dict(zip(kept, row, strict=True)) for row in rows]

    def _masked(self, row: dict[str, Any]) -> dict[str, Any]:
        """Keep out of what is said of a row the values that the log must not hold."""
        secret = {*self._settings.leave_out, *self._settings.hashed}
        if not secret:
            return row
        said = dict(row)
        for name in ("warnings", "refused"):
            if name in row:
                said[name] = [_without(each, secret) for each in row[name]]
        return said

    def _hash(self, value: object) -> str:
        # Without a key who knows the few possible values could try them all.
        return hashlib.blake2b(repr(value).encode(), key=self._key, digest_size=16).hexdigest()

    def _turn(self, now: dt.datetime) -> None:
        """Begin a new file where a new hour has begun."""
        hour = now.strftime(_HOUR)
        if hour == self._hour:
            return
        name = self._settings.folder / hour / f"{self._own}{SUFFIX}"
        name.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        fcntl.flock(file, fcntl.LOCK_EX)
        self.close()
        self._hour, self._file = hour, file

    def _append(self, lines: bytes) -> None:
        before = os.fstat(self._file).st_size
        try:
            _write_all(self._file, lines)
        except OSError:
            # Half a batch would say that half of it was answered.
            os.ftruncate(self._file, before)
            raise

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _without(warned: dict[str, Any], secret: set[str]) -> dict[str, Any]:
    kept = {**warned}
    if warned.get("column") in secret:
        kept.pop("value", None)
    if "key" in warned:
        kept["key"] = {name: part for name, part in warned["key"].items() if name not in secret}
    return kept


def _write_all(file: int, lines: bytes) -> None:
    written = os.write(file, lines)
    if written < len(lines):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _hash_key(folder: Path) -> bytes:
    """Return the key of the hashes, made when it is first needed."""
    file = folder / _KEY
    if not file.exists():
        write_atomic(file, secrets.token_bytes(32))
        file.chmod(0o600)
    return file.read_bytes()
