"""The function and class definitions of step notebooks, each once."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeGuard

from nbrefine.refine.extract.cells import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.cells import CodeCell, Statement

Key = tuple[str, str]
"""Name and text of a definition."""

# What looks at the names around it, or at the file that it stands in.
_LOOKING = frozenset({"eval", "exec", "globals", "__name__", "__file__", "_getframe"})
_FRAMES = frozenset({"inspect.currentframe", "inspect.stack", "inspect.getouterframes"})
_BUILT_IN = frozenset(dir(builtins)) - _LOOKING
# What of IPython's shell works on the notebook's own names.
_SHELL = frozenset(
    {"user_ns", "user_global_ns", "ev", "ex", "push", "run_cell", "run_cell_magic"}
    | {"run_line_magic", "magic", "history_manager"}
)


@dataclass(frozen=True)
class Occurrence:
    """A place where a definition stands in a notebook."""

    namespace: Namespace
    cell: CodeCell
    statement: Statement


@dataclass(frozen=True)
class Definition:
    """A function or a class, wherever steps define it with the same text.

    Parameters
    ----------
    name
        Its name.
    places
        Where it stands, in the order of the notebooks; the first is where it was written, as far
        as the notebooks tell.
    reads, eager
        Global names that it may read; those of them that it reads when it is defined.
    binds
        Global names that it rebinds when it is called.
    """

    name: str
    places: tuple[Occurrence, ...] = field(hash=False)
    reads: frozenset[str]
    eager: frozenset[str]
    binds: frozenset[str]

    @property
    def first(self) -> Occurrence:
        """The place that speaks for all: one of the author's own cells, if there is one."""
        return next((each for each in self.places if not each.cell.is_added), self.places[0])

    @property
    def text(self) -> str:
        """Its lines, decorators included."""
        return self.first.statement.text

    @property
    def node(self) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef:
        """Its syntax tree; lines count from the cell's first."""
        node = self.first.statement.node
        assert isinstance(node, DEFINITIONS)  # noqa: S101  (only such are gathered)
        return node

    @property
    def comments(self) -> tuple[str, ...]:
        """The comment lines right above it."""
        return comments_above(self.first.cell.lines, self.first.statement.first)

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.name, self.text

    @property
    def returns(self) -> tuple[str, ...]:
        """Variables of the notebook that it returns, where it is in a module."""
        return tuple(sorted(self.binds))

    @property
    def is_class(self) -> bool:
        """Whether it is a class."""
        return isinstance(self.node, ast.ClassDef)


def find_definitions(namespaces: Sequence[Namespace]) -> dict[Key, Definition]:
    """Find the definitions that stand at the top of cells.

    Parameters
    ----------
    namespaces
        The notebooks, in the order in which they run.

    Returns
    -------
    dict
        By name and text, in the order in which they come first.
    """
    places: dict[Key, list[Occurrence]] = {}
    for namespace in namespaces:
        for cell in namespace.cells:
            for statement in cell.statements or ():
                if isinstance(statement.node, DEFINITIONS):
                    key = statement.node.name, statement.text
                    places.setdefault(key, []).append(Occurrence(namespace, cell, statement))
    return {key: _definition(key[0], found) for key, found in places.items()}


def find_nested(namespaces: Sequence[Namespace]) -> Iterator[tuple[str, CodeCell, int, str]]:
    """Find the definitions in blocks at the top of the author's cells: under ``if``, in ``with``.

    Gives the name, the cell, the line, and what stands around it.
    """
    for namespace in namespaces:
        for cell in namespace.cells:
            if cell.is_added:
                continue
            for statement in cell.statements or ():
                if isinstance(statement.node, DEFINITIONS):
                    continue
                for node in _outermost(statement.node):
                    kind = type(statement.node).__name__.lower().removeprefix("async")
                    yield node.name, cell, node.lineno, kind


def looks_around(node: ast.AST) -> str:
    """Return what a definition uses that depends on where it stands; empty if nothing."""
    plain = {id(each.func) for each in ast.walk(node) if _evaluates_own(each, node)}
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id in _LOOKING and id(each) not in plain:
            return each.id
        if isinstance(each, ast.Attribute) and (
            each.attr == "_getframe" or ast.unparse(each) in _FRAMES
        ):
            return each.attr
    if any(isinstance(each, ast.Name) and each.id == "get_ipython" for each in ast.walk(node)):
        for each in ast.walk(node):
            if isinstance(each, ast.Attribute) and each.attr in _SHELL:
                return f"get_ipython().{each.attr}"
    return ""


def _evaluates_own(node: ast.AST, definition: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a call evaluates a text of its function's own names, the same wherever it stands."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    text = node.args[0] if len(node.args) == 1 and not node.keywords else None
    if node.func.id != "eval" or not isinstance(text, ast.Constant):
        return False
    if not isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    try:
        names = {
            each.id
            for each in ast.walk(ast.parse(str(text.value), mode="eval"))
            if isinstance(each, ast.Name)
        }
    except (SyntaxError, ValueError):
        return False
    # What a function inside holds, `eval` sees only in there.
    nested = any(isinstance(each, (*DEFINITIONS, ast.Lambda)) for each in _below(definition))
    return names <= ({*own_names(definition)} | _BUILT_IN) and not (nested and names)


def _below(node: ast.AST) -> Iterator[ast.AST]:
    return (each for each in ast.walk(node) if each is not node)


def own_names(node: ast.AST) -> Iterator[str]:
    """Yield the parameters of a function, and what it binds.

    Parameters
    ----------
    node
        The function; what functions inside of it bind counts too.
    """
    for each in ast.walk(node):
        if isinstance(each, ast.arg):
            yield each.arg
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id


def comments_above(lines: Sequence[str], first: int) -> tuple[str, ...]:
    """Return the comment lines that touch a statement from above; lines count from 1."""
    start = first - 1
    while start and lines[start - 1].startswith("#"):
        start -= 1
    return tuple(lines[start : first - 1])


def _definition(name: str, places: Sequence[Occurrence]) -> Definition:
    facts = [
        known
        for place in places
        for known in place.statement.names.definitions
        if known.name == name
    ]
    return Definition(
        name,
        tuple(places),
        frozenset().union(*(each.reads for each in facts)) - {name},
        frozenset().union(*(each.eager for each in facts)),
        frozenset().union(*(each.binds for each in facts)),
    )


def _outermost(
    node: ast.AST,
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Give the definitions below a node that are in no other definition."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, DEFINITIONS):
            yield child
        else:
            yield from _outermost(child)
