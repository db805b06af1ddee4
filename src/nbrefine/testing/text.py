"""What a check has found, in words: where, what was expected, what came, and how to accept it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.compare.screen import STREAM, shown
from nbrefine.compare.verdict import Verdict
from nbrefine.engine.failure_text import failure_lines
from nbrefine.errors import Place, format_error
from nbrefine.notebook.syntax import to_python
from nbrefine.report.masking import mask_text
from nbrefine.testing.baseline import WORDS
from nbrefine.testing.comparison import counts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.compare.verdict import Difference
    from nbrefine.testing.checking import Check, StepCheck
    from nbrefine.testing.comparison import CellCheck

_MOST_LINES = 8
_WIDEST = 160


def check_text(check: Check) -> str:
    """Say how a pipeline compares with its baselines.

    Parameters
    ----------
    check
        What was found.

    Returns
    -------
    str
        The steps that differ in full, then a line for each step; credentials are masked.
    """
    lines = [line for step in check.steps if not step.passes for line in (step_text(step), "")]
    lines += [f"{file}: no step of the pipeline has this name; remove it" for file in check.unknown]
    return mask_text("\n".join([*lines, *(summary(step) for step in check.steps)]))


def step_text(step: StepCheck) -> str:
    """Say how a step that does not pass compares with its baseline."""
    if step.problem is not None:
        return format_error(step.problem)
    blocks = [cell_text(step, cell) for cell in step.failing]
    if step.executed.failure:
        blocks.append(failure_text(step))
    return "\n\n".join(blocks)


def summary(step: StepCheck) -> str:
    """Return one line about a step."""
    if step.problem is not None:
        return f"{step.step}: {step.problem.message}"
    found = ", ".join(f"{number} {verdict}" for verdict, number in counts(step.cells).items())
    failed = f"; {step.executed.failure}" if step.executed.failure else ""
    return f"{step.step}: {found or 'no code cells'}{failed} ({step.executed.ending})"


def failure_text(step: StepCheck) -> str:
    """Say why a step did not come to its end."""
    executed = step.executed
    if executed.error is None or executed.error.cell is None:
        return f"{step.notebook}: the step {step.step!r} {_verb(executed.failure)}"
    place = Place(step.notebook, None, executed.failed_at)
    return mask_text(
        "\n".join(failure_lines(f"{step.step} failed: {executed.failure}", executed.error, place))
    )


def assertion_text(step: StepCheck, line: int | None) -> str:
    """Say which assertion ended a step; its cell's test says it in full.

    Parameters
    ----------
    step
        The step.
    line
        Of the cell, from 1; None if it is not known.
    """
    executed = step.executed
    place = Place(step.notebook, line, executed.failed_at)
    lines = [f"{place}: {executed.failure}"]
    if executed.error is not None and executed.error.cell is not None and line is not None:
        lines.append(f"  > {line:>3} | {executed.error.cell.source.split(chr(10))[line - 1]}")
    return mask_text("\n".join(lines))


def _verb(failure: str) -> str:
    return failure if failure.startswith("was not run") else f"failed: {failure}"


def cell_text(step: StepCheck, cell: CellCheck) -> str:
    """Say what a cell shows that it did not show before.

    Parameters
    ----------
    step
        The step.
    cell
        One of its cells, that fails.

    Returns
    -------
    str
        The place, the source line, what was expected and what came, and how to accept it.
    """
    line, text = _line(cell)
    place = Place(step.notebook, line, cell.number) if cell.number else Place(step.notebook)
    lines = [f"{place} shows something else" if cell.number else f"{place}: a cell is gone"]
    if text:
        lines.append(f"  {line:>3} | {text}" if line else f"      | {text}")
    failing = [each for each in cell.differences if each.verdict.fails]
    tables = {each.output for each in failing if each.part == "text/html"}
    for difference in failing:
        # A frame is shown as a table; its text says the same once more.
        if difference.part != "text/plain" or difference.output not in tables:
            lines += _difference(difference)
    if cell.why:
        lines.append(f"  it is known to vary: {cell.why}")
    name = f"--cell {cell.name}" if cell.number else cell.step
    lines.append(f"  accept: nbrefine baseline update {name}")
    return mask_text("\n".join(lines))


def _difference(difference: Difference) -> Iterator[str]:
    lead, *rest = difference.message.split("\n")
    yield f"  {difference.part}: {_cut(lead)}"
    yield from (f"  {' ' * len(difference.part)}  {_cut(line)}" for line in rest)
    if difference.part == WORDS:
        return
    for name, side in (("expected", difference.expected), ("got", difference.actual)):
        if side:
            first, *more = side.split("\n")[:_MOST_LINES]
            yield f"    {name:<8}  {_cut(first)}"
            yield from (f"              {_cut(line)}" for line in more)


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _line(cell: CellCheck) -> tuple[int | None, str]:
    """Return the line of the cell that shows what differs, as far as the code tells."""
    rows = cell.source.split("\n")
    try:
        body = ast.parse(to_python(cell.source).code).body
    except (SyntaxError, ValueError, RecursionError):
        body = []
    if not body:
        return None, next((row for row in rows if row.strip()), "")
    old, new = shown(cell.expected), shown(cell.actual)
    at = next((each.output for each in cell.differences if each.verdict.fails), None)
    items = [items[at] for items in (old, new) if at is not None and at < len(items)]
    prints = [
        node for node in body if "print(" in (ast.get_source_segment(cell.source, node) or "")
    ]
    if items and items[0].kind == STREAM and len(prints) == 1:
        number = prints[0].lineno
    else:
        number = body[-1].lineno
    return number, rows[number - 1] if number <= len(rows) else ""


def verdict_word(check: Check) -> str:
    """Return the last line of a check."""
    cells = [cell for step in check.steps for cell in step.cells]
    if check.passes:
        varying = sum(cell.verdict is Verdict.NONDETERMINISTIC for cell in cells)
        known = f"; {varying} vary, as is known" if varying else ""
        return f"As the baselines say: {_cells(len(cells))} of {_steps(len(check.steps))}{known}."
    failing = sum(cell.verdict.fails for cell in cells)
    bad = sum(not step.passes for step in check.steps)
    return f"Not as the baselines say: {_cells(failing)}, in {bad} of {_steps(len(check.steps))}."


def _cells(number: int) -> str:
    return f"{number} cell{'' if number == 1 else 's'}"


def _steps(number: int) -> str:
    return f"{number} step{'' if number == 1 else 's'}"
