"""Findings as a compiler prints them: the place, the lines around it, and a caret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.errors import Place
from nbrefine.files.paths import shown
from nbrefine.report.masking import MASK, mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbrefine.notebook.document import Notebook
    from nbrefine.refine.findings.finding import Finding

_WIDEST = 110


def show(
    finding: Finding, notebook: Notebook, paint: Callable[[str, str], str] | None = None
) -> str:
    """Render a finding for a terminal.

    Parameters
    ----------
    finding
        What was found.
    notebook
        Where.
    paint
        Given a text and what it is (``error``, ``warning``, ``info``, ``place`` or ``hint``),
        returns it in colour.

    Returns
    -------
    str
        Its lines, without one at the end.
    """
    paint = paint or (lambda text, _: text)
    number = None if finding.cell is None else finding.cell + 1
    place = Place(shown(notebook.path), finding.line, number)
    label = f"{finding.severity} {finding.code} {finding.name}"
    lines = [f"{paint(str(place), 'place')}: {paint(label, finding.severity)}"]
    lines += _excerpt(finding, notebook)
    lines.append(f"  {finding.message}")
    if finding.hint:
        lines.append(f"  {paint('hint:', 'hint')} {finding.hint}")
    return "\n".join(lines)


def _excerpt(finding: Finding, notebook: Notebook) -> Iterator[str]:
    """Yield the line, one before and one after it, and a caret under what is meant."""
    if finding.cell is None or finding.line is None:
        return
    cell = next(each for each in notebook.cells if each.index == finding.cell)
    source = masked_lines(cell.source)
    first, last = max(finding.line - 1, 1), min(finding.line + 1, len(source))
    width = len(str(last))
    for number in range(first, last + 1):
        text = source[number - 1]
        yield f"  {number:>{width}} | {text[:_WIDEST]}".rstrip()
        if number == finding.line:
            start, end = finding.column, finding.end_column
            if finding.end_line != finding.line or MASK in text:
                end = len(text)
            lead = "".join("\t" if each == "\t" else " " for each in text[:start])
            count = max(1, min(end, _WIDEST) - start)
            if start < _WIDEST:
                yield f"  {'':>{width}} | {lead}{'^' * count}"


def masked_lines(source: str) -> list[str]:
    """Return a cell's lines, credentials masked; their number stays."""
    lines = mask_text(source).split("\n")
    count = source.count("\n") + 1
    # A key of several lines has become one: then nothing of the cell is shown.
    return lines if len(lines) == count else [MASK] * count
