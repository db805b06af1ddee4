"""Which distribution a module comes from, and its version, looked up without importing it."""

from __future__ import annotations

import contextlib
import json
import re
import sys
import time
from importlib.machinery import all_suffixes
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import Distribution


# Whatever is installed later shows in the times of the folders, if these are older than this.
_SETTLED_NS = 2 * 10**9
_OF_MODULES = tuple(all_suffixes())


class Distributions:
    """The installed distributions.

    Parameters
    ----------
    file
        Where to keep what was found until something is installed; None for nowhere.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._stamp = [*_stamp()]
        self._known = self._load()

    def versions(self, module: str) -> dict[str, str]:
        """Return the distributions that a top-level module comes from, with their versions.

        Parameters
        ----------
        module
            Its name; of a namespace package there may be several.
        """
        if self._known is None:
            self._known = _installed()
            self._save()
        return self._known.get(module, {})

    def _load(self) -> dict[str, dict[str, str]] | None:
        if self._file is None:
            return None
        try:
            data = json.loads(self._file.read_bytes())
            known = data["modules"] if data["stamp"] == [*map(list, self._stamp)] else None
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return known if isinstance(known, dict) else None

    def _save(self) -> None:
        if self._file is not None and _is_settled(self._stamp):
            with contextlib.suppress(OSError):  # then it is looked up again
                data = {"stamp": self._stamp, "modules": self._known}
                write_atomic(self._file, json.dumps(data, separators=(",", ":")))


def _stamp() -> Iterator[tuple[str, int]]:
    """Return what changes when something is installed: the times of the folders it goes to."""
    for entry in sys.path:
        # What is put elsewhere has no record of what it is.
        if Path(entry).name in {"site-packages", "dist-packages"}:
            with contextlib.suppress(OSError):
                yield entry, Path(entry).stat().st_mtime_ns


def _is_settled(stamp: list[tuple[str, int]]) -> bool:
    return all(changed + _SETTLED_NS < time.time_ns() for _, changed in stamp)


def _installed() -> dict[str, dict[str, str]]:
    """Look through what is installed, as ``importlib.metadata.packages_distributions`` does.

    That one parses the whole of each record and description, which takes longer than planning a
    build of ten steps.
    """
    from importlib import metadata  # noqa: PLC0415  (not needed where the answer is remembered)

    found: dict[str, dict[str, str]] = {}
    for distribution in metadata.distributions():
        said = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
        name, version = (_header(said, key) for key in ("Name", "Version"))
        for module in _modules(distribution) if name and version else ():
            # The first on the path is the one that is imported.
            found.setdefault(module, {}).setdefault(name, version)
    return {module: dict(sorted(names.items())) for module, names in found.items()}


def _header(said: str, key: str) -> str:
    """Return a field of a distribution's description, which are all above its first empty line."""
    found = re.search(rf"^(?:{key}: *([^\r\n]*)|$)", said, re.MULTILINE)
    return (found[1] or "").strip() if found else ""


def _modules(distribution: Distribution) -> set[str]:
    """Return the top-level modules of a distribution, as it declares them or as its files say."""
    if declared := (distribution.read_text("top_level.txt") or "").split():
        return {*declared}
    found = set()
    for line in (distribution.read_text("RECORD") or "").splitlines():
        path = line.lstrip('"').partition(",")[0]
        top, slash, _ = path.partition("/")
        if path.endswith(_OF_MODULES):
            found.add(top if slash else top.partition(".")[0])
    return {name for name in found if name.isidentifier()}
