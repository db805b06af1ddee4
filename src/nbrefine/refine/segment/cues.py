"""Where a new part of a notebook seems to begin, told by what its author does."""

from __future__ import annotations

import ast
import math
from statistics import fmean
from typing import TYPE_CHECKING

from nbrefine.refine.segment.likeness import depths, likeness, word_weights
from nbrefine.refine.segment.prose import prose_signs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Flow
    from nbrefine.refine.segment.verbs import Purpose

# Log-odds that an author has put a heading before a cell, by logistic regression on 291 public
# notebooks with the headings hidden; each notebook's own mean is taken off before. On 291 others 69
# of 100 cuts are where a heading was, while at most three names cross; chance is 39.
_WEIGHTS = {
    "fewest_live": 0.36,
    "reads_fresh": -0.27,
    "new_names": 0.33,
    "names": 0.02,
    "size": 0.14,
    "size_before": 0.22,
    "trivial": -0.21,
    "imports": 0.32,
    "after_result": 0.31,
    "after_definitions": -0.6,
    "evaluates": -0.48,
    "plots": -0.2,
    "after_plot": 0.25,
    "new_verb": 0.2,
    "alike_2": -0.9,
    "alike_2_depth": 0.31,
    "alike_3_depth": 0.5,
    "alike_before": 0.46,
    "alike_after": 0.57,
    "anchor": 2.9,
    "rule": 0.34,
    "list": 0.32,
    "link": 0.56,
    "picture": 0.78,
    "colon": -0.63,
    "goes_on": -0.21,
    "announces": 0.29,
    "division": 0.23,
    "note": 0.17,
    "note_length": 0.31,
    "noted_before": -0.4,
}
_AROUND = 3


def section_scores(
    cells: Sequence[CellFacts],
    flow: Flow,
    purposes: Sequence[Purpose],
    notes: Mapping[int, str],
) -> tuple[float, ...]:
    """Say how much each cell looks like the first of a part.

    Parameters
    ----------
    cells
        The notebook's cells.
    flow
        What flows between them.
    purposes
        What each is for.
    notes
        For cells that prose stands before, its text.

    Returns
    -------
    tuple of float
        For each cell the log-odds of a heading before it, less the notebook's mean: authors
        have few headings or many, so that only the differences say something. 0 for the first.
    """
    signs = [
        _flow_signs(cells, flow),
        _code_signs(cells, purposes),
        _verb_signs([each.verb for each in purposes]),
        _likeness_signs(cells),
        [prose_signs(notes.get(i, ""), notes.get(i - 1, "")) for i in range(len(cells))],
    ]
    odds = []
    for index in range(1, len(cells)):
        here = (item for each in signs for item in each[index].items())
        odds.append(sum(_WEIGHTS[sign] * value for sign, value in here))
    mean = fmean(odds) if odds else 0.0
    return (0.0, *(each - mean for each in odds))


def _flow_signs(cells: Sequence[CellFacts], flow: Flow) -> list[Mapping[str, float]]:
    """Return what the names say: few are carried over, new ones come up."""
    live = [len(flow.live(index)) for index in range(len(cells))]
    variables = _variables(cells, flow)
    known: set[str] = set()
    signs: list[Mapping[str, float]] = []
    for index, here in enumerate(variables):
        near = live[max(1, index - _AROUND) : index + _AROUND + 1]
        before = flow.cells[index - 1].writes if index else frozenset()
        signs.append(
            {
                "fewest_live": live[index] <= min(near, default=0),
                "reads_fresh": bool(flow.cells[index].reads & before),
                "new_names": len(here - known) / max(1, len(here)),
                "names": len(here),
            }
        )
        known |= here
    return signs


def _variables(cells: Sequence[CellFacts], flow: Flow) -> list[frozenset[str]]:
    """Return the variables that each cell uses; functions and modules are everywhere."""
    written = frozenset(name for cell in flow.cells for name in cell.writes)
    constant = frozenset(name for facts in cells for name in _definitions(facts.tree))
    return [(cell.mentions & written) - constant for cell in flow.cells]


def _definitions(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {(each.asname or each.name).partition(".")[0] for each in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names


def _code_signs(
    cells: Sequence[CellFacts], purposes: Sequence[Purpose]
) -> list[Mapping[str, float]]:
    """Return what the code looks like: long cells open a part, results close one."""
    sizes = [math.log1p(_lines(facts)) for facts in cells]
    return [
        {
            "size": sizes[index],
            "size_before": sizes[max(0, index - 1)],
            "trivial": purposes[index].trivial,
            "imports": _has_import(facts),
            "after_result": _ends_in_result(cells[max(0, index - 1)]),
            "after_definitions": purposes[max(0, index - 1)].defines,
        }
        for index, facts in enumerate(cells)
    ]


def _lines(facts: CellFacts) -> int:
    return sum(bool(line.strip()) for line in facts.cell.source.split("\n"))


def _has_import(facts: CellFacts) -> bool:
    return any(isinstance(node, (ast.Import, ast.ImportFrom)) for node in facts.tree.body)


def _ends_in_result(facts: CellFacts) -> bool:
    """Whether a cell ends by showing something, as parts do."""
    return bool(facts.tree.body) and isinstance(facts.tree.body[-1], ast.Expr)


def _verb_signs(verbs: Sequence[str]) -> list[Mapping[str, float]]:
    """Return what the cells do: pictures close a part, what was not done yet opens one."""
    return [
        {
            "evaluates": verb == "evaluate",
            "plots": verb == "plot",
            "after_plot": index > 0 and verbs[index - 1] == "plot",
            "new_verb": verb not in verbs[:index],
        }
        for index, verb in enumerate(verbs)
    ]


def _likeness_signs(cells: Sequence[CellFacts]) -> list[Mapping[str, float]]:
    """Return what the words say: parts are alike within, and differ from each other."""
    words = word_weights(cells)
    alike = {
        reach: [likeness(words, index, reach) for index in range(len(cells))] for reach in (1, 2, 3)
    }
    one, two, three = (alike[reach] for reach in (1, 2, 3))
    deep_two, deep_three = depths(two[1:]), depths(three[1:])
    return [
        {
            "alike_2": two[index],
            "alike_2_depth": deep_two[index - 1] if index else 0.0,
            "alike_3_depth": deep_three[index - 1] if index else 0.0,
            "alike_before": one[index - 1] if index else 0.0,
            "alike_after": one[index + 1] if index + 1 < len(cells) else 0.0,
        }
        for index in range(len(cells))
    ]
