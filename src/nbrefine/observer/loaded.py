"""Calls back right after modules were loaded, before anything in them is used."""

from __future__ import annotations

import contextlib
import sys
from importlib.machinery import PathFinder
from typing import Any, Callable


class AfterLoading:
    """A finder that is asked for modules while one package is imported, and then goes away.

    Parameters
    ----------
    package
        When it is about to be imported, the finder takes its place.
    modules
        Modules of the package after whose loading to call back.
    call
        What to call.
    """

    def __init__(self, package: str, modules: tuple[str, ...], call: Callable[[], None]) -> None:
        self._package, self._call = package, call
        self._left = set(modules)

    def about_to_import(self, name: str) -> None:
        """Take place if it is the package that is about to be imported."""
        if name == self._package and self._left and self not in sys.meta_path:
            finder: Any = self
            sys.meta_path.insert(0, finder)

    def find_spec(self, name: str, path: Any, _: Any = None) -> Any:
        """Find a module as Python does, and call back when it has been loaded."""
        if name not in self._left:
            return None
        self._left.discard(name)
        if not self._left:
            finder: Any = self
            sys.meta_path.remove(finder)
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return None
        loader: Any = spec.loader
        load = loader.exec_module

        def exec_module(module: Any) -> None:
            del loader.exec_module  # this once
            load(module)
            with contextlib.suppress(Exception):  # what we miss must not be the user's trouble
                self._call()

        loader.exec_module = exec_module
        return spec
