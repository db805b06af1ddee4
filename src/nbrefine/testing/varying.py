"""What a cell shows otherwise in each run, why, and what would make it deterministic."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

from nbrefine.compare.outputs import cell_warnings
from nbrefine.compare.verdict import Difference, Verdict
from nbrefine.notebook.syntax import to_python
from nbrefine.recording.causes import known_cause, unknown_cause
from nbrefine.testing.comparison import compare_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbrefine.recording.hints import CellHints
    from nbrefine.testing.baseline import Output
    from nbrefine.testing.executed import ExecutedCell

_IN_ANOTHER_ORDER = "It shows the same in another order, as a set does: sort it."


def what_varies(
    outputs: Sequence[Output], others: Sequence[Sequence[Output]]
) -> tuple[Difference, ...]:
    """Compare what a cell shows in some runs.

    Parameters
    ----------
    outputs
        Of one run.
    others
        Of the others.

    Returns
    -------
    tuple of Difference
        Also what is within tolerance; warnings are among it.
    """
    found = [each for run in others for each in compare_cells(outputs, run)]
    warned = {*cell_warnings(outputs)}
    if any(warned != {*cell_warnings(run)} for run in others):
        message = "its warnings are not those of each run"
        found.append(Difference(Verdict.DIFFERENT, "warning", None, message))
    return tuple(each for each in found if each.verdict is not Verdict.EQUAL)


def said(differences: Sequence[Difference]) -> list[str]:
    """Say what varies: a line for each part that does."""
    lines = (
        f"output {1 + (each.output or 0)}, {each.part}: {_first(each.message)}"
        for each in differences
    )
    return list(dict.fromkeys(lines))


def _first(message: str) -> str:
    # What the runs say differs with each recording; where they differ does not.
    return re.sub(r"\d+(?:\.\d+)?%.*", "its pixels", message.split("\n", 1)[0])


def reason(
    cell: ExecutedCell,
    others: Sequence[Sequence[Output]],
    hints: CellHints | None,
    varied: Mapping[str, int],
) -> str:
    """Say why a cell varies, and what would make it deterministic.

    Parameters
    ----------
    cell
        As it was executed in one run.
    others
        Its outputs in the others.
    hints
        What is known of its code.
    varied
        Names that cells before it have made, and that vary, with the cell's number.
    """
    unseeded = (
        next((hint for hint in hints.hints if hint.kind == "random"), None) if hints else None
    )
    if unseeded is not None and unseeded.lacks:
        return f"`{unseeded.what}` draws without a seed: give it `{unseeded.lacks}`."
    if unseeded is not None:
        return (
            f"`{unseeded.what}` draws from a random stream that nobody has seeded: seed it first."
        )
    if all(_words(run) == _words(cell.outputs) for run in others):
        return _IN_ANOTHER_ORDER
    known = known_cause(cell.outputs, others, hints, varied)
    return known or unknown_cause(cell.outputs, others)


def _words(outputs: Sequence[Output]) -> list[str]:
    return sorted(re.findall(r"\w+", json.dumps(outputs, ensure_ascii=False)))


def varying_names(source: str, varied: Collection[str], hints: CellHints | None) -> set[str]:
    """Return the names to which a cell that varies binds what may vary.

    Parameters
    ----------
    source
        The cell's text.
    varied
        Names that cells before it have made, and that vary.
    hints
        What is known of its code.

    Returns
    -------
    set of str
        What its statements make of the names that vary, where nothing else tells why it does; else
        all.
    """
    try:
        statements = ast.parse(to_python(source).code).body
    except (SyntaxError, ValueError, RecursionError):
        return set()
    made: set[str] = set()
    for statement in statements:
        if not _names(statement, ast.Load).isdisjoint(made.union(varied)):
            made |= _names(statement, ast.Store)
    if made and not (hints and hints.hints):
        return made
    return {name for statement in statements for name in _names(statement, ast.Store)}


def _names(node: ast.AST, use: type[ast.expr_context]) -> set[str]:
    names = (each for each in ast.walk(node) if isinstance(each, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, use)}
