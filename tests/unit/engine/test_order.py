"""The step on which most depends runs first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nbrefine.engine.order import longest_first
from nbrefine.pipeline.graph import Graph


def test_the_longest_way_decides() -> None:
    """A short step before a long one comes before a step of middle length."""
    graph = Graph({"short": [], "middle": [], "long": ["short"]})
    seconds = {"short": 1, "middle": 50, "long": 60}
    assert longest_first(graph, graph.order, seconds) == ("short", "long", "middle")


def test_without_any_times_the_number_of_steps_decides() -> None:
    """Else the order of the pipeline."""
    graph = Graph({"alone": [], "first": [], "second": ["first"], "other": []})
    assert longest_first(graph, graph.order, {}) == ("first", "alone", "second", "other")


@given(
    st.lists(st.sets(st.integers(0, 8), max_size=3), max_size=9),
    st.lists(st.floats(0, 100), min_size=9, max_size=9),
)
def test_no_step_comes_before_what_it_builds_on(ups: list[set[int]], times: list[float]) -> None:
    """Whatever the times are, as long as they are not negative."""
    graph = Graph({str(i): [str(u) for u in up if u < i] for i, up in enumerate(ups)})
    seconds = {name: times[int(name)] for name in graph.order}
    order = longest_first(graph, graph.order, seconds)
    assert sorted(order) == sorted(graph.order)
    place = {name: index for index, name in enumerate(order)}
    assert all(place[up] < place[name] for up, name in graph.edges())
