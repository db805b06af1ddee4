"""Cuts: what is forbidden, what the author demands, and what is too little or too much."""

from __future__ import annotations

from dataclasses import replace

from nbrefine.refine.flow.flow import Bond
from nbrefine.refine.segment.segment import Boundaries, cut, propose


def plain(count: int, **cheap: float) -> Boundaries:
    """Boundaries that all cost 3, but for those named ``at_4=-1``."""
    costs = [3.0] * count
    for name, cost in cheap.items():
        costs[int(name.removeprefix("at_"))] = cost
    return Boundaries(tuple(costs), (False,) * count)


def starts(runs: tuple[tuple[int, ...], ...]) -> list[int]:
    """First cells of all runs but the first."""
    return [run[0] for run in runs[1:]]


def test_runs_are_consecutive_and_complete() -> None:
    """Every cell is in one step, in its order."""
    runs = cut(plain(17), [])
    assert [cell for run in runs for cell in run] == list(range(17))


def test_ten_cells_are_at_least_three_steps() -> None:
    """A notebook of ten cells is cut twice even where every cut is dear."""
    assert len(cut(plain(10), [])) >= 3


def test_no_step_holds_more_than_half() -> None:
    """Cheap cuts at one end do not leave the rest in one piece."""
    runs = cut(plain(20, at_2=-5, at_4=-5), [])
    assert max(map(len, runs)) <= 10


def test_no_step_holds_more_than_half_whatever_crosses() -> None:
    """Names that cross do not outweigh that a notebook is left in one piece."""
    dear = [50.0] * 20
    dear[1] = dear[3] = 0.0
    assert max(map(len, cut(Boundaries(tuple(dear), (False,) * 20), []))) <= 10


def test_cheap_cuts_are_taken() -> None:
    """Where three sections are clearly marked, they are the steps."""
    assert starts(cut(plain(15, at_5=-8, at_10=-8), [])) == [5, 10]


def test_a_bond_is_never_cut() -> None:
    """Cells that must stay together do, even where a cut would be cheapest."""
    runs = cut(plain(15, at_5=-50), [Bond(4, 6, "it must")])
    assert 5 not in starts(runs)
    assert 6 not in starts(runs)


def test_a_bond_over_all_leaves_one_step() -> None:
    """If nothing can be separated there is one step."""
    assert cut(plain(12), [Bond(0, 11, "it must")]) == (tuple(range(12)),)


def test_the_author_s_tags_are_the_only_cuts() -> None:
    """Where the author has tagged steps, there are no others."""
    boundaries = Boundaries((0.0, *[-9.0] * 11), (False,) * 12, forced=frozenset({3, 4}))
    assert starts(cut(boundaries, [])) == [3, 4]


def test_a_tag_inside_a_bond_is_not_followed() -> None:
    """Soundness outranks the author's tag."""
    boundaries = Boundaries((0.0,) * 12, (False,) * 12, forced=frozenset({3, 6}))
    assert starts(cut(boundaries, [Bond(2, 4, "it must")])) == [6]


def test_a_trivial_cell_is_no_step() -> None:
    """A cell that only imports or shows something is never alone."""
    boundaries = Boundaries(
        (0.0, *[2.0] * 5, -6.0, -6.0, *[2.0] * 6), (*[False] * 6, True, *[False] * 7)
    )
    assert (6,) not in cut(boundaries, [])


def test_a_trivial_cell_is_no_step_where_nothing_else_can_be_cut() -> None:
    """Two steps are better than one, if both are steps."""
    whole = plain(12)
    first = replace(whole, trivial=(True, *whole.trivial[1:]))
    assert starts(cut(first, [Bond(1, 11, "it must")])) == []
    assert starts(cut(whole, [Bond(0, 3, "it must"), Bond(4, 11, "it must")])) == [4]


def test_the_number_of_steps_can_be_asked_for() -> None:
    """`--steps` decides, as far as bonds allow it."""
    assert len(cut(plain(20), [], 7)) == 7
    assert len(cut(plain(20), [Bond(0, 18, "it must")], 7)) == 2


def test_a_heading_before_every_cell_does_not_make_every_cell_a_step() -> None:
    """Where the author has headings for single cells, a step holds two and more at the mean."""
    boundaries = Boundaries((0.0, *[-20.0] * 13), (False,) * 14, marked=frozenset(range(1, 14)))
    assert len(cut(boundaries, [])) <= 7


def test_ways_that_avoid_heavy_places_are_proposed_too() -> None:
    """The cheapest comes first; others go round the places where much crosses, at their price."""
    costs = [3.0] * 15
    costs[5] = costs[10] = -3.0
    boundaries = Boundaries(tuple(costs), (False,) * 15, heavy=frozenset({5, 10}))
    first, *others = propose(boundaries, [])
    assert starts(first.cuts) == [5, 10]
    assert [each.cost for each in others] == sorted(each.cost for each in others)
    around = [each for each in others if not boundaries.heavy.intersection(starts(each.cuts))]
    assert min(each.cost for each in around) >= first.cost + 12
