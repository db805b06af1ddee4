"""The names of the code while it is read, and what flows into everything that is written."""

from __future__ import annotations

import ast
import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.transforms import tables
from nbrefine.transforms.model import Cause
from nbrefine.transforms.values import CONST, Function, Shape, Value, combine, first, tainted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Arguments", "State"]

DEPTH = 8  # calls within calls that are followed


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call."""

    positional: tuple[Value, ...] = ()
    keywords: Mapping[str, Value] = field(default_factory=dict)

    def get(self, name: str, place: int | None = None) -> Value | None:
        """Return an argument by its name, or by its place from 0."""
        if name in self.keywords:
            return self.keywords[name]
        if place is not None and place < len(self.positional):
            return self.positional[place]
        return None

    def literal(self, name: str, place: int | None = None) -> object:
        """Return the Python value of an argument; None where there is none."""
        value = self.get(name, place)
        return None if value is None else value.literal

    def all(self) -> tuple[Value, ...]:
        """Return all values."""
        return (*self.positional, *self.keywords.values())


@dataclass
class State:
    """What is known in one place of the code."""

    source: str
    helpers: Mapping[str, ast.FunctionDef]
    evaluate: Callable[[State, ast.expr], Value]
    run: Callable[[State, Sequence[ast.stmt]], bool]
    call: Callable[[State, Value, Arguments, ast.Call], Value]
    scopes: list[dict[str, Value]] = field(default_factory=lambda: [{}])
    control: list[Value] = field(default_factory=list)
    returns: list[Value] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=lambda: dict(tables.CONVENTIONS))
    changed: set[int] = field(default_factory=set)
    depth: int = 0
    seen: dict[int, Value] = field(default_factory=dict)  # of each expression, by its identity
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def cause(self, node: ast.AST, reason: str, *, columns_only: bool = False) -> Cause:
        """Return a cause at a node of the source."""
        text = ast.get_source_segment(self.source, node) or ast.unparse(node)
        return Cause(getattr(node, "lineno", 0), " ".join(text.split()), reason, columns_only)

    def not_understood(self, node: ast.AST, reason: str) -> Value:
        """Return a value of which nothing is known."""
        return Value(Shape.ROWS, unknown=self.cause(node, reason))

    def statistic(self, node: ast.AST, given: Value, reason: str) -> Value:
        """Return what is computed of all rows at a node."""
        cause = first((given.batch, self.cause(node, f"{reason} over the batch")))
        return Value(Shape.STAT, batch=cause, unknown=given.unknown, doubt=given.doubt)

    def outsider(self) -> Value:
        """Return the value of a name that is defined outside of the code."""
        return Value(refs=frozenset({next(self.numbers)}), foreign=True)

    def lookup(self, name: str) -> Value | None:
        """Return the value of a name; None if the code does not define it."""
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def under_control(self, value: Value) -> Value:
        """Return a value with what decides whether this place is reached at all."""
        for condition in self.control:
            value = tainted(value, condition)
        return value

    def bind(self, name: str, value: Value) -> None:
        """Let a name stand for a value."""
        value = self.under_control(value)
        if not value.refs:
            value = replace(value, refs=frozenset({next(self.numbers)}))
        self.scopes[-1][name] = value

    def change(self, target: ast.expr, value: Value) -> None:
        """Let the object of an expression be changed to a value, under all of its names."""
        root = target
        while isinstance(root, (ast.Subscript, ast.Attribute, ast.Call)):
            root = root.func if isinstance(root, ast.Call) else root.value
        if not isinstance(root, ast.Name):
            return
        held = self.lookup(root.id)
        if held is None:
            return
        self.changed |= held.refs
        value = self.under_control(value)
        whole = value if root is target else tainted(_widened(held, value), value)
        for scope in self.scopes:
            for name, other in scope.items():
                if name == root.id and other is held:
                    scope[name] = replace(whole, refs=held.refs)
                elif other.refs & held.refs:
                    scope[name] = replace(tainted(_widened(other, whole), whole), refs=other.refs)

    def spoil(self, arguments: Arguments, unseen: Value) -> None:
        """Say of all rows that are given to something unseen that it may have changed them."""
        given = {
            ref for value in arguments.all() if value.shape == Shape.ROWS for ref in value.refs
        }
        self.changed |= given
        for scope in self.scopes:
            for name, held in scope.items():
                if held.refs & given:
                    scope[name] = replace(tainted(held, unseen), refs=held.refs)

    @contextmanager
    def controlled(self, *conditions: Value) -> Iterator[None]:
        """Read code that is reached under conditions."""
        before = len(self.control)
        self.control.extend(conditions)
        try:
            yield
        finally:
            del self.control[before:]

    def invoke(
        self, function: Function, arguments: Arguments, node: ast.AST, *, rest: Value | None = None
    ) -> Value:
        """Return what a function of the code gives for some arguments."""
        if self.depth >= DEPTH:
            return self.not_understood(node, "calls are nested too deeply, or recursive")
        outer, returns = self.scopes, self.returns
        local = self._bound(function, arguments, rest)
        self.scopes, self.returns = [*function.scopes, local], []
        self.depth += 1
        try:
            if isinstance(function.node, ast.Lambda):
                return self.evaluate(self, function.node.body)
            marks = len(self.control)
            self.run(self, function.node.body)
            del self.control[marks:]
            result = self.returns or [CONST]
            return result[0] if len(result) == 1 else combine(result)
        finally:
            self.scopes, self.returns = outer, returns
            self.depth -= 1
            self._write_back(local)

    def _bound(
        self, function: Function, arguments: Arguments, rest: Value | None
    ) -> dict[str, Value]:
        """Return the parameters of a function with their values; what is not given is `rest`."""
        spec = function.node.args
        names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
        local: dict[str, Value] = {}
        defaults = dict(zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True))
        defaults |= {
            each.arg: default
            for each, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
            if default is not None
        }
        for name in [*names, *(each.arg for each in spec.kwonlyargs)]:
            place = names.index(name) if name in names else None
            value = arguments.get(name, place)
            if value is None:
                value = rest
            if value is None and name in defaults:
                value = self.evaluate(self, defaults[name])
            local[name] = CONST if value is None else value
        others = combine((*arguments.positional[len(names) :], *arguments.keywords.values()))
        for star in (spec.vararg, spec.kwarg):
            if star is not None:
                local[star.arg] = others
        return {
            name: value if value.refs else replace(value, refs=frozenset({next(self.numbers)}))
            for name, value in local.items()
        }

    def _write_back(self, local: Mapping[str, Value]) -> None:
        """Let callers see what a function did to the objects that it was given."""
        for value in local.values():
            for scope in self.scopes:
                for name, other in scope.items():
                    if other is not value and other.refs & value.refs:
                        changed = self.under_control(tainted(_widened(other, value), value))
                        scope[name] = replace(changed, refs=other.refs)


def _widened(held: Value, value: Value) -> Value:
    """Return a container after a value was put into it."""
    if held.shape != Shape.CONST or value.shape == Shape.CONST:
        return replace(held, literal=CONST.literal, items=None) if held is not value else held
    return combine((held, value))
