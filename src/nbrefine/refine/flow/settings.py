"""Statements that change the state of a library or of the process, which later steps replay."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.syntax import PythonCell
from nbrefine.refine.flow.handles import tells_handle
from nbrefine.refine.flow.recipes import Recipe, first_line
from nbrefine.refine.flow.streams import stream

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nbrefine.analysis.effects import Effect
    from nbrefine.refine.flow.facts import CellFacts

REPLAYED = frozenset(
    {"library-state", "environment", "cwd", "sys.path", "monkey-patch", "random-seed"}
)
_PRECEDING = frozenset({"environment", "sys.path", "cwd"})
# What only pictures show. Bokeh and plotly have no part in it: they load scripts into the page.
_PICTURES = ("matplotlib", "seaborn", "pylab", "sns.", "plt.")
_REGISTERING = frozenset(
    {"register_line_magic", "register_cell_magic", "register_line_cell_magic", "magics_class"}
)
_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def find_setters(cells: Iterable[CellFacts]) -> dict[str, frozenset[str]]:
    """Find functions of the notebook that do nothing but change such state.

    Parameters
    ----------
    cells
        The whole notebook.

    Returns
    -------
    dict of str to frozenset of str
        Their names, and the random streams that they seed; a statement that calls one is a
        setting.
    """
    return {
        node.name: _seeds(_effects_of(node, facts))
        for facts in cells
        for node in facts.tree.body
        if isinstance(node, ast.FunctionDef) and _only_sets(node, facts)
    }


def find_settings(
    facts: CellFacts,
    setters: Mapping[str, frozenset[str]],
    handles: Collection[str] = (),
) -> tuple[Recipe, ...]:
    """Find the statements of a cell that later steps have to replay.

    Parameters
    ----------
    facts
        The cell.
    setters
        The notebook's own functions that only change such state.
    handles
        Names for what there is one of in a process: telling it something is a setting.

    Returns
    -------
    tuple of Recipe
        In the cell's order; of kind ``setting``, or ``seed`` where that is all they do.
    """
    found = [_registered(node, facts) for node in facts.tree.body if _is_magic_function(node)]
    found += [_magic(effect, facts) for effect in _effects(facts) if _is_magic(effect, facts)]
    for node in facts.tree.body:
        if not isinstance(node, _SIMPLE):
            continue
        effects = _effects_of(node, facts)
        called = _called(node)
        if (
            effects
            or called in setters
            or _tells_ipython(node, facts)
            or tells_handle(node, handles)
        ):
            seeds = _seeds(effects) | setters.get(called or "", frozenset())
            pure = bool(effects) and all(each.kind == "random-seed" for each in effects)
            kind = "seed" if pure else "setting"
            drawing = bool(effects) and all(map(_concerns_pictures, effects))
            precedes = any(each.kind in _PRECEDING for each in effects)
            recipe = _setting(node, kind, seeds, facts)
            found.append(replace(recipe, drawing=drawing, precedes=precedes))
    return tuple(sorted(found))


def unplaced_effects(facts: CellFacts) -> tuple[Effect, ...]:
    """Return effects that stand in a loop, a condition or the like, so that none can be replayed.

    Parameters
    ----------
    facts
        The cell.

    Returns
    -------
    tuple of Effect
        Those in function bodies and in ``with`` blocks are left out: the first happen when the
        function is called, the second are undone at the block's end.
    """
    blocks = [
        node
        for node in facts.tree.body
        if not isinstance(node, (*_SIMPLE, *_DEFINITIONS, ast.With, ast.Import, ast.ImportFrom))
    ]
    return tuple(effect for node in blocks for effect in _effects_of(node, facts))


def _effects(facts: CellFacts) -> tuple[Effect, ...]:
    return tuple(effect for effect in facts.effects if effect.kind in REPLAYED)


def _effects_of(node: ast.stmt, facts: CellFacts) -> list[Effect]:
    first, last = first_line(node), node.end_lineno or node.lineno
    return [
        effect
        for effect in _effects(facts)
        if first <= effect.line <= last and not _is_magic(effect, facts)
    ]


def _is_magic(effect: Effect, facts: CellFacts) -> bool:
    return any(magic.line == effect.line for magic in facts.python.magics)


def _magic(effect: Effect, facts: CellFacts) -> Recipe:
    text = facts.text(effect.line, effect.line).strip()
    return Recipe(
        facts.origin,
        effect.line,
        effect.line,
        "setting",
        text,
        eager=effect.names,
        drawing=_concerns_pictures(effect),
        precedes=effect.kind in _PRECEDING,
    )


def _seeds(effects: list[Effect]) -> frozenset[str]:
    return frozenset(stream(each.target) for each in effects if each.kind == "random-seed")


def _concerns_pictures(effect: Effect) -> bool:
    text = f"{effect.target} {effect.source}"
    return effect.kind == "library-state" and any(name in text for name in _PICTURES)


def _setting(node: ast.stmt, kind: str, seeds: frozenset[str], facts: CellFacts) -> Recipe:
    """Make a recipe of a statement; of ``old = np.seterr(...)`` only the call is repeated."""
    part: ast.AST = node
    if isinstance(node, ast.Assign) and all(isinstance(each, ast.Name) for each in node.targets):
        part = node.value
    source = ast.get_source_segment(facts.python.code, part) or ast.unparse(part)
    names = analyse_cell(PythonCell(source))
    return Recipe(
        facts.origin,
        node.lineno,
        node.end_lineno or node.lineno,
        kind,
        source,
        seeds,
        names.reads,
        column=node.col_offset,
    )


def _is_magic_function(node: ast.stmt) -> bool:
    """Whether a function or class is registered with IPython, to be used under a percent sign."""
    return isinstance(node, _DEFINITIONS) and any(
        ast.unparse(each).rpartition(".")[2] in _REGISTERING for each in node.decorator_list
    )


def _registered(node: ast.stmt, facts: CellFacts) -> Recipe:
    first, last = first_line(node), node.end_lineno or node.lineno
    names = [each for each in facts.names.definitions if first <= each.line <= last]
    return Recipe(
        facts.origin,
        first,
        last,
        "setting",
        "\n".join(facts.python.code.split("\n")[first - 1 : last]),
        eager=frozenset({name for each in names for name in each.eager}),
        lazy=frozenset({name for each in names for name in each.reads - each.eager}),
    )


def _tells_ipython(node: ast.stmt, facts: CellFacts) -> bool:
    """Whether a statement calls something of the running IPython, and is not a magic."""
    lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
    magic = any(each.line in lines for each in facts.python.magics)
    return not magic and isinstance(node, ast.Expr) and "get_ipython()." in ast.unparse(node)


def _called(node: ast.stmt) -> str | None:
    value = getattr(node, "value", None)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id
    return None


def _only_sets(node: ast.FunctionDef, facts: CellFacts) -> bool:
    """Whether every statement of a function is a setting, its docstring and imports aside."""
    body = [
        each
        for each in node.body
        if not isinstance(each, (ast.Import, ast.ImportFrom, ast.Pass))
        and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    return bool(body) and all(_effects_of(each, facts) for each in body)
