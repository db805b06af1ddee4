"""A check as one HTML page: each step's cells, the baseline beside what is shown now."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from nbrefine.compare.cells_page import STYLE, badge, cell_html, filter_form
from nbrefine.compare.sides import sides_html
from nbrefine.compare.verdict import Verdict
from nbrefine.errors import format_error
from nbrefine.report.masking import mask_text
from nbrefine.report.page import page
from nbrefine.testing.figures import without_words
from nbrefine.testing.text import failure_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.testing.checking import Check, StepCheck
    from nbrefine.testing.comparison import CellCheck

_HEADS = ("The baseline", "Now")


def check_page(check: Check) -> str:
    """Draw a check.

    Parameters
    ----------
    check
        What was found.

    Returns
    -------
    str
        One self-contained page that works offline and without scripts.
    """
    return page(f"Notebook tests of {check.root.name}", _body(check), style=STYLE)


def _body(check: Check) -> Iterator[str]:
    tone = Verdict.EQUAL if check.passes else Verdict.DIFFERENT
    yield f"<h1>{escape(check.root.name)}</h1>"
    yield '<p class="soft">What the cells show now, beside what the baselines say.</p>'
    yield f'<div class="panel banner {tone}"><strong>{escape(verdict_word(check))}</strong>'
    for file in check.unknown:
        yield f"<p><code>{escape(file)}</code>: no step of the pipeline has this name.</p>"
    yield "</div>"
    yield filter_form({cell.verdict for step in check.steps for cell in step.cells})
    for step in check.steps:
        yield from _step(step)
    yield (
        '<footer class="soft">Numbers are equal within one part in a thousand million, pictures '
        "within one pixel in a thousand. Accept what is meant to be so: "
        "<code>nbrefine baseline update</code>.</footer>"
    )


def _step(step: StepCheck) -> Iterator[str]:
    tone = "" if step.passes else f" {badge(Verdict.DIFFERENT)}"
    count = f"<small>{len(step.cells)} cells, {step.executed.ending}</small>"
    yield f"<h2>Step <code>{escape(step.step)}</code>{tone}{count}</h2>"
    if step.problem is not None:
        yield f"<pre>{escape(format_error(step.problem))}</pre>"
    if step.executed.failure:
        yield f"<pre>{escape(failure_text(step))}</pre>"
    for cell in step.cells:
        yield _cell(cell)


def _cell(cell: CellCheck) -> str:
    notes = [
        f"{badge(each.verdict)} {escape(each.part)}: "
        f"{escape(mask_text(each.message)).replace(chr(10), '<br>')}"
        for each in cell.differences
    ]
    if cell.why:
        notes.append(escape(mask_text(cell.why)))
    if cell.verdict.fails and cell.number:
        notes.append(f"<code>nbrefine baseline update --cell {escape(cell.name)}</code>")
    outputs = sides_html(
        without_words(cell.expected),
        without_words(cell.actual),
        cell.differences,
        _HEADS,
        equal=cell.verdict is Verdict.EQUAL,
    )
    title = f"Cell {cell.number}" if cell.number else "A cell that is gone"
    return cell_html(title, cell.source, cell.verdict, notes, outputs)
