"""What a product says: a digest that leaves out what is new in every run.

Two dumps of one model, or two archives of the same files, differ in their bytes by addresses and
times; steps below are not to run for that.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
import zlib
from typing import TYPE_CHECKING

from nbrefine.files.digest import digest_file
from nbrefine.pipeline.ledger_rows import Made
from nbrefine.pipeline.observed import stored_path

if TYPE_CHECKING:
    from pathlib import Path

_ARCHIVES = frozenset({".zip", ".npz", ".skops", ".xlsx", ".docx", ".pptx", ".whl"})
# Office documents say in this member when they were written.
_TIMED_MEMBERS = frozenset({"docProps/core.xml"})
_LOOKED_INTO = _ARCHIVES | {".gz", ".ipynb"}
_SKOPS_SCHEMA = "schema.json"
_CHUNK = 1 << 20


def content_digest(path: Path) -> str:
    """Return what identifies what a file says.

    Parameters
    ----------
    path
        The file. Archives, gzip files, skops files and notebooks are looked into; of anything
        else, or of what is not what its name says, all bytes count.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    suffix = path.suffix.lower()
    if path.is_dir() or suffix not in _LOOKED_INTO:
        return digest_file(path)
    try:
        if suffix in _ARCHIVES and zipfile.is_zipfile(path):
            return _archive(path)
        if suffix == ".gz":
            return _gzip(path)
        if suffix == ".ipynb":
            return _notebook(path)
    except (ValueError, KeyError, TypeError, EOFError, zlib.error, gzip.BadGzipFile, RuntimeError):
        pass
    except zipfile.BadZipFile:
        pass
    return digest_file(path)


def is_looked_into(path: Path) -> bool:
    """Whether of such a file not simply all bytes count."""
    return path.suffix.lower() in _LOOKED_INTO


def made(path: Path, root: Path) -> Made:
    """Look at a product that has just been made."""
    digest = digest_file(path)
    content = content_digest(path) if is_looked_into(path) else digest
    return Made(stored_path(path, root), digest, content)


def _archive(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        members = {
            name: _member(archive, name)
            for name in sorted(archive.namelist())
            if name not in _TIMED_MEMBERS
        }
        if _SKOPS_SCHEMA in members and path.suffix.lower() == ".skops":
            schema = json.loads(archive.read(_SKOPS_SCHEMA))
            return _digest(_without_addresses(schema, members, {}))
    return _digest(members)


def _member(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _without_addresses(value: object, members: dict[str, str], seen: dict[object, int]) -> object:
    """Return a skops schema with objects numbered as they appear, and files as what they hold."""
    if isinstance(value, list):
        return [_without_addresses(each, members, seen) for each in value]
    if isinstance(value, dict):
        # Whether two equal texts or numbers are one object says nothing.
        plain = value.get("__loader__") == "JsonNode"
        return {
            key: (0 if plain else seen.setdefault(each, len(seen)))
            if key == "__id__"
            else _without_addresses(each, members, seen)
            for key, each in value.items()
        }
    return members.get(value, value) if isinstance(value, str) else value


def _gzip(path: Path) -> str:
    digest = hashlib.sha256(b"gzip")
    with gzip.open(path) as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _notebook(path: Path) -> str:
    """Digest a notebook without counts, identifiers and times."""
    document = json.loads(path.read_bytes())
    cells = [
        [cell["cell_type"], "".join(cell["source"]), [*map(_output, cell.get("outputs", []))]]
        for cell in document["cells"]
    ]
    return _digest(cells)


def _output(output: dict[str, object]) -> dict[str, object]:
    return {key: each for key, each in output.items() if key not in {"execution_count", "metadata"}}


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
