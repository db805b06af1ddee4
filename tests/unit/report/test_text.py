from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.report.graph import Node, Picture, Tone
from nbrefine.report.text import can_show, text_graph


def picture(*edges: str, nodes: str) -> Picture:
    return Picture("t", tuple(Node(n, tone=Tone.GOOD) for n in nodes), tuple(map(tuple, edges)))


PLOT = Picture(
    "t",
    (
        Node("load", "up to date", Tone.GOOD),
        Node("clean", "outdated", Tone.STALE, details=("param n: 15 -> 20", "x changed")),
        Node("fit", "missing", Tone.ABSENT),
        Node("plot", "unknown", Tone.UNSURE),
    ),
    (("load", "clean"), ("clean", "fit"), ("load", "plot"), ("fit", "plot")),
)


def test_the_whole_text() -> None:
    """Rails, names, notes and details stand in columns, without trailing blanks."""
    assert text_graph(PLOT) == (
        "●    load   up to date\n"
        "├─●  clean  outdated    param n: 15 -> 20; x changed\n"
        "│ ○  fit    missing\n"
        "◌─╯  plot   unknown\n"
    )


def test_ascii() -> None:
    """Where the terminal has no such characters, plain ones say the same."""
    lines = text_graph(PLOT, ascii_only=True).splitlines()
    assert [line[:5] for line in lines] == ["*    ", "+-*  ", "| o  ", ".-'  "]
    assert all(line.isascii() for line in lines)


def test_only_details_are_cut() -> None:
    """In a narrow terminal names and states stay whole."""
    lines = text_graph(PLOT, width=36).splitlines()
    assert lines[1] == "├─●  clean  outdated    param n: 15…"
    assert text_graph(PLOT, width=5).splitlines()[1] == "├─●  clean  outdated"


def test_colours() -> None:
    """The mark and the note are painted by how the node stands, and nothing else is."""
    lines = text_graph(PLOT, paint=lambda text, tone: f"<{tone}:{text}>").splitlines()
    assert lines[1] == "├─<stale:●>  clean  <stale:outdated  >  param n: 15 -> 20; x changed"


RAILS = {
    # Two that nothing connects never look like a chain.
    "apart": (picture(nodes="ab"), ["●", "  ●"]),
    "chain": (picture("ab", "bc", nodes="abc"), ["●", "●", "●"]),
    "fan": (picture("ab", "ac", "bd", "cd", nodes="abcd"), ["●", "├─●", "● │", "●─╯"]),
    "skip": (picture("ab", "bc", "ac", nodes="abc"), ["●", "├─●", "●─╯"]),
    # c reads from a and passes behind b's rail.
    "behind": (picture("ac", "bd", "ad", nodes="abcd"), ["●", "│ ●", "├─│─●", "●─╯"]),
    "middle": (
        picture("ad", "bd", "cd", "be", nodes="abcde"),
        ["●", "│ ●", "│ │ ●", "●─┼─╯", "  ●"],
    ),
}


@pytest.mark.parametrize("name", RAILS)
def test_rails(name: str) -> None:
    """Each shape of graph has the rails that a reader would draw."""
    graph, expected = RAILS[name]
    rows = [line.rpartition("  ")[0].rstrip() for line in text_graph(graph).splitlines()]
    assert rows == expected


@given(st.lists(st.sets(st.integers(0, 11), max_size=4), max_size=12))
def test_rails_say_the_edges(sets: list[set[int]]) -> None:
    """Read back from the text alone, the rails give exactly the graph's edges."""
    names = [f"n{i:02d}" for i in range(len(sets))]
    edges = {(names[j], names[i]) for i, s in enumerate(sets) for j in s if j < i}
    graph = Picture("t", tuple(Node(n, tone=Tone.GOOD) for n in names), tuple(sorted(edges)))
    assert _edges_of(text_graph(graph)) == edges
    assert text_graph(graph, ascii_only=True).isascii()


def _edges_of(text: str) -> set[tuple[str, str]]:
    """Follow the rails: what a line joins leads to its node."""
    found, rails = set(), {}
    for line in text.splitlines():
        row, name = line[:-3], line[-3:]
        at = row.index("●")
        left, right = at, at
        while left > 0 and row[left - 1] == "─":
            left -= 2
        while right + 1 < len(row) and row[right + 1] == "─":
            right += 2
        joined = [i for i in range(left, right + 1, 2) if row[i] in "├┤┼╰╯┴"]
        sources = [rails[i] for i in joined]
        ending = [i for i in joined if row[i] in "╰╯┴"]
        if at in rails:  # the node stands on a rail, which leads to it
            sources.append(rails.pop(at))
        found |= {(source, name) for source in sources}
        for i in ending:
            del rails[i]
        assert all(row[i] in "│├┤┼" for i in rails)
        rails[at] = name
        rails = {i: source for i, source in rails.items() if i != at or _goes_on(text, line, at)}
    return found


def _goes_on(text: str, line: str, column: int) -> bool:
    """Tell whether a rail begins at a node: something stands right below it."""
    lines = text.splitlines()
    below = lines[lines.index(line) + 1 :]
    return bool(below) and below[0][:-3].ljust(column + 1)[column] in "│├┤┼╰╯┴●"


def test_an_empty_graph_is_no_line() -> None:
    """No node, no text."""
    assert text_graph(Picture("t", (), ())) == ""


def test_what_a_terminal_can_show() -> None:
    """UTF-8 can, ASCII, Latin-1 and what is not known cannot."""
    assert can_show("utf-8")
    assert not can_show("ascii")
    assert not can_show("latin-1")
    assert not can_show("no-such-encoding")
    assert not can_show(None)
