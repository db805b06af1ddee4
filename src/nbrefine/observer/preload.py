"""Imports libraries ahead of time, and sees what each import does beside defining names.

Python loads every module through one function of importlib, also those that extensions ask for.
While that function is replaced, it is known which module is being loaded: what happens meanwhile
is its doing.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib
import os
import sys
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

_bootstrap: Any = getattr(importlib, "_bootstrap", None)


class Preload:
    """What a process has imported for those that will be forked from it.

    Attributes
    ----------
    loaded
        Modules by name, in the order in which they were ready.
    needs
        By module, the names of those that it asked for while it was loaded.
    filters
        Filters of warnings that imports added, each with the module that did.
    environ
        Environment variables that imports set, None for one that was taken out, with the module.
    asked
        By environment variable, the modules that looked it up while they were loaded.
    asked_all
        Modules that went through all of them.
    draw
        Modules that may have drawn random numbers while they were loaded.
    mains
        Names under which a module put ``__main__`` in place once more.
    unfit
        Why a module has to be loaded in the kernel itself, by its name.
    """

    def __init__(self) -> None:
        self.loaded: dict[str, Any] = {}
        self.needs: dict[str, set[str]] = {}
        self.filters: list[tuple[Any, str]] = []
        self.environ: dict[str, tuple[Any, str]] = {}
        self.asked: dict[str, set[str]] = {}
        self.asked_all: set[str] = set()
        self.draw: set[str] = set()
        self.mains: set[str] = set()
        self.unfit: dict[str, str] = {}
        self._stack: list[str] = []
        self._filters: list[Any] = []
        self._variables: dict[bytes, bytes] = {}
        self._look: Callable[[], str] = str

    @property
    def loading(self) -> str:
        """The module that is being loaded right now."""
        return self._stack[-1] if self._stack else ""

    def blame(self, why: str) -> None:
        """Note that what is being loaded right now cannot be loaded ahead of time."""
        self.unfit.setdefault(self.loading, why)

    def importing(self, names: Iterable[str], look: Callable[[], str]) -> Iterator[str]:
        """Import modules, and give each name when that is done.

        A module that cannot be imported is none of our business: the notebook will tell.

        Parameters
        ----------
        names
            The modules.
        look
            Asked around the loading of each module for what was seen that it may not do.
        """
        self._look = look
        before = dict(sys.modules)
        self._filters, self._variables = list(warnings.filters), dict(_variables())
        scope: dict[str, Any] = {"__name__": "__main__"}
        with self._followed():
            for name in names:
                if not all(part.isidentifier() for part in name.split(".")):
                    continue
                self._stack.append(name)
                with contextlib.suppress(Exception):
                    exec(f"import {name}", scope)  # noqa: S102  (as a cell does)
                self._settle()
                self._stack.pop()
                yield name
        self._take_over(before)

    def closure(self, name: str, there: AbstractSet[str] = frozenset()) -> set[str]:
        """Return a module and all that came with it, but for what cannot be imported.

        Parameters
        ----------
        name
            The module.
        there
            Modules that are left out, each with all that came with it.
        """
        found, left = {name}, [name]
        while left:
            new = self.needs.get(left.pop(), set()) - found - there
            found |= new
            left += new
        return found & self.loaded.keys()

    @contextlib.contextmanager
    def _followed(self) -> Iterator[None]:
        load, find = _bootstrap._load_unlocked, builtins.__import__
        environ: Any = os.environ
        plain = environ._data

        def loading(spec: Any) -> Any:
            self._need(spec.name)
            self._settle()
            self._stack.append(spec.name)
            self.needs.setdefault(spec.name, set())
            try:
                module = load(spec)
                self._ready(spec.name, module)
            finally:
                self._settle()
                self._stack.pop()
                if spec.name not in self.loaded:  # it failed, and what it had brought stays
                    self._need(*self.needs.pop(spec.name))
                    if why := self.unfit.get(spec.name):  # so does what it had begun
                        self.blame(why)
            return module

        def follow(
            name: str,
            globals: Any = None,  # noqa: A002  (Python calls it so)
            locals: Any = None,  # noqa: A002
            fromlist: Any = (),
            level: int = 0,
        ) -> Any:
            module = find(name, globals, locals, fromlist, level)
            if self._stack:
                full = name
                if level:
                    package = _bootstrap._calc___package__(globals)
                    full = _bootstrap._resolve_name(name, package, level)
                self._need(full, *(f"{full}.{each}" for each in fromlist or ()))
            return module

        for each in (loading, follow):
            # Warnings are meant for whoever imports: frames of importlib are passed over.
            each.__code__ = each.__code__.replace(co_filename="<frozen importlib._bootstrap>")
        _bootstrap._load_unlocked, builtins.__import__ = loading, follow
        environ._data = _Asked(plain, self)
        try:
            yield
        finally:
            _bootstrap._load_unlocked, builtins.__import__ = load, find
            plain.clear()
            plain.update(environ._data)
            environ._data = plain

    def _need(self, *names: str) -> None:
        if self._stack:
            mine = self.needs.setdefault(self._stack[-1], set())
            mine.update(names)
            for name in names:
                mine.update(_parents(name))

    def _ready(self, name: str, module: Any) -> None:
        self.loaded[name] = module
        # Extensions ask for modules without a word to Python's code.
        for value in list(vars(module).values()) if isinstance(module, ModuleType) else ():
            if isinstance(value, ModuleType):
                self._need(value.__name__)

    def _settle(self) -> None:
        """Note whose doing it was what has been seen since the last look."""
        owner = self.loading
        if why := self._look():
            self.blame(why)
        if warnings.filters != self._filters:
            known = [each for each, _ in self.filters]
            for each in reversed(warnings.filters):
                if each not in self._filters and each not in known:
                    self.filters.append((each, owner))
            self._filters = list(warnings.filters)
        variables = _variables()
        if variables != self._variables:
            for key in variables.keys() | self._variables.keys():
                if variables.get(key) != self._variables.get(key):
                    value = variables.get(key)
                    text = None if value is None else os.fsdecode(value)
                    self.environ[os.fsdecode(key)] = (text, owner)
            self._variables = dict(variables)

    def _take_over(self, before: dict[str, Any]) -> None:
        """Note modules that others have put into place, and those that put others in their own."""
        for name, module in sys.modules.items():
            if name in before or module is None:
                continue
            if module is before["__main__"]:
                self.mains.add(name)
                continue
            if name not in self.loaded:
                parent = name.rpartition(".")[0]
                self.needs.setdefault(parent, set()).add(name)
            self.loaded[name] = module
        for name in [*self.loaded]:
            if name not in sys.modules:
                del self.loaded[name]
        self.filters = [each for each in self.filters if each[0] in warnings.filters]


class _Asked(dict[bytes, bytes]):
    """Stands in for what ``os.environ`` keeps its variables in, and notes what is looked up."""

    def __init__(self, plain: dict[bytes, bytes], preload: Preload) -> None:
        super().__init__(plain)
        self._preload = preload

    def __getitem__(self, key: bytes) -> bytes:
        self._preload.asked.setdefault(os.fsdecode(key), set()).add(self._preload.loading)
        return super().__getitem__(key)

    def __iter__(self) -> Any:
        self._preload.asked_all.add(self._preload.loading)
        return super().__iter__()


def _variables() -> dict[bytes, bytes]:
    environ: Any = os.environ
    data: dict[bytes, bytes] = environ._data
    return data


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def can_follow() -> bool:
    """Return whether this Python loads modules the way that is known here."""
    names = ("_load_unlocked", "_calc___package__", "_resolve_name")
    return all(hasattr(_bootstrap, name) for name in names)
