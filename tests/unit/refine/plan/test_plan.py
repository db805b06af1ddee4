"""Which cuts can be followed, given how values can be stored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.formats import Stored
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.plan import Plan, Request, make_plan
from nbrefine.refine.segment.segment import FEW_NAMES, Boundaries, propose

if TYPE_CHECKING:
    from collections.abc import Sequence

CLASS = "class Price:\n    pass"
CELLS = (CLASS, "old = Price()", "class Price:\n    size = 1", "print(old, Price)")


def planned(cells: Sequence[str], how: str, held: tuple[str, ...], **more: Any) -> Plan:  # noqa: ANN401
    """Plan one step a cell, where all values are stored in one way."""
    notebook = Notebook(
        Path("n.ipynb"), tuple(Cell("code", each, index=i) for i, each in enumerate(cells))
    )
    flow = build_flow(gather(notebook, None))

    def store(requests: Sequence[Request]) -> dict[Request, Stored]:
        return {request: Stored(request[1], how, held=held, **more) for request in requests}

    nowhere = (False,) * len(cells)
    return make_plan(flow, Boundaries((0.0,) * len(cells), nowhere), store, steps=len(cells))


def test_an_instance_is_not_read_where_its_class_is_another_one() -> None:
    """A file that names the class would come back as an instance of the newer class."""
    plan = planned(CELLS, "joblib", ("Price",))
    assert next(cut for cut in plan.cuts if 1 in cut)[-3:] == (1, 2, 3)
    (bond,) = plan.bonds
    assert bond.reason == "`Price` is defined anew before `old`, which holds it, is read"


@pytest.mark.parametrize(
    ("cells", "how", "held"),
    [
        (CELLS, "joblib", ()),
        (CELLS, "cloudpickle", ("Price",)),
        ((*CELLS[:2], "size = 1", CELLS[3]), "joblib", ("Price",)),
    ],
)
def test_what_does_not_name_a_newer_class_may_cross(
    cells: Sequence[str], how: str, held: tuple[str, ...]
) -> None:
    """Values without instances, copies of their classes, and classes that stay the same."""
    assert not planned(cells, how, held).bonds


def test_copies_of_the_older_class_cross_where_the_plainer_format_would_name_the_newer() -> None:
    """If a trial has shown that they are exact too."""
    plan = planned(CELLS, "joblib", ("Price",), copying="cloudpickle")
    assert not plan.bonds
    old = [how for (_, name), how in plan.stored.items() if name == "old"]
    assert [(how.format, how.copying) for how in old] == [("cloudpickle", "")]


def test_copies_do_not_see_that_what_they_call_is_defined_anew() -> None:
    """Even if that comes after the file was read: the original would call the newer function."""
    tax = "def tax(x):\n    return x"
    cells = (tax, "class Price:\n    def __init__(self):\n        tax(1)", "old = Price()")
    later = (*cells, "print(old)", tax.replace("x\n", "x, y=0\n"), "old.__init__()")
    assert not planned((*cells, "print(old)"), "cloudpickle", ("Price",), reads=("tax",)).bonds
    (bond,) = planned(later, "cloudpickle", ("Price",), reads=("tax",)).bonds
    assert (bond.first, bond.last) == (2, 5)
    assert bond.reason == "`tax` is defined anew before `old`, which calls it, is read"


def test_few_names_cross_where_the_notebook_lets_them() -> None:
    """Four names are alive in the middle of each half: it is cut beside that, though it is dear."""
    half = ("a, b = 1, f(2)", "c, d = f(3), f(b)", "e = f(b)", "g = [b, c, d, e]", "print(g)")
    cells = ("from m import f", *half, *half, *half)
    document = Notebook(
        Path("n.ipynb"), tuple(Cell("code", each, index=i) for i, each in enumerate(cells))
    )
    flow = build_flow(gather(document, None))
    costs = [0.0 if len(flow.live(index)) > FEW_NAMES else 8.0 for index in range(len(cells))]
    heavy = frozenset(index for index, cost in enumerate(costs) if not cost)
    assert heavy == {4, 9, 14}

    def store(requests: Sequence[Request]) -> dict[Request, Stored]:
        return {request: Stored(request[1], "json") for request in requests}

    boundaries = Boundaries((0.0, *costs[1:]), (False,) * len(cells), heavy=heavy)
    assert heavy.issuperset(run[0] for run in propose(boundaries, ())[0].cuts[1:])
    plan = make_plan(flow, boundaries, store)
    assert len(plan.cuts) >= 3
    assert not heavy.intersection(run[0] for run in plan.cuts)
