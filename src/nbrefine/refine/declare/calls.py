"""Which of the project's functions the step notebooks call on a frame, and on which one."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_FITS = frozenset({"fit", "fit_transform", "partial_fit"})
# What these return has other columns than what they are called on.
_OTHER_COLUMNS = frozenset(
    {"agg", "assign", "drop", "groupby", "join", "merge", "pivot", "pivot_table", "rename"}
)


@dataclass(frozen=True)
class Called:
    """A call of one of the project's functions, whose result is a frame's new state.

    Parameters
    ----------
    step
        The step's name.
    module, name
        Of the function.
    result
        The variable that holds what it returns.
    others
        What else than the frame it is given, as source.
    """

    step: str
    module: str
    name: str
    result: str
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
    made_of
        By variable, those that it was made of.
    """

    called: list[Called] = field(default_factory=list)
    fitted: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    made_of: dict[str, set[str]] = field(default_factory=dict)

    def behind(self, variables: Iterable[str]) -> set[str]:
        """Return variables, and all that they were made of, near or far."""
        found, waiting = set(), [*variables]
        while waiting:
            if (variable := waiting.pop()) not in found:
                found.add(variable)
                waiting += self.made_of.get(variable, ())
        return found


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
            # A cell that Python cannot read fails, or was never run.
            continue


class _Reader:
    """Reads the statements of one step."""

    def __init__(self, step: str, packages: frozenset[str], found: Calls) -> None:
        self._step, self._packages, self._found = step, packages, found
        self._functions: dict[str, tuple[str, str]] = {}
        self._lists: dict[str, tuple[str, ...]] = {}
        # The columns that were chosen for a frame: ``X = df[features]``, and what is split off it.
        self._chosen: dict[str, tuple[str, ...]] = {}
        # Names that hold modules and what was imported of them: no frames.
        self._imported: set[str] = set()

    def read(self, node: ast.stmt) -> None:
        """Read a statement: imports, calls, and which frame is made of which."""
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._imports(node)
            return
        self._fits(node)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            self._assigned(node.targets[0], node.value)

    def _imports(self, node: ast.Import | ast.ImportFrom) -> None:
        names = {each.asname or each.name.partition(".")[0]: each.name for each in node.names}
        self._imported |= {*names}
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if module.partition(".")[0] in self._packages:
            self._functions |= {own: (module, name) for own, name in names.items()}

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            whole = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
            values = value.elts if isinstance(value, ast.Tuple) and whole else None
            for place, each in enumerate(target.elts):
                self._assigned(each, values[place] if values else value)
            return
        if not isinstance(target, ast.Name):
            return
        if (texts := _texts(value, self._lists)) is not None:
            self._lists[target.id] = texts
            return
        if (call := self._own_call(target.id, value)) is not None:
            self._found.called.append(call)
        if columns := self._columns(value):
            self._chosen[target.id] = columns
        else:
            self._chosen.pop(target.id, None)
        if (earlier := self._frame(value)) is not None:
            self._found.made_of.setdefault(target.id, set()).add(earlier)

    def _own_call(self, result: str, value: ast.expr) -> Called | None:
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Name):
            return None
        known = self._functions.get(value.func.id)
        if known is None or not value.args or self._frame(value) is None:
            return None
        others = (*value.args[1:], *(each.value for each in value.keywords))
        return Called(self._step, *known, result, tuple(map(ast.unparse, others)))

    def _frame(self, value: ast.expr) -> str | None:
        """Return the variable that an expression makes something of, as ``df[rows].copy()``."""
        while not isinstance(value, ast.Name):
            if isinstance(value, ast.Call):
                function = value.func
                owner = function.value if isinstance(function, ast.Attribute) else None
                foreign = owner is None or _is_one_of(owner, self._imported)
                if foreign and not value.args:
                    return None
                value = value.args[0] if foreign else function
            elif isinstance(value, ast.BinOp):
                value = value.left
            elif isinstance(value, ast.Attribute | ast.Subscript):
                value = value.value
            elif isinstance(value, ast.List | ast.Tuple) and value.elts:
                value = value.elts[0]
            else:
                return None
        return None if value.id in self._imported else value.id

    def _columns(self, value: ast.expr) -> tuple[str, ...]:
        """Return the columns that a frame was given by a list; empty where that is not known."""
        if isinstance(value, ast.Subscript) and (texts := _texts(value.slice, self._lists)):
            return texts
        methods = (
            each.func.attr
            for each in ast.walk(value)
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
        )
        if not _OTHER_COLUMNS.isdisjoint(methods):
            return ()
        return self._chosen.get(self._frame(value) or "", ())

    def _fits(self, node: ast.stmt) -> None:
        for each in ast.walk(node):
            if (
                isinstance(each, ast.Call)
                and isinstance(each.func, ast.Attribute)
                and each.func.attr in _FITS
                and each.args
            ):
                given = each.args[0]
                if (name := self._frame(given)) is not None:
                    self._found.fitted.append((name, self._columns(given)))


def _texts(node: ast.expr, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return the texts of a list that is written out, or has such a list's name."""
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if not isinstance(node, ast.List):
        return None
    texts = [each.value for each in node.elts if isinstance(each, ast.Constant)]
    whole = len(texts) == len(node.elts) and all(isinstance(each, str) for each in texts)
    return tuple(map(str, texts)) if whole and texts else None


def _is_one_of(node: ast.expr, names: set[str]) -> bool:
    """Tell whether an expression is a name, or begins with it: ``np.random``."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in names
