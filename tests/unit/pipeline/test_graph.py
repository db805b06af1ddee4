from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.errors import PipelineSpecError
from nbrefine.pipeline.graph import Graph

DIAMOND = Graph({"d": ["b", "c"], "b": ["a"], "c": ["a"], "a": [], "e": []})


def test_the_order_is_stable() -> None:
    """A step comes after what it builds on, else in the order in which it was given."""
    assert DIAMOND.order == ("a", "b", "c", "d", "e")
    assert Graph({"b": [], "a": []}).order == ("b", "a")
    assert Graph({}).order == ()


def test_neighbours_near_and_far() -> None:
    """Upstream and downstream are the next steps, ancestors and descendants all of them."""
    assert DIAMOND.upstream("d") == ("b", "c")
    assert DIAMOND.downstream("a") == ("b", "c")
    assert DIAMOND.ancestors("d") == ("a", "b", "c")
    assert DIAMOND.descendants("a") == ("b", "c", "d")
    assert DIAMOND.descendants("e") == ()
    assert DIAMOND.edges() == (("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"))


def test_layers_are_the_longest_way() -> None:
    """A step lies one layer below the lowest that it builds on."""
    assert DIAMOND.layers() == (("a", "e"), ("b", "c"), ("d",))
    assert Graph({"a": [], "b": ["a"], "c": ["a", "b"]}).layers() == (("a",), ("b",), ("c",))
    assert Graph({}).layers() == ()


@pytest.mark.parametrize(
    ("upstream", "cycle"),
    [
        ({"a": ["a"]}, "a → a"),
        ({"x": [], "a": ["c", "x"], "b": ["a"], "c": ["b"], "d": ["c"]}, "a → b → c → a"),
        ({"d": ["a"], "b": ["a"], "a": ["b"]}, "a → b → a"),
    ],
)
def test_a_cycle_is_named(upstream: dict[str, list[str]], cycle: str) -> None:
    """The error names the circle itself, in the order of the build, and not what hangs on it."""
    with pytest.raises(PipelineSpecError) as caught:
        Graph(upstream)
    assert caught.value.message.endswith(f": {cycle}.")


@given(st.lists(st.sets(st.integers(0, 12)), max_size=13))
def test_laws_of_order(sets: list[set[int]]) -> None:
    """In the order each step comes after its ancestors, and both ways of looking agree."""
    graph = Graph({str(i): [str(j) for j in sorted(s) if j < i] for i, s in enumerate(sets)})
    place = {name: i for i, name in enumerate(graph.order)}
    assert len(place) == len(sets)
    for name in graph.order:
        assert all(place[up] < place[name] for up in graph.ancestors(name))
        assert set(graph.descendants(name)) == {n for n in place if name in graph.ancestors(n)}
