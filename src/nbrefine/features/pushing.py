"""Fills the online store: a new version is written whole beside the old one, then pointed at."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbrefine.errors import OnlineStoreError
from nbrefine.features.prepared import KNOWN, SINCE, Prepared, prepare
from nbrefine.features.sqlite_schema import FORMAT, POINTER, VERSIONS, StoredRelation, as_json
from nbrefine.files.atomic import write_atomic
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.features.view import FeatureView

# What an interrupted push has left behind is younger than this only if the push is still going on.
_LEFT_BEHIND = 3600.0


@dataclass(frozen=True)
class Pushed:
    """What a push has put into the store.

    Parameters
    ----------
    version
        What identifies the content: the same tables give the same version.
    rows
        By table, how many rows the store holds of it.
    newest
        When the last of them became known; None if all are timeless.
    """

    version: str
    rows: dict[str, int]
    newest: dt.datetime | None


def push(
    view: FeatureView,
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    *,
    since: dt.datetime | None = None,
) -> Pushed:
    """Put look-up tables into an online store.

    Readers see the version before or this one, never something between. The version before is
    kept, for those who still read it.

    Parameters
    ----------
    view
        The declaration.
    tables
        The look-up tables by name.
    folder
        Where the store is; it is made.
    since
        Keep only what requests that are asked from then on can need; None for everything.

    Returns
    -------
    Pushed
        What it holds now.

    Raises
    ------
    FeatureTableError
        If a table is not as declared.
    OnlineStoreError
        If the store cannot be written.
    """
    prepared = [
        _needed(view, prepare(view, relation, columns, tables[relation.table]), since)
        for relation, columns in view.relations().items()
    ]
    try:
        version = _write(view, prepared, folder)
        pushed = Pushed(version, _rows(prepared), _newest(prepared))
        _point(folder, pushed, view)
        _tidy(folder)
    except (OSError, sqlite3.Error) as error:
        message = f"The online store {shown(folder)} cannot be written: {error}."
        raise OnlineStoreError(message) from None
    return pushed


def _needed(view: FeatureView, prepared: Prepared, since: dt.datetime | None) -> Prepared:
    """Leave out what no request asked from an instant on can reach."""
    if since is None or prepared.relation.known_at is None:
        return prepared
    reach = max(each.ago for each in view.lookups if each.relation == prepared.relation)
    rows, key = prepared.rows, list(prepared.relation.key)
    known = rows[KNOWN] <= pd.Timestamp(since) - reach
    # Of what was known by then only the last row of each key can still be an answer.
    last = rows[known].groupby(key).tail(1) if key else rows[known].tail(1)
    keep = ~known | rows.index.isin(last.index)
    return Prepared(prepared.relation, prepared.columns, rows[keep].reset_index(drop=True))


def _write(view: FeatureView, prepared: list[Prepared], folder: Path) -> str:
    """Write a version, and return what identifies it."""
    versions = folder / VERSIONS
    versions.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=versions, prefix=".push.", suffix=".sqlite")
    os.close(handle)
    temporary = Path(name)
    try:
        _fill(temporary, view, prepared)
        version = digest_file(temporary)[:16]
        temporary.chmod(0o644)
        temporary.replace(versions / f"{version}.sqlite")
    finally:
        temporary.unlink(missing_ok=True)
    return version


def _fill(file: Path, view: FeatureView, prepared: list[Prepared]) -> None:
    stored = [
        StoredRelation(
            number,
            each.relation,
            tuple((name, view.request[name].kind) for name in each.relation.key),
            tuple(each.columns.items()),
        )
        for number, each in enumerate(prepared)
    ]
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # Nobody reads the file before it is whole, and it is synced as a whole.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE about (format INTEGER, relations TEXT)")
        connection.execute("INSERT INTO about VALUES (?, ?)", (FORMAT, as_json(stored)))
        for relation, each in zip(stored, prepared, strict=True):
            connection.execute(relation.create())
            connection.executemany(relation.insert(), _tuples(each))
        connection.execute("COMMIT")
        connection.execute("ANALYZE")
    with file.open("rb") as stream:
        os.fsync(stream.fileno())


def _tuples(prepared: Prepared) -> Iterator[tuple[Any, ...]]:
    """Give the rows in the order of the table's key, so that it grows at its end."""
    rows, key = prepared.rows, list(prepared.relation.key)
    timed = [KNOWN] if prepared.relation.known_at is not None else []
    if key or timed:
        rows = rows.sort_values([*key, *timed], kind="stable")
    names = [*key, *([KNOWN, SINCE] if timed else []), *(f"={name}" for name in prepared.columns)]
    return zip(*(_plain(rows[name]) for name in names), strict=True)


def _plain(values: pd.Series) -> list[Any]:
    """Turn a column into what SQLite stores: numbers, texts, microseconds; None for missing."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        numbers = values.to_numpy("M8[us]").astype(np.int64)
        return [
            None if gone else n for n, gone in zip(numbers.tolist(), values.isna(), strict=True)
        ]
    plain = values.astype(object)
    return plain.where(values.notna(), None).tolist()


def _rows(prepared: list[Prepared]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for each in prepared:
        rows[each.relation.table] = rows.get(each.relation.table, 0) + len(each.rows)
    return rows


def _newest(prepared: list[Prepared]) -> dt.datetime | None:
    last = [each.rows[KNOWN].max() for each in prepared if KNOWN in each.rows and len(each.rows)]
    newest: dt.datetime | None = max(last).to_pydatetime() if last else None
    return newest


def _point(folder: Path, pushed: Pushed, view: FeatureView) -> None:
    before = _pointed(folder)
    previous = before.get("version")
    if previous == pushed.version:
        previous = before.get("previous")
    said = {
        "version": pushed.version,
        "previous": previous,
        "pushed_at": dt.datetime.now(dt.UTC).isoformat(),
        "newest": pushed.newest.isoformat() if pushed.newest else None,
        "view": view.module,
        "rows": pushed.rows,
    }
    write_atomic(folder / POINTER, json.dumps(said, indent=2) + "\n")


def _pointed(folder: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        said = json.loads((folder / POINTER).read_bytes())
        if isinstance(said, dict):
            return said
    return {}


def _tidy(folder: Path) -> None:
    """Remove versions that nobody needs: a reader that has one open keeps it."""
    said = _pointed(folder)
    keep = {f"{said.get(which)}.sqlite" for which in ("version", "previous")}
    for file in (folder / VERSIONS).iterdir():
        with contextlib.suppress(FileNotFoundError):  # of a push at the same time
            old = time.time() - file.stat().st_mtime > _LEFT_BEHIND
            if file.name not in keep and old:
                file.unlink()
