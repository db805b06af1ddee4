"""What in the code of a cell may make it vary from run to run."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.analysis.aliases import CONVENTIONS, module_aliases, resolved
from nbrefine.analysis.effects import cell_effects
from nbrefine.analysis.mutation import dotted
from nbrefine.analysis.randomness import random_use
from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.syntax import to_python

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.analysis.cell_names import CellNames
    from nbrefine.analysis.effects import Effect
    from nbrefine.notebook.document import Cell

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_FETCHED = frozenset({"network", "subprocess"})
_OUTSIDE = _FETCHED | {"clock"}
_PATTERNS = {
    "memory": re.compile(r"\b(?:np|numpy|torch)\.empty(?:_like)?\b"),
    "identifier": re.compile(r"\b(?:uuid[14]|getpid|mkdtemp|mkstemp|\w*Temporary\w+|urandom)\b"),
    "order": re.compile(
        r"\b(?:\w*PoolExecutor|Thread|Process|ThreadPool|Pool|Parallel|as_completed|n_jobs|gather)\b"
    ),
}
_STREAMS = ("random.", "numpy.random.", "torch.", "tensorflow.")


@dataclass(frozen=True)
class Hint:
    """Something in the code that may be why a cell varies.

    Parameters
    ----------
    kind
        ``random``, ``clock``, ``network``, ``subprocess``, ``memory`` (not initialised),
        ``identifier`` (a new one in each run) or ``order`` (of threads and processes).
    what
        What is called, as the code has it.
    lacks
        For a call that could have been given a seed: the parameter for it.
    cell
        Number of the cell that it stands in, from 1 over all cells as JupyterLab shows them.
    """

    kind: str
    what: str
    cell: int
    lacks: str = ""


@dataclass(frozen=True)
class CellHints:
    """What is known of one cell's code.

    Parameters
    ----------
    number
        The cell's, from 1 over all cells as JupyterLab shows them.
    mentions
        Names that its statements use, bodies of definitions left out.
    hints
        Its own first, then those of the functions and objects that it uses.
    imports
        Whether it does nothing but import.
    """

    number: int
    mentions: frozenset[str] = frozenset()
    hints: tuple[Hint, ...] = ()
    imports: bool = False


@dataclass
class _Names:
    """What earlier cells made of the names: hints, and what definitions read."""

    hints: dict[str, tuple[Hint, ...]] = field(default_factory=dict)
    reads: dict[str, frozenset[str]] = field(default_factory=dict)

    def behind(self, mentions: frozenset[str]) -> Iterator[Hint]:
        """Yield the hints of all that some names lead to."""
        todo, seen = sorted(mentions, reverse=True), set[str]()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                yield from self.hints.get(name, ())
                todo += sorted(self.reads.get(name, ()), reverse=True)


def find_hints(cells: Sequence[Cell]) -> tuple[CellHints, ...]:
    """Look for what may make the cells of a notebook vary.

    Parameters
    ----------
    cells
        Its code cells that are not empty.

    Returns
    -------
    tuple of CellHints
        One for each cell.
    """
    names = _Names()
    before: list[CellNames] = []
    return tuple(_of_cell(cell, names, before) for cell in cells)


def _of_cell(cell: Cell, names: _Names, before: list[CellNames]) -> CellHints:
    number = cell.index + 1
    python = to_python(cell.source)
    try:
        tree = ast.parse("" if python.foreign else python.code)
    except (SyntaxError, ValueError, RecursionError):
        return CellHints(number)
    known = analyse_cell(python)
    aliases = module_aliases(before)
    effects = [e for e in cell_effects(python, known, aliases) if e.kind in _OUTSIDE]
    before.append(known)
    own: list[Hint] = []
    mentions = set(known.string_names)
    for node in tree.body:
        found = tuple(_of_statement(node, python.code, effects, aliases, number))
        defines = isinstance(node, _DEFINITIONS)
        # What was once fetched stays; a function fetches anew, and a model draws when it is fitted.
        kept = found if defines else tuple(hint for hint in found if hint.kind not in _FETCHED)
        names.hints.update(dict.fromkeys(_bound(node), kept))
        if not defines:
            own += found
            mentions |= _used(node)
    names.reads.update({each.name: each.reads for each in known.definitions})
    own += [Hint(e.kind, e.target, number) for e in effects if _is_magic(e, tree)]
    hints = dict.fromkeys([*own, *names.behind(frozenset(mentions))])
    imports = bool(tree.body) and all(isinstance(node, _IMPORTS) for node in tree.body)
    return CellHints(number, frozenset(mentions), tuple(hints), imports=imports)


def _of_statement(
    node: ast.stmt, code: str, effects: Sequence[Effect], aliases: Mapping[str, str], number: int
) -> Iterator[Hint]:
    """Yield the hints of a statement, those in what it defines too."""
    known = {**CONVENTIONS, **aliases}
    for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
        name = dotted(call.func)
        full = None if name is None else resolved(name, known)
        last = name.rpartition(".")[2] if name else getattr(call.func, "attr", "")
        use = random_use(call, full, last)
        if use is not None:
            yield Hint("random", name or last, number, _lacks(use[0], full or ""))
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    for effect in effects:
        if effect.line in lines:
            yield Hint(effect.kind, effect.target, number)
    text = ast.get_source_segment(code, node) or ""
    for kind, pattern in _PATTERNS.items():
        if (match := pattern.search(text)) is not None:
            yield Hint(kind, match[0], number)


def _lacks(kind: str, full: str) -> str:
    """Return the parameter by which a call is given a seed; empty for a draw from a stream."""
    if kind == "random-unseeded" or full.startswith("seaborn."):
        return "seed"
    return "" if full.startswith(_STREAMS) else "random_state"


def _used(node: ast.stmt) -> set[str]:
    """Return the names whose values a statement uses."""
    updated = (each.target for each in ast.walk(node) if isinstance(each, ast.AugAssign))
    found = {each.id for each in updated if isinstance(each, ast.Name)}
    loads = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return found | {each.id for each in loads if isinstance(each.ctx, ast.Load)}


def _bound(node: ast.stmt) -> set[str]:
    """Return the names to which a statement binds what it makes."""
    if isinstance(node, _DEFINITIONS):
        return {node.name}
    stores = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return {each.id for each in stores if isinstance(each.ctx, ast.Store)}


def _is_magic(effect: Effect, tree: ast.Module) -> bool:
    """Whether an effect is that of a magic, which no statement stands for."""
    spans = (range(n.lineno, (n.end_lineno or n.lineno) + 1) for n in tree.body)
    return not any(effect.line in span for span in spans)
