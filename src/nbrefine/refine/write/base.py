"""What refine wrote, kept with the project: what a later update is measured by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.errors import InputError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from nbrefine.refine.options import Options

__all__ = ["BASE", "Base", "digest_of", "read_base", "remember_base"]

BASE = ".nbrefine/base.json"
# What is asked for again, unless the user asks for something else; no paths of this machine.
_OPTIONS = (
    *("steps", "runs", "static", "prove", "timeout", "kernel", "copy_data", "tests", "baselines"),
)

# Large, and never merged but as a whole: baselines with their pictures, fixtures.
_WHOLE = ("tests/notebooks/", "tests/fixtures/")


@dataclass(frozen=True)
class Base:
    """What refine wrote.

    Parameters
    ----------
    cells
        The notebook's code cells that are not empty, in their order.
    options
        What was asked for.
    texts
        Path relative to the project's root, and text of each file.
    digests
        The same for files that are no texts, or large, with the SHA-256 of what is in them.
    """

    cells: tuple[str, ...]
    options: Mapping[str, Any]
    texts: Mapping[str, str]
    digests: Mapping[str, str]

    @property
    def paths(self) -> frozenset[str]:
        """All files."""
        return frozenset({*self.texts, *self.digests})

    def holds(self, path: str, content: bytes | None) -> bool:
        """Whether a file is as refine wrote it, or was not written."""
        if content is None:
            return path not in self.paths
        if path in self.texts:
            return self.texts[path].encode() == content
        return self.digests.get(path) == digest_of(content)


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(content).hexdigest()


def remember_base(root: Path, cells: Sequence[str], options: Options, paths: Iterable[str]) -> None:
    """Keep what was written.

    Parameters
    ----------
    root
        The project's folder.
    cells
        The notebook's code cells that are not empty.
    options
        What was asked for.
    paths
        The files that refine has written, relative to the root.
    """
    texts: dict[str, str] = {}
    digests: dict[str, str] = {}
    for path in sorted(paths):
        content = (root / path).read_bytes()
        try:
            text = None if path.startswith(_WHOLE) else content.decode()
        except UnicodeDecodeError:
            text = None
        if text is None:
            digests[path] = digest_of(content)
        else:
            texts[path] = text
    note = {
        "cells": list(cells),
        "options": {name: getattr(options, name) for name in _OPTIONS},
        "texts": texts,
        "digests": digests,
    }
    write_atomic(root / BASE, json.dumps(note, indent=1, sort_keys=True) + "\n")


def read_base(root: Path) -> Base:
    """Read what was written.

    Parameters
    ----------
    root
        The project's folder.

    Raises
    ------
    InputError
        If nothing says so, or it cannot be read.
    """
    file = root / BASE
    try:
        said = json.loads(file.read_text("utf-8"))
        return Base(tuple(said["cells"]), said["options"], said["texts"], said["digests"])
    except FileNotFoundError:
        message = "Nothing says what refine wrote here."
    except (ValueError, KeyError, TypeError):
        message = "What refine wrote here cannot be read."
    raise InputError(
        message,
        where=Place(shown(file)),
        hint="An update needs a project that this version of nbrefine refine has written.",
    )
