"""Laws of the layout, for graphs of all shapes."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.report.layout import lay_out

SLACK = 1e-6
Graph: TypeAlias = tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Nodes with sizes, and edges from earlier ones to later ones."""
    count = draw(st.integers(0, 14))
    size = st.tuples(st.integers(1, 300), st.integers(1, 90))
    sizes = {f"n{i}": draw(size) for i in range(count)}
    pairs = [(f"n{i}", f"n{j}") for i, j in combinations(range(count), 2)]
    edges = draw(st.lists(st.sampled_from(pairs), max_size=30)) if pairs else []
    return sizes, edges


DIRECTIONS = pytest.mark.parametrize("direction", ["right", "down"])


@DIRECTIONS
@given(graph=graphs())
def test_boxes_keep_their_distance(graph: Graph, direction: str) -> None:
    """No two boxes overlap; all have their size and lie within the drawing."""
    sizes, edges = graph
    layout = lay_out(sizes, edges, direction=direction, layer_gap=30, node_gap=10)
    assert set(layout.boxes) == set(sizes)
    for name, box in layout.boxes.items():
        assert (box.width, box.height) == sizes[name]
        assert min(box.x, box.y) >= -SLACK
        assert box.x + box.width <= layout.width + SLACK
        assert box.y + box.height <= layout.height + SLACK
    for one, two in combinations(layout.boxes.values(), 2):
        across = max(two.x - one.x - one.width, one.x - two.x - two.width)
        along = max(two.y - one.y - one.height, one.y - two.y - two.height)
        assert max(across, along) >= 10 - SLACK


@DIRECTIONS
@given(graph=graphs())
def test_edges_go_on(graph: Graph, direction: str) -> None:
    """Each edge leads from border to border, and never turns back."""
    sizes, edges = graph
    layout = lay_out(sizes, edges, direction=direction)
    axis = 0 if direction == "right" else 1
    assert set(layout.routes) == set(edges)
    for (start, end), route in layout.routes.items():
        assert all(two[axis] >= one[axis] - SLACK for one, two in pairwise(route))
        one, two = layout.boxes[start], layout.boxes[end]
        if direction == "right":
            borders = (one.x + one.width, one.y + one.height / 2), (two.x, two.y + two.height / 2)
        else:
            borders = (one.x + one.width / 2, one.y + one.height), (two.x + two.width / 2, two.y)
        assert route[0] == pytest.approx(borders[0], abs=SLACK)
        assert route[-1] == pytest.approx(borders[1], abs=SLACK)


@given(graph=graphs())
def test_lines_pass_boxes_by(graph: Graph) -> None:
    """The straight piece of a long edge that passes a layer meets no box there."""
    sizes, edges = graph
    layout = lay_out(sizes, edges, layer_gap=30, node_gap=10)
    for (start, end), route in layout.routes.items():
        for (left, y), (right, _) in list(pairwise(route))[::2]:
            for name, box in layout.boxes.items():
                if name not in {start, end} and box.x < right and left < box.x + box.width:
                    assert y <= box.y + SLACK or y >= box.y + box.height - SLACK


@given(graph=graphs())
def test_the_same_graph_gives_the_same_drawing(graph: Graph) -> None:
    """Nothing of the layout depends on hashes or on earlier layouts; edges are a set."""
    sizes, edges = graph
    assert lay_out(sizes, edges) == lay_out(dict(sizes), [*edges, *edges])


@given(graph=graphs())
def test_down_is_right_turned(graph: Graph) -> None:
    """The two directions are one drawing with its axes swapped."""
    sizes, edges = graph
    right = lay_out(sizes, edges, direction="right")
    turned = {name: (height, width) for name, (width, height) in sizes.items()}
    down = lay_out(turned, edges, direction="down")
    assert {name: (box.y, box.x) for name, box in down.boxes.items()} == {
        name: (box.x, box.y) for name, box in right.boxes.items()
    }
    assert (down.height, down.width) == (right.width, right.height)


def test_a_cycle_is_refused() -> None:
    """What cannot be layered is an error, not an endless loop."""
    with pytest.raises(ValueError, match="cycle among a, b"):
        lay_out({"a": (1, 1), "b": (1, 1)}, [("a", "b"), ("b", "a")])


def test_steps_in_a_row_stand_in_line() -> None:
    """A chain stays straight although a long edge passes its steps."""
    sizes = dict.fromkeys("abcd", (100.0, 40.0))
    layout = lay_out(sizes, [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("b", "d")])
    assert max(box.y for box in layout.boxes.values()) - min(
        box.y for box in layout.boxes.values()
    ) == pytest.approx(0, abs=0.5)


def test_crossings_that_can_be_avoided_are() -> None:
    """Two pairs that were given crosswise do not cross."""
    sizes = dict.fromkeys(("a", "b", "c", "d"), (50.0, 20.0))
    boxes = lay_out(sizes, [("a", "d"), ("b", "c")]).boxes
    assert (boxes["a"].y < boxes["b"].y) == (boxes["d"].y < boxes["c"].y)
