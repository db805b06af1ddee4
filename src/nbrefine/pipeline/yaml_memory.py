"""Remembers what YAML files say, so that one that stays the same is not parsed again.

It is plain JSON, goes by the digest of a file's text, and holds only what JSON gives back as it
was: no dates, for one.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.located import Document
from nbrefine.pipeline.own_folder import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

# To be raised when the same text is to be read as something else.
_READING = 1


class YamlMemory:
    """What was read of a project's YAML files.

    Parameters
    ----------
    root
        The project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file = root / FOLDER / "yaml.json"
        self._known = self._load()
        self._is_new = False

    def known(self, file: Path, text: str) -> Document | None:
        """Return what a file says, if its text was read before."""
        with contextlib.suppress(KeyError, TypeError, ValueError):
            digest, value, lines = self._known[str(file)]
            if digest == _digest(text):
                places = {tuple(keys): int(line) for keys, line in lines}
                return Document(file, value, places)
        return None

    def keep(self, document: Document, text: str) -> None:
        """Remember what a file says, if JSON can hold it."""
        if not _is_plain(document.value):
            return
        lines = [[keys, line] for keys, line in document.lines.items() if all(map(_is_step, keys))]
        self._known[str(document.file)] = [
            _digest(text),
            json.loads(json.dumps(document.value)),
            lines,
        ]
        self._is_new = True

    def save(self) -> None:
        """Write what is new, in a project that nbrefine has a folder in."""
        if self._is_new and self._file.parent.is_dir():
            data = {"reading": _READING, "files": self._known}
            with contextlib.suppress(OSError):  # then it is parsed again
                write_atomic(self._file, json.dumps(data, separators=(",", ":")))

    def _load(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(self._file.read_bytes())
            if data["reading"] == _READING:
                return dict(data["files"])
        return {}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_step(key: object) -> bool:
    """Whether a key is one that leads to a value; the reader has others of its own."""
    return type(key) in {str, int}


def _is_plain(value: object) -> bool:
    """Whether JSON gives a value back as it is."""
    if type(value) is dict:
        return all(type(key) is str and _is_plain(part) for key, part in value.items())
    if type(value) is list:
        return all(map(_is_plain, value))
    if type(value) is float:
        return math.isfinite(value)
    return value is None or type(value) in {str, int, bool}
