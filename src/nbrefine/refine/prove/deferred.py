"""Runs a module as ``python -m`` does, with imports put off that Ploomber and nbformat seldom use.

Half of what ``ploomber build`` takes to start goes there. Nothing else changes: what is put off is
imported when somebody looks into it.
"""

from __future__ import annotations

import importlib
import runpy
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

# Plots of an engine's own, tables and databases as products.
_SELDOM_USED = frozenset({"ploomber_engine.profiling", "pandas", "sqlalchemy"})
# jsonschema takes a function from it while it is imported itself; a grammar is compiled for that.
_GRAMMAR = "rfc3987_syntax"


class _Lazily(MetaPathFinder):
    """Finds some modules such that they are run when an attribute is asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module, if it is one of those."""
        if fullname not in _SELDOM_USED:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


def defer_imports() -> None:
    """Have the imports of this process put off, from now on."""
    sys.meta_path.insert(0, _Lazily())
    if PathFinder.find_spec(_GRAMMAR) is not None:
        stand_in = ModuleType(_GRAMMAR)
        vars(stand_in)["is_valid_syntax"] = _is_valid_syntax
        sys.modules[_GRAMMAR] = stand_in


def _is_valid_syntax(term: str, value: str) -> bool:
    """Ask the module that the stand-in stands for."""
    if not hasattr(sys.modules[_GRAMMAR], "__file__"):
        del sys.modules[_GRAMMAR]
    return bool(importlib.import_module(_GRAMMAR).is_valid_syntax(term, value))


if __name__ == "__main__":
    defer_imports()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
