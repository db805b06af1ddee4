"""Looks for all findings of a notebook, less those that its author does not want to hear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, did_you_mean
from nbrefine.refine.findings.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.notebook.document import Cell
    from nbrefine.refine.findings.finding import Finding
    from nbrefine.refine.findings.subject import Subject

_NOQA = re.compile(r"#\s*noqa(?P<codes>\s*:\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?", re.IGNORECASE)
_TAG = "nbr-ignore"
# That a cell varies is not said where the call that makes it vary is.
_VARYING, _CAUSES = "NBR307", {"NBR301", "NBR302", "NBR303", "NBR304", "NBR305"}


@dataclass(frozen=True)
class Selection:
    """Which rules count.

    Parameters
    ----------
    select
        Codes or beginnings of codes (``NBR2``); all if empty.
    ignore
        Codes or beginnings of codes that do not count.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse codes that no rule has."""
        known = {rule.code for rule in RULES}
        for wanted in (*self.select, *self.ignore):
            if not any(code.startswith(wanted) for code in known) or not wanted:
                raise InputError(
                    f"There is no finding with the code {wanted!r}.",
                    hint=did_you_mean(wanted, known),
                )

    def takes(self, code: str) -> bool:
        """Whether a rule counts."""
        chosen = not self.select or code.startswith(self.select)
        return chosen and not (self.ignore and code.startswith(self.ignore))


def find_findings(subject: Subject, selection: Selection | None = None) -> tuple[Finding, ...]:
    """Look for everything that a notebook's author should know.

    Parameters
    ----------
    subject
        The notebook.
    selection
        Which rules count; all if None.

    Returns
    -------
    tuple of Finding
        In the order of the document, those about the whole notebook first. Left out are those that
        a comment (``# noqa: NBR301``) or a tag (``nbr-ignore:NBR301``) of the cell silences.
    """
    selection = selection or Selection()
    found = [
        finding
        for rule in RULES
        if selection.takes(rule.code)
        for finding in rule().check(subject)
        if not _is_silenced(finding, subject.notebook.cells)
    ]
    named = {each.cell for each in found if each.code in _CAUSES}
    told = [each for each in found if each.code != _VARYING or each.cell not in named]
    return tuple(sorted(dict.fromkeys(told), key=_position))


def _position(finding: Finding) -> tuple[int, int, int, str]:
    return (
        -1 if finding.cell is None else finding.cell,
        finding.line or 0,
        finding.column,
        finding.code,
    )


def _is_silenced(finding: Finding, cells: Iterable[Cell]) -> bool:
    cell = next((each for each in cells if each.index == finding.cell), None)
    if cell is None:
        return False
    for tag in cell.tags:
        name, colon, codes = tag.partition(":")
        if name == _TAG and (not colon or finding.code in re.split(r"[,\s]+", codes)):
            return True
    if finding.line is None:
        return False
    lines = cell.source.split("\n")[finding.line - 1 : finding.end_line or finding.line]
    return any(_silences(line, finding.code) for line in lines)


def _silences(line: str, code: str) -> bool:
    match = _NOQA.search(line)
    if match is None:
        return False
    codes = match["codes"]
    return codes is None or code in re.findall(r"[A-Z]+\d+", codes.upper())
