"""Where a new part of a notebook seems to begin, told by what its author does."""

from __future__ import annotations

import ast
import math
from statistics import fmean
from typing import TYPE_CHECKING

from nbrefine.refine.likeness import depths, likeness, word_weights

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbrefine.refine.facts import CellFacts
    from nbrefine.refine.flow import Flow
    from nbrefine.refine.verbs import Purpose

# Log-odds that an author has put a heading before a cell, by logistic regression on 291 public
# notebooks with the headings hidden. On 291 others 65 of 100 cuts are where a heading was, 62 if
# all markdown is hidden; chance is 39.
_WEIGHTS = {
    "note": 1.0,
    "fewest_live": 0.45,
    "after_result": 0.47,
    "reads_fresh": -0.4,
    "size": 0.2,
    "size_before": 0.23,
    "new_names": 0.26,
    "names": 0.04,
    "trivial": -0.23,
    "imports": 0.29,
    "evaluates": -0.55,
    "plots": -0.31,
    "after_plot": 0.24,
    "after_definitions": -0.65,
    "new_verb": 0.17,
    "verb_before": 0.07,
    "verb_after": 0.1,
    "alike_2": -1.0,
    "alike_2_depth": 0.4,
    "alike_3": -0.4,
    "alike_3_depth": 0.16,
    "alike_before": 0.55,
    "alike_after": 0.58,
}
_AROUND = 3
_MOST_RUN = 5


def section_scores(
    cells: Sequence[CellFacts],
    flow: Flow,
    purposes: Sequence[Purpose],
    notes: Collection[int],
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
        Cells that markdown stands before.

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
    ]
    odds = []
    for index in range(1, len(cells)):
        score = _WEIGHTS["note"] * (index in notes)
        for each in signs:
            score += sum(_WEIGHTS[sign] * value for sign, value in each[index].items())
        odds.append(score)
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
    """Return what the cells do: the longer the same was done, the likelier a part ends."""
    return [
        {
            "evaluates": verb == "evaluate",
            "plots": verb == "plot",
            "after_plot": index > 0 and verbs[index - 1] == "plot",
            "new_verb": verb not in verbs[:index],
            "verb_before": _run(verbs[:index][::-1]) - 1,
            "verb_after": _run(verbs[index:]),
        }
        for index, verb in enumerate(verbs)
    ]


def _run(verbs: Sequence[str]) -> int:
    """Return how often the first verb stands in a row."""
    for count, verb in enumerate(verbs[: _MOST_RUN + 1]):
        if verb != verbs[0]:
            return count
    return min(len(verbs), _MOST_RUN)


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
            "alike_3": three[index],
            "alike_3_depth": deep_three[index - 1] if index else 0.0,
            "alike_before": one[index - 1] if index else 0.0,
            "alike_after": one[index + 1] if index + 1 < len(cells) else 0.0,
        }
        for index in range(len(cells))
    ]
