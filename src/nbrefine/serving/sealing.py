"""Makes Parquet of the prediction log's journals, hour by hour, and reads both."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from nbrefine.errors import InputError
from nbrefine.files.paths import shown
from nbrefine.serving.journal import SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARQUET = ".parquet"
# Lines that are held in memory at a time.
_LINES = 5000
REQUEST, FEATURE, PROBABILITY = "request.", "feature.", "probability."
_NESTED = ((REQUEST, "request"), (FEATURE, "features"), (PROBABILITY, "probabilities"))


def seal(folder: Path) -> list[Path]:
    """Make Parquet of every journal that nobody writes any more.

    A crash at any point leaves the journal, the Parquet file, or both with the same content.

    Parameters
    ----------
    folder
        The prediction log.

    Returns
    -------
    list of Path
        The files that were made.
    """
    return [made for file in sorted(folder.glob(f"*/*{SUFFIX}")) if (made := _seal(file))]


def _seal(file: Path) -> Path | None:
    with contextlib.suppress(FileNotFoundError), file.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None  # it is still written to
        made = file.with_suffix(_PARQUET)
        temporary = file.with_name(f".{made.name}")
        wrote = _write(file, temporary)
        if wrote:
            temporary.replace(made)
        file.unlink(missing_ok=True)
        return made if wrote else None
    return None


def _write(file: Path, target: Path) -> bool:
    """Write a journal as Parquet, and say whether there was a line in it."""
    columns = _columns(file)
    if not columns:
        return False
    schema = pa.schema(columns)
    with pq.ParquetWriter(target, schema) as writer:
        for lines in _blocks(file):
            rows = [_as(schema, _flat(line)) for line in lines]
            writer.write_table(pa.Table.from_pylist(rows, schema))
    return True


def _as(schema: pa.Schema, row: dict[str, Any]) -> dict[str, Any]:
    """Write what is no text as JSON, where a column holds text in other rows."""
    texts = {field.name for field in schema if field.type == pa.string()}
    odd = {
        name: json.dumps(value)
        for name, value in row.items()
        if name in texts and not isinstance(value, str | None)
    }
    return row | odd


def _columns(file: Path) -> list[tuple[str, pa.DataType]]:
    """Go through a journal for its columns and their types."""
    types: dict[str, pa.DataType | None] = {}
    for lines in _blocks(file):
        for line in lines:
            for name, value in _flat(line).items():
                types[name] = _wider(types.get(name), value)
    return [(name, pa.string() if kind is None else kind) for name, kind in types.items()]


def _wider(known: pa.DataType | None, value: object) -> pa.DataType | None:
    if value is None:
        return known
    kinds = {bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
    kind = kinds.get(type(value), pa.string())
    if known is None or known == kind:
        return kind
    return pa.float64() if {known, kind} == {pa.int64(), pa.float64()} else pa.string()


def _blocks(file: Path) -> Iterator[list[dict[str, Any]]]:
    """Read a journal in blocks; the last line may be torn, then it was never answered."""
    block: list[dict[str, Any]] = []
    with file.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                break
            block.append(json.loads(line))
            if len(block) == _LINES:
                yield block
                block = []
    if block:
        yield block


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    """Lay out what a line says as columns."""
    flat = {name: line.get(name) for name in ("at", "request_id", "model", "store", "prediction")}
    for prefix, name in _NESTED:
        flat |= {f"{prefix}{key}": value for key, value in (line.get(name) or {}).items()}
    flat["refused"] = "refused" in line
    flat["warnings"] = json.dumps(line.get("refused") or line.get("warnings") or [])
    return flat


def read_log(folder: Path) -> pd.DataFrame:
    """Read a prediction log: what is sealed, and what is still being written.

    Parameters
    ----------
    folder
        The prediction log.

    Returns
    -------
    pandas.DataFrame
        One row a request: ``at``, ``request_id``, ``model``, ``store``, ``request.*``,
        ``feature.*``, ``prediction``, ``probability.*``, ``refused``, and ``warnings`` as JSON;
        in the order of time.

    Raises
    ------
    InputError
        If there is nothing to read.
    """
    parts, read = [], set()
    for journal in sorted(folder.glob(f"*/*{SUFFIX}")):
        with contextlib.suppress(FileNotFoundError):  # it was sealed meanwhile
            rows = [_flat(line) for lines in _blocks(journal) for line in lines]
            parts += [pd.DataFrame(rows)] if rows else []
            read.add(journal.with_suffix(_PARQUET))
    # A journal that is being sealed, or was meanwhile, has a Parquet file: it is read once.
    sealed = [
        file
        for file in sorted(folder.glob(f"*/*{_PARQUET}"))
        if not file.name.startswith(".") and file not in read
    ]
    parts += [pd.read_parquet(file) for file in sealed]
    if not parts:
        raise InputError(f"There is no prediction in {shown(folder)}.")
    log = pd.concat(parts, ignore_index=True)
    log["at"] = pd.to_datetime(log["at"], format="ISO8601", utc=True)
    return log.sort_values("at", kind="stable", ignore_index=True)


if __name__ == "__main__":
    os.nice(10)  # the service comes first
    seal(Path(sys.argv[1]))
