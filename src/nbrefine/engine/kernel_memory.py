"""What earlier builds have learnt of a project's steps that helps to start their kernels.

It saves time and decides nothing: without it, all is learnt again.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.own_folder import FOLDER, make_own_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FILE = "kernels.json"


class KernelMemory:
    """Remembers by step what its kernel loaded beside what its code imports.

    Parameters
    ----------
    root
        The project's folder.

    Attributes
    ----------
    loaded
        By step, modules of libraries.
    cold
        By step, the digest of the code that needed a kernel of its own.
    unfit
        Modules that cannot be imported ahead of time, with the reason.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._changed = False
        self._stamp = _stamp()
        data = self._read()
        self.loaded: dict[str, list[str]] = dict(data.get("loaded", {}))
        self.cold: dict[str, str] = dict(data.get("cold", {}))
        self.unfit: dict[str, str] = dict(data.get("unfit", {}))

    def learn(self, step: str, modules: Iterable[str], unfit: Mapping[str, str]) -> None:
        """Remember what a step's kernel has loaded."""
        with self._lock:
            known = {*self.loaded.get(step, ())}
            new = [name for name in modules if name not in known and name not in unfit]
            if new or not unfit.keys() <= self.unfit.keys():
                self.loaded[step] = [*self.loaded.get(step, ()), *new]
                self.unfit.update(unfit)
                self._changed = True

    def needs_cold(self, step: str, code: str) -> None:
        """Remember that a step's code has to run in a kernel of its own."""
        with self._lock:
            self.cold[step] = code
            self._changed = True

    def save(self) -> None:
        """Keep it for the next build, if there is anything new."""
        if not self._changed:
            return
        data = {"loaded": self.loaded, "cold": self.cold, "unfit": self.unfit}
        with contextlib.suppress(OSError):  # then it is learnt again
            file = make_own_folder(self._root) / _FILE
            write_atomic(file, json.dumps({"stamp": self._stamp, **data}, separators=(",", ":")))

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads((self._root / FOLDER / _FILE).read_bytes())
            fits = isinstance(data, dict) and data["stamp"] == self._stamp
            named = all(isinstance(data[key], dict) for key in ("loaded", "cold", "unfit"))
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return data if fits and named else {}


def _stamp() -> list[list[str]]:
    """Return what is another one when something was installed."""
    found = [[sys.executable, sys.version]]
    for entry in map(Path, sys.path):
        if entry.name in {"site-packages", "dist-packages"}:
            with contextlib.suppress(OSError):
                found.append([str(entry), str(entry.stat().st_mtime_ns)])
    return found
