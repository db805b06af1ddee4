"""Which of the project's functions the step notebooks call on a frame, and on which one."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FITS = frozenset({"fit", "fit_transform", "partial_fit"})


@dataclass(frozen=True)
class Called:
    """A call of one of the project's functions, whose result is a frame's new state.

    Parameters
    ----------
    step
        The step's name.
    module, name
        Of the function.
    frame
        The variable that goes in.
    others
        What else it is given, as source.
    """

    step: str
    module: str
    name: str
    frame: str
    others: tuple[str, ...] = ()


@dataclass
class Calls:
    """What the steps do with frames, in the order in which they run.

    Attributes
    ----------
    called
        The calls.
    fitted
        The variables that estimators are fitted on, and the columns, where they are written out.
    """

    called: list[Called] = field(default_factory=list)
    fitted: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    _of: dict[str, str] = field(default_factory=dict)

    def chain(self, variable: str) -> str:
        """Return the variable that a frame was called first, whatever it is called later."""
        while (earlier := self._of.get(variable, variable)) != variable:
            variable = earlier
        return variable

    def follow(self, later: str, earlier: str) -> None:
        """Note that a variable holds what was made of another one."""
        first, second = self.chain(earlier), self.chain(later)
        if first != second:
            self._of[second] = first


def calls_of(steps: Iterable[tuple[str, list[str]]], packages: Iterable[str]) -> Calls:
    """Find the calls.

    Parameters
    ----------
    steps
        By name the code of each step's cells, in the order in which they run.
    packages
        The project's packages.

    Returns
    -------
    Calls
        What is called on which frame.
    """
    found, own = Calls(), frozenset(packages)
    for name, cells in steps:
        reader = _Reader(name, own, found)
        for statement in _statements(cells):
            reader.read(statement)
    return found


def _statements(cells: Iterable[str]) -> Iterator[ast.stmt]:
    for text in cells:
        try:
            yield from ast.parse(text).body
        except SyntaxError:
            # A cell of magics transforms no frame.
            continue


class _Reader:
    """Reads the statements of one step."""

    def __init__(self, step: str, packages: frozenset[str], found: Calls) -> None:
        self._step, self._packages, self._found = step, packages, found
        self._functions: dict[str, tuple[str, str]] = {}
        self._lists: dict[str, tuple[str, ...]] = {}

    def read(self, node: ast.stmt) -> None:
        """Read a statement: imports, calls, and which frame is made of which."""
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module.partition(".")[0] in self._packages:
                self._functions |= {
                    each.asname or each.name: (node.module, each.name) for each in node.names
                }
            return
        self._fits(node)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assigned(node.targets[0], node.value)

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name):
            return
        if (texts := _texts(value, self._lists)) is not None:
            self._lists[target.id] = texts
        elif (call := self._own_call(value)) is not None:
            self._found.called.append(call)
            self._found.follow(target.id, call.frame)
        elif (earlier := _first_name(value)) is not None:
            self._found.follow(target.id, earlier)

    def _own_call(self, value: ast.expr) -> Called | None:
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
            return None
        known = self._functions.get(value.func.id)
        if known is None or not value.args or not isinstance(value.args[0], ast.Name):
            return None
        others = (*value.args[1:], *(each.value for each in value.keywords))
        texts = tuple(map(ast.unparse, others))
        return Called(self._step, *known, value.args[0].id, texts)

    def _fits(self, node: ast.stmt) -> None:
        for each in ast.walk(node):
            if (
                isinstance(each, ast.Call)
                and isinstance(each.func, ast.Attribute)
                and each.func.attr in _FITS
                and each.args
            ):
                given, columns = each.args[0], ()
                if isinstance(given, ast.Subscript):
                    columns = _texts(given.slice, self._lists) or ()
                if (name := _first_name(given)) is not None:
                    self._found.fitted.append((name, columns))


def _texts(node: ast.expr, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the texts of a list that is written out, or has such a list's name."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if not isinstance(node, ast.List):
        return None
    texts = [each.value for each in node.elts if isinstance(each, ast.Constant)]
    whole = len(texts) == len(node.elts) and all(isinstance(each, str) for each in texts)
    return tuple(map(str, texts)) if whole and texts else None


def _first_name(value: ast.expr) -> str | None:
    """Return the variable that an expression begins with, as in ``flats[rows].copy()``."""
    while isinstance(value, ast.Call | ast.Attribute | ast.Subscript):
        value = value.func if isinstance(value, ast.Call) else value.value
    return value.id if isinstance(value, ast.Name) else None
