"""Where a walk over code is: in which scope, on which path, and what it has found."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbrefine.analysis.scope import MODULE, Scope
from nbrefine.analysis.sink import Path, Sink, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Tracker(ast.NodeVisitor):
    """Gathers in `sink` how code uses global names.

    Code that runs now is walked with `path`, which knows what has surely been bound before; code
    that may run at any later time (`lazy`) is walked without.
    """

    def __init__(self) -> None:
        self.sink = Sink()
        self.scope: Scope = MODULE
        self.path = Path()
        self.lazy = False
        # What functions do that the cell defines: done again wherever one is mentioned.
        self.pending: dict[object, list[Sink]] = {}
        # Names that lambdas, generators and texts of the present statement look up later.
        self.captured: set[str] = set()

    def read(self, name: str) -> None:
        """Note that a name is read here."""
        key = self._key(name)
        for sink in self.pending.get(key, ()):
            self.run_pending(sink)
        if key in self.path.done and key != name:
            return
        if not self.scope.is_global(name):
            return
        self.sink.global_names.add(name)
        if self.lazy or name not in self.path.done:
            self.sink.reads.add(name)
        if key != name:
            for sink in self.pending.get(name, ()):
                self.run_pending(sink)

    def store(self, name: str) -> None:
        """Note that a name is bound here."""
        if self.scope.kind == "comprehension":
            return
        if self.scope.binds_global(name):
            self.sink.global_names.add(name)
            self.sink.binds.add(name)
            self.path.gone.discard(name)
            if not self.lazy:
                self.path.done.add(name)
        elif self.scope.kind == "class" and name in self.scope.local:
            self.path.done.add((self.scope, name))

    def delete(self, name: str) -> None:
        """Note that a name is deleted here, for which it has to be there."""
        if self.scope.binds_global(name):
            self.read(name)
            self.sink.may_delete.add(name)
            if not self.lazy:
                self.path.done.add(name)
                self.path.gone.add(name)

    def mention(self, candidates: Iterable[str]) -> None:
        """Note words that may be variables, in a text that is evaluated here or later."""
        for name in sorted(candidates):
            self.captured.add(name)
            if self.scope.is_global(name) and (self.lazy or name not in self.path.done):
                self.sink.string_names.add(name)
            for sink in self.pending.get(name, ()):
                self.run_pending(sink)

    def run_pending(self, sink: Sink) -> None:
        """Note what a function does, and all those that it calls, as it may be called here."""
        todo, seen = [sink], {id(self.sink)}
        while todo:
            each = todo.pop()
            if id(each) in seen:
                continue
            seen.add(id(each))
            self.sink.reads |= each.reads - self.path.done
            self.sink.string_names |= each.string_names - self.path.done
            self.sink.take(each)
            self.path.gone -= each.binds
            for name in each.reads | each.string_names:
                todo += self.pending.get(name, ())

    def read_global(self, name: str) -> None:
        """Note that a name is read from the globals, whatever the scope."""
        with self.within(MODULE):
            self.read(name)

    def _key(self, name: str) -> object:
        own = self.scope.kind == "class" and name in self.scope.local
        return (self.scope, name) if own else name

    @property
    def in_function(self) -> bool:
        """Whether a function's body is walked."""
        scope: Scope | None = self.scope
        while scope is not None and scope.kind != "function":
            scope = scope.parent
        return scope is not None

    def changes(self, names: Iterable[str], *, surely: bool) -> None:
        """Note that the objects of some names are changed, or may be."""
        for name in names:
            self.sink.touched.add(name)
            if self.scope.is_global(name) and self._key(name) == name:
                self.sink.global_names.add(name)
                (self.sink.mutates if surely else self.sink.may_mutate).add(name)

    @contextmanager
    def within(self, scope: Scope) -> Iterator[None]:
        """Walk something in another scope."""
        outside, self.scope = self.scope, scope
        yield
        self.scope = outside

    @contextmanager
    def later(self, sink: Sink) -> Iterator[None]:
        """Walk something that runs at any later time, or never."""
        before = self.sink, self.lazy, self.path, self.pending
        self.sink, self.lazy, self.path = sink, True, Path()
        if not before[1]:
            self.pending = {}
        yield
        self.sink, self.lazy, self.path, self.pending = before

    @contextmanager
    def maybe(self) -> Iterator[None]:
        """Walk something that may run or not."""
        before = self.path.copy()
        yield
        self.path = joined(before, self.path)

    def visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        """Visit several nodes."""
        for node in nodes:
            if node is not None:
                self.visit(node)

    def everything(self) -> None:
        """Note that any name may be read and bound here."""
        self.sink.uses_all = True
        self.sink.binds_unknown = True
