"""Which distribution a module comes from, and its version, looked up without importing it."""

from __future__ import annotations

import contextlib
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterator


# Whatever is installed later shows in the times of the folders, if these are older than this.
_SETTLED_NS = 2 * 10**9


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
    from importlib import metadata  # noqa: PLC0415  (takes longer than all else in a look)

    return {
        module: {name: metadata.version(name) for name in sorted(set(names))}
        for module, names in metadata.packages_distributions().items()
    }
