"""Remembers what sources say of their steps, so that one that stays the same is not parsed again.

It is plain JSON, and what it says of a source goes by the digest of its bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.own_folder import FOLDER

if TYPE_CHECKING:
    from pathlib import Path

# To be raised when the same source is to be read as something else.
_READING = 1
_MOST = 2000


@dataclass(frozen=True)
class Said:
    """What a notebook, or a script with cells, says.

    Parameters
    ----------
    upstream
        The steps that it builds on; None if it does not say so.
    text
        Digest of the text that Ploomber records of it.
    """

    upstream: tuple[str, ...] | None
    text: str


class SourceMemory:
    """What was read of sources.

    Parameters
    ----------
    root
        The project's folder.
    """

    def __init__(self, root: Path) -> None:
        self._file = root / FOLDER / "sources.json"
        self._known = self._load()
        self._new: dict[str, Said] = {}

    def of(self, source: Path) -> Said | None:
        """Read a source, and return what is known of one with its bytes."""
        with contextlib.suppress(OSError):
            return self.known(source, hashlib.sha256(source.read_bytes()).hexdigest())
        return None

    def known(self, source: Path, digest: str) -> Said | None:
        """Return what is known of a source with a digest of its bytes."""
        return self._known.get(f"{digest}{source.suffix}")

    def keep(self, source: Path, digest: str, said: Said) -> None:
        """Remember what a source with a digest of its bytes says."""
        name = f"{digest}{source.suffix}"
        self._known[name] = self._new[name] = said

    def save(self) -> None:
        """Write what is new; where that cannot be done it is read again next time."""
        if not self._new:
            return
        said = [*{**self._load(), **self._new}.items()][-_MOST:]
        data = {name: [each.upstream, each.text] for name, each in said}
        text = json.dumps({"reading": _READING, "sources": data}, separators=(",", ":"))
        with contextlib.suppress(OSError):
            write_atomic(self._file, text)
            self._new = {}

    def _load(self) -> dict[str, Said]:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            data = json.loads(self._file.read_bytes())
            if data["reading"] == _READING:
                return {name: _said(*entry) for name, entry in data["sources"].items()}
        return {}


def _said(upstream: object, text: object) -> Said:
    names = upstream if isinstance(upstream, list) else []
    if not (isinstance(text, str) and all(isinstance(name, str) for name in names)):
        raise TypeError
    return Said(None if upstream is None else tuple(names), text)
