"""What archives, compressed files and stored models say, without times and addresses."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
import zlib
from typing import TYPE_CHECKING

from nbrefine.files.digest import digest_json

if TYPE_CHECKING:
    from pathlib import Path

# Office documents say in this member when they were written.
_TIMED_MEMBERS = frozenset({"docProps/core.xml"})
_SKOPS_SCHEMA = "schema.json"
_CHUNK = 1 << 20


def archive_content(path: Path) -> str:
    """Digest what the files in an archive say, and their names.

    Parameters
    ----------
    path
        A zip file. Of a skops file, the model's parts are followed instead of their addresses.

    Returns
    -------
    str
        Empty if it is no archive that can be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {
                name: _member(archive, name)
                for name in archive.namelist()
                if name not in _TIMED_MEMBERS
            }
            if path.suffix.lower() == ".skops" and _SKOPS_SCHEMA in members:
                schema = json.loads(archive.read(_SKOPS_SCHEMA))
                return digest_json(_without_addresses(schema, members, {}))
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError):
        return ""
    return digest_json(members)


def gzip_content(path: Path) -> str:
    """Digest what a gzip file holds; empty if it is none."""
    digest = hashlib.sha256(b"gzip")
    if path.stat().st_size == 0:  # this the library would take for one
        return ""
    try:
        with gzip.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except (gzip.BadGzipFile, zlib.error, EOFError):
        return ""
    return digest.hexdigest()


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
