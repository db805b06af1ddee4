"""What speaks for and against a cut before each cell."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from nbrefine.notebook.outline import BANNER_LEVEL
from nbrefine.refine.segment.cues import section_scores
from nbrefine.refine.segment.segment import FEW_NAMES, Boundaries
from nbrefine.refine.segment.verbs import Purpose, purpose

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Flow
    from nbrefine.refine.segment.marks import Marks

# What a name costs that crosses, as long as they are few, and each one more. The rest is in the
# same coin.
_NAME, _ONE_MORE, _HIGHEST = 1.0, 2.5, 25.0
_PER_POWER_OF_TEN = 0.08
# A heading of the author's outweighs nearly everything, and what crosses is the author's choice.
_HEADING, _CROSSING_HEADING = -20.0, 0.4
_SUBHEADING = -6.0
_LOG_ODDS = -6.0
# Where the author divides by headings, their absence says something, too.
_UNHEADED = 10.0
# A comment at the top of a cell reads like a heading. Where many cells have one it is a habit.
_BANNER, _BANNERS = -4.0, 0.4
_TITLE, _TITLES = -0.5, 0.3
_CONTINUES = 4.0
_SHOWN_APART = 1.5
_USE_APART = 0.8
_FIRST_LOOK = 0.5


def weigh_boundaries(cells: Sequence[CellFacts], flow: Flow, marks: Marks) -> Boundaries:
    """Weigh a cut before each cell.

    Parameters
    ----------
    cells
        The notebook's cells.
    flow
        What flows between them.
    marks
        The author's headings and tags.

    Returns
    -------
    Boundaries
        What each cut costs.
    """
    levels = {index: level for index, level in marks.levels.items() if index not in marks.comments}
    purposes = [purpose(facts) for facts in cells]
    main = main_level(levels)
    marked = frozenset(index for index, level in levels.items() if index and level <= main)
    scores = section_scores(cells, flow, purposes, marks.notes)
    comments = _comment_costs(marks, len(cells))
    costs = [0.0]
    for index in range(1, len(cells)):
        cost = _crossing(flow, cells, index)
        if index in marked:
            # Where the author begins a part, it does not matter with what.
            costs.append(_CROSSING_HEADING * cost + _HEADING)
            continue
        cost += _LOG_ODDS * scores[index] + _apart(purposes, cells, flow, index)
        cost += comments.get(index, 0.0)
        if index in levels:
            cost += _SUBHEADING
        elif len(marked) > 1:
            cost += _UNHEADED
        costs.append(cost)
    return Boundaries(
        costs=tuple(costs),
        trivial=tuple(each.trivial for each in purposes),
        forced=_begun(marks.tags),
        marked=marked,
        heavy=frozenset(
            index for index in range(1, len(cells)) if len(flow.live(index)) > FEW_NAMES
        ),
    )


def main_level(levels: Mapping[int, int]) -> int:
    """Return the heading level that divides a notebook: the highest that stands more than once."""
    inner = [level for index, level in levels.items() if index]
    for level in sorted(set(inner)):
        if sum(each <= level for each in inner) > 1:
            return level
    return max(inner, default=6)


def _begun(tags: Mapping[int, str]) -> frozenset[int]:
    """Return the cells whose tag begins a step: the next ones may bear the same."""
    origins = sorted(tags)
    pairs = zip(origins, [None, *origins], strict=False)
    return frozenset(
        here for here, before in pairs if here and (before is None or tags[here] != tags[before])
    )


def _comment_costs(marks: Marks, count: int) -> dict[int, float]:
    """Return what speaks for a cut before cells whose first comment reads like a heading."""
    banners = [index for index in marks.comments if marks.levels[index] == BANNER_LEVEL]
    titles = [index for index in marks.comments if marks.levels[index] != BANNER_LEVEL]
    found: dict[int, float] = {}
    for comments, cost, most in ((banners, _BANNER, _BANNERS), (titles, _TITLE, _TITLES)):
        if len(comments) <= most * count:
            found |= dict.fromkeys(comments, cost)
    return found


def _crossing(flow: Flow, cells: Sequence[CellFacts], index: int) -> float:
    """Return the price of what would have to be stored: by its names, and a bit for its size."""
    names = flow.live(index)
    count = sum(0.5 if name.startswith("<") else 1.0 for name in names)
    total = min(_NAME * min(count, FEW_NAMES) + _ONE_MORE * max(count - FEW_NAMES, 0.0), _HIGHEST)
    size = 0
    for name in names:
        writer = flow.writer(name, index)
        record = cells[writer].record if writer is not None else None
        if record is not None and name in record.values:
            size += record.values[name].size
    return total + _PER_POWER_OF_TEN * math.floor(math.log10(size + 1))


def _apart(
    purposes: Sequence[Purpose], cells: Sequence[CellFacts], flow: Flow, index: int
) -> float:
    """Return what speaks against parting a cell from the one before it."""
    before, after = purposes[index - 1], purposes[index]
    cost = 0.0
    if after.shows:
        fresh = flow.cells[index - 1].writes
        cost += _SHOWN_APART if flow.cells[index].reads & fresh or after.trivial else 0.0
    if before.defines and flow.cells[index].mentions & flow.cells[index - 1].writes:
        cost += _USE_APART
    if before.verb == "load" and after.verb in {"explore", "clean"}:
        cost += _FIRST_LOOK
    if before.imports:
        cost += _USE_APART
    return cost if not _continues(cells[index]) else cost + _CONTINUES


def _continues(facts: CellFacts) -> bool:
    """Whether a cell is a lone expression, which belongs to what stands before it."""
    return (
        len(facts.tree.body) == 1
        and isinstance(facts.tree.body[0], ast.Expr)
        and isinstance(facts.tree.body[0].value, (ast.Name, ast.Attribute, ast.Subscript))
    )
