"""Keeps modules that were imported ahead of time out of sight until a notebook asks for them.

To a notebook they are not there: neither in ``sys.modules``, nor as attributes of packages, nor by
their filters of warnings. When it imports one, that one and what comes with it are put back in the
order in which they were loaded, with all that loading them had done.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any, Callable

from .effects import random_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .preload import Preload
    from .stand_in import StandInStream

# Native libraries look these up when they are loaded, and nobody sees it.
_NATIVE = (
    "OMP_", "GOMP_", "KMP_", "OPENBLAS_", "GOTO_", "MKL_", "BLIS_", "VECLIB_", "ARROW_", "MALLOC_",
    "LD_", "DYLD_", "CUDA_", "NVIDIA_", "TF_", "XLA_", "POLARS_", "RAYON_", "TOKIO_", "DUCKDB_",
)  # fmt: skip


class Hidden:
    """Stands first among the finders of modules.

    Parameters
    ----------
    preload
        What was imported.
    streams
        What stood for the standard output and error meanwhile.
    refuse
        Called with the reason where a module would be another one if it were loaded now.
    """

    def __init__(
        self,
        preload: Preload,
        streams: Sequence[StandInStream],
        refuse: Callable[[str], None],
    ) -> None:
        self._preload, self._streams, self._refuse = preload, streams, refuse
        self._left = dict(preload.loaded)
        self._position = {name: index for index, name in enumerate(self._left)}
        self._brought: set[str] = set()
        self._lock = threading.RLock()
        self._attributes: set[str] = set()
        self._path = list(sys.path)
        self._environ: dict[str, str] = {}
        self._folder, self._judges = "", False
        self._random: dict[str, Any] = {}

    def hide(self) -> None:
        """Put the modules out of sight, in the process that is to be like a fresh one."""
        for name, module in self._left.items():
            sys.modules.pop(name, None)
            parent, _, attribute = name.rpartition(".")
            if parent:
                holder = self._left.get(parent) or sys.modules.get(parent)
                names = getattr(holder, "__dict__", {})
                if names.get(attribute) is module:
                    del names[attribute]
                    self._attributes.add(name)
        for name in self._preload.mains:
            del sys.modules[name]
        finder: Any = self
        sys.meta_path.insert(0, finder)
        added = [each for each, _ in self._preload.filters]
        warnings.filters[:] = [each for each in warnings.filters if each not in added]  # type: ignore[index]
        _filters_changed()

    def begin(self, environ: dict[str, str]) -> None:
        """Take note of the process as it is when a notebook's first cell runs.

        Parameters
        ----------
        environ
            The variables that there were while the modules were imported.
        """
        self._environ, self._folder, self._random = environ, os.getcwd(), random_states()
        self._judges = True

    def find_spec(self, name: str, path: Any = None, _: Any = None) -> Any:
        """Find a module that is kept; what is not is left to the other finders."""
        del path
        if name not in self._left:
            return None
        loader: Any = _Loader(self)
        real = getattr(self._left[name], "__spec__", None)
        spec = ModuleSpec(name, loader, origin=getattr(real, "origin", None))
        spec.submodule_search_locations = getattr(real, "submodule_search_locations", None)
        return spec

    def bring_back(self, wanted: str) -> None:
        """Put a module, and what came with it, into place as loading them would have."""
        with self._lock:
            found = self._preload.closure(wanted, self._brought)
            # In the order in which they were ready.
            names = sorted(found & self._left.keys(), key=self._position.__getitem__)
            if self._judges and (why := self._difference(names)):
                # Who shows the error may have to import something.
                self._judges = False
                self._refuse(f"{wanted} was loaded ahead of time, and {why}.")
            self._put_into_place(wanted, names)
        # Whoever follows imports sees those that this one brought.
        sys.audit("import", wanted, None, sys.path, sys.meta_path, sys.path_hooks)

    def _put_into_place(self, wanted: str, names: list[str]) -> None:
        for stand_in, stream in zip(self._streams, (sys.stdout, sys.stderr)):
            stand_in.become(stream)
        self._streams = ()
        modules = {name: self._left.pop(name) for name in names}
        self._brought.update(modules)
        sys.modules.update(modules)
        for name in self._attributes.intersection(modules) - {wanted}:  # that one Python binds
            parent, _, attribute = name.rpartition(".")
            setattr(sys.modules[parent], attribute, modules[name])
        if "multiprocessing" in names:  # it is the one that does so
            sys.modules.update(dict.fromkeys(self._preload.mains, sys.modules["__main__"]))
        # Another thread may have brought it back in between.
        sys.modules[wanted] = self._preload.loaded[wanted]
        self._repeat(set(names))

    def _repeat(self, names: set[str]) -> None:
        """Do again what loading the modules did to the filters and to the environment."""
        for each, owner in self._preload.filters:
            if owner in names:
                if each in warnings.filters:
                    warnings.filters.remove(each)  # type: ignore[attr-defined]
                warnings.filters.insert(0, each)  # type: ignore[attr-defined]
        _filters_changed()
        for key, (value, owner) in self._preload.environ.items():
            if owner in names and os.environ.get(key) == self._environ.get(key):
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value

    def _difference(self, names: list[str]) -> str:
        """Say why the modules would be others if they were loaded now; empty if they would not."""
        now, then = dict(os.environ), self._environ
        for key in sorted(now.keys() | then.keys()):
            if now.get(key) != then.get(key) and self._matters(key, names):
                return f"the environment variable {key} has been changed since"
        if "matplotlib" in names and os.getcwd() != self._folder and os.path.exists("matplotlibrc"):
            return "there is a matplotlibrc in the folder that is the current one now"
        if not self._preload.draw.isdisjoint(names):
            now_random = random_states()
            if any(state != self._random.get(each, state) for each, state in now_random.items()):
                return "random numbers have been seeded or drawn since"
        for top in {name.partition(".")[0] for name in names}:
            if self._is_shadowed(top):
                return f"the import path leads to another {top} now"
        return ""

    def _matters(self, key: str, names: list[str]) -> bool:
        preload = self._preload
        if key in preload.environ:
            return False
        if not preload.asked_all.union(preload.asked.get(key, ())).isdisjoint(names):
            return True
        return key.startswith(_NATIVE) and any(self._is_native(name) for name in names)

    def _is_native(self, name: str) -> bool:
        file = str(getattr(self._preload.loaded[name], "__file__", ""))
        return file.endswith(tuple(EXTENSION_SUFFIXES)) and "site-packages" in file

    def _is_shadowed(self, top: str) -> bool:
        module = self._preload.loaded.get(top)
        origin = getattr(getattr(module, "__spec__", None), "origin", None)
        if not origin or not os.path.isabs(origin):
            return False
        new = [each for each in sys.path if each not in self._path]
        gone = [each for each in self._path if each not in sys.path]
        if not gone and PathFinder.find_spec(top, new) is None:
            return False
        found = PathFinder.find_spec(top)
        return found is None or found.origin != origin


class _Loader:
    """Brings back what is hidden, where importlib loads a module."""

    def __init__(self, hidden: Hidden) -> None:
        self._hidden = hidden

    def create_module(self, _: ModuleSpec) -> None:
        """Leave it to Python; what it makes is replaced at once."""

    def exec_module(self, module: Any) -> None:
        """Put the module that is kept in place of the one that was made."""
        self._hidden.bring_back(module.__name__)


def _filters_changed() -> None:
    mutated: Any = getattr(warnings, "_filters_mutated", None) or getattr(
        warnings, "_filters_mutated_lock_held", None
    )
    if mutated is not None:
        mutated()
