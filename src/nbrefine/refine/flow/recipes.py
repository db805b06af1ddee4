"""Statements that later steps repeat, instead of storing what they bind."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.analysis.scopes import analyse_cell
from nbrefine.analysis.secrets import reads_credential
from nbrefine.notebook.syntax import PythonCell
from nbrefine.refine.flow import handles
from nbrefine.refine.flow.handles import handle_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nbrefine.refine.flow.facts import CellFacts

DRAWING_MODULES = ("matplotlib", "seaborn", "pylab")
"""Whose import does nothing that only text or tables would show."""
_IMPORTS = (ast.Import, ast.ImportFrom)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, order=True)
class Recipe:
    """A top-level statement whose result is made again where it is needed.

    Parameters
    ----------
    cell
        Origin of the cell that holds it.
    line, end_line
        Its lines in the cell, from 1.
    kind
        ``import``, ``function``, ``class``, ``lambda``, ``constant`` (numbers and texts that are
        given names), ``credential`` (put together from such and from credentials of the
        environment), ``handle`` (what there is one of in a process), ``setting`` (a statement that
        changes the state of a library or of the process, such as a plot style) or ``seed``.
    source
        Its text.
    binds
        Names that it binds; for a seed, the pseudo-name of the random stream.
    eager
        Names that it reads when it is executed: decorators, defaults, bases, arguments.
    lazy
        Names that what it defines may read when it is called.
    rebinds
        Names that what it defines may rebind when it is called (``global x``).
    drawing
        Whether it is a setting, or an import, that only concerns pictures.
    precedes
        Whether it is a setting that decides what later imports do: the environment, ``sys.path``,
        the working directory.
    column
        Where on its first line a setting begins: statements may share a line.
    """

    cell: int
    line: int
    end_line: int
    kind: str
    source: str
    binds: frozenset[str] = field(default=frozenset(), compare=False)
    eager: frozenset[str] = field(default=frozenset(), compare=False)
    lazy: frozenset[str] = field(default=frozenset(), compare=False)
    rebinds: frozenset[str] = field(default=frozenset(), compare=False)
    drawing: bool = field(default=False, compare=False)
    precedes: bool = field(default=False, compare=False)
    column: int = field(default=0, compare=False)

    @property
    def place(self) -> tuple[int, int]:
        """Where in its cell it begins: line and column."""
        return self.line, self.column

    @property
    def is_definition(self) -> bool:
        """Whether it makes something that can be called."""
        return self.kind in {"function", "class", "lambda"}


def find_recipes(facts: CellFacts, secrets: Iterable[str] = ()) -> tuple[Recipe, ...]:
    """Find the imports and definitions of a cell that can be repeated elsewhere.

    Parameters
    ----------
    facts
        The cell.
    secrets
        Variables that hold credentials.

    Returns
    -------
    tuple of Recipe
        In the cell's order. A definition under an ``if``, a ``for`` or a ``try`` is not among
        them, unless all that the statement does is to import.
    """
    known = set(secrets)
    found: list[Recipe] = []
    for node in facts.tree.body:
        recipes = tuple(_recipes(node, facts, known))
        known |= {name for each in recipes if each.kind == "credential" for name in each.binds}
        found += recipes
    return tuple(found)


def first_line(node: ast.stmt) -> int:
    """Return the line where a statement begins, its decorators included."""
    if isinstance(node, _DEFINITIONS):
        return min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return node.lineno


def _recipes(node: ast.stmt, facts: CellFacts, secrets: Collection[str]) -> Iterator[Recipe]:
    if isinstance(node, _IMPORTS):
        yield from _imports(node, facts)
    elif isinstance(node, _DEFINITIONS):
        yield _definition(node, node.name, facts)
    elif isinstance(node, (ast.Try, ast.If)) and _only_imports(node):
        yield _guarded_imports(node, facts)
    elif (name := _lambda_name(node)) is not None:
        yield _definition(node, name, facts)
    elif (name := handle_name(node)) is not None:
        yield _handle(node, name, facts)
    elif isinstance(node, ast.Assign):
        yield from _constants(node, facts, secrets)


def _imports(node: ast.Import | ast.ImportFrom, facts: CellFacts) -> Iterator[Recipe]:
    span = (facts.origin, node.lineno, node.end_lineno or node.lineno)
    for alias in node.names:
        part = (
            ast.Import([alias])
            if isinstance(node, ast.Import)
            else ast.ImportFrom(node.module, [alias], node.level)
        )
        binds = frozenset({alias.asname or alias.name.split(".")[0]})
        if alias.name == "*":
            binds = _star_names(facts)
        module = alias.name if isinstance(node, ast.Import) else node.module or ""
        drawing = module.partition(".")[0] in DRAWING_MODULES
        yield Recipe(*span, "import", ast.unparse(part), binds, drawing=drawing)


def _star_names(facts: CellFacts) -> frozenset[str]:
    """Return what ``from x import *`` has bound; only a run can tell."""
    return (facts.record.bound if facts.record else frozenset()) - facts.names.binds


def _definition(node: ast.stmt, name: str, facts: CellFacts) -> Recipe:
    first, last = first_line(node), node.end_lineno or node.lineno
    known = next(
        each for each in facts.names.definitions if first <= each.line <= last and each.name == name
    )
    return Recipe(
        facts.origin,
        first,
        last,
        known.kind,
        "\n".join(facts.python.code.split("\n")[first - 1 : last]),
        frozenset({name}),
        known.eager,
        known.reads - known.eager,
        known.binds,
    )


def _only_imports(node: ast.Try | ast.If) -> bool:
    """Whether a statement does nothing but import, or say which import there was."""
    bodies = [node.body, node.orelse]
    if isinstance(node, ast.Try):
        bodies += [node.finalbody, *(handler.body for handler in node.handlers)]
    statements = [each for body in bodies for each in body]
    return any(isinstance(each, _IMPORTS) for each in statements) and all(
        isinstance(each, (*_IMPORTS, ast.Pass))
        or (isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant))
        for each in statements
    )


def _guarded_imports(node: ast.Try | ast.If, facts: CellFacts) -> Recipe:
    source = ast.unparse(node)
    names = analyse_cell(PythonCell(source))
    return Recipe(
        facts.origin,
        node.lineno,
        node.end_lineno or node.lineno,
        "import",
        source,
        names.binds,
        names.reads,
    )


def _handle(node: ast.stmt, name: str, facts: CellFacts) -> Recipe:
    source = ast.get_source_segment(facts.python.code, node) or ast.unparse(node)
    span = (facts.origin, node.lineno, node.end_lineno or node.lineno)
    reads = analyse_cell(PythonCell(source)).reads
    return Recipe(*span, handles.KIND, source, frozenset({name}), reads)


def _lambda_name(node: ast.stmt) -> str | None:
    """Return the name of ``name = lambda ...``."""
    if (
        isinstance(node, ast.Assign)
        and len(node.targets) == 1
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Lambda)
    ):
        return node.targets[0].id
    return None


def _constants(node: ast.Assign, facts: CellFacts, secrets: Collection[str]) -> Iterator[Recipe]:
    """Return one assignment for each name that a statement gives a constant to.

    A credential is read from the environment again, never written to a file for a later step.
    Of ``width, height = 7, 2.8`` a step may need one, and have another value of the other.
    """
    for target in node.targets:
        pairs = [(target, node.value)]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = list(zip(target.elts, node.value.elts, strict=False))
        for name, value in pairs:
            secret = reads_credential(value, secrets)
            if isinstance(name, ast.Name) and (secret or _is_constant(value)):
                text = ast.get_source_segment(facts.python.code, value) or ""
                # Text over several lines needs its parentheses, which are no part of it.
                text = ast.unparse(value) if "\n" in text or not text else text
                span = (facts.origin, node.lineno, node.end_lineno or node.lineno)
                source = f"{name.id} = {text}"
                used = {part.id for part in ast.walk(value) if isinstance(part, ast.Name)}
                kind = "credential" if secret else "constant"
                yield Recipe(*span, kind, source, frozenset({name.id}), eager=frozenset(used))


def _is_constant(node: ast.expr) -> bool:
    """Whether an expression is made of numbers and texts alone, and cannot be changed."""
    immutable = (ast.Constant, ast.Tuple, ast.UnaryOp, ast.unaryop, ast.expr_context)
    return all(isinstance(each, immutable) for each in ast.walk(node))
