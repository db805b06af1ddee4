"""A graph as text for a terminal: one line a node, rails beside it for the edges.

Each node that others read from has a rail, from its line down to the line of its last reader::

    ●    load   up to date
    ├─●  clean  outdated    param threshold: 15 -> 20
    │ ●  fit    outdated    clean is outdated
    ●─╯  plot   outdated    fit is outdated

A rail that another line passes behind (``─│─``) has no part in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from nbrefine.report.graph import Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbrefine.report.graph import Node, Picture

_ASCII = str.maketrans("│─├┤┼╰╯┴●○◌…→", "|-+++`'+*o.~>")
_MARKS = {Tone.GOOD: "●", Tone.STALE: "●", Tone.ABSENT: "○", Tone.UNSURE: "◌"}


# Colours a text by how a node stands.
Paint: TypeAlias = "Callable[[str, Tone], str]"


def plain(text: str, _tone: Tone) -> str:
    """Return the text without colours."""
    return text


@dataclass
class _Rail:
    """A column that leads from a node to those that read from it."""

    name: str
    last: int  # the line of its last reader


def text_graph(
    picture: Picture, *, width: int = 100, ascii_only: bool = False, paint: Paint = plain
) -> str:
    """Draw a graph as text.

    Parameters
    ----------
    picture
        The graph.
    width
        Columns of the terminal; only a node's details are ever cut.
    ascii_only
        Draw with characters that every terminal has.
    paint
        What colours a mark and a note.

    Returns
    -------
    str
        A line for each node.
    """
    rows = list(_rails(picture))
    rail_width = max((len(row.rstrip()) for row in rows), default=0)
    name_width = max((len(node.name) for node in picture.nodes), default=0)
    note_width = max((len(node.note) for node in picture.nodes), default=0)
    room = width - rail_width - name_width - note_width - 6
    lines = []
    for node, row in zip(picture.nodes, rows, strict=True):
        rails = row.rstrip().ljust(rail_width)
        details = _cut("; ".join(node.details), room)
        note = node.note.ljust(note_width)
        if ascii_only:
            rails, details = rails.translate(_ASCII), details.translate(_ASCII)
        mark = _MARKS[node.tone].translate(_ASCII) if ascii_only else _MARKS[node.tone]
        rails = rails.replace(mark, paint(mark, node.tone), 1)
        name = node.name.ljust(name_width)
        lines.append(f"{rails}  {name}  {paint(note, node.tone)}  {details}".rstrip())
    return "".join(f"{line}\n" for line in lines)


def can_show(encoding: str | None) -> bool:
    """Tell whether a terminal of an encoding can show the lines that are drawn."""
    try:
        "│─├╰●○◌…".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 0)] + "…" * (room > 0)


def _rails(picture: Picture) -> Iterator[str]:
    line = {node.name: i for i, node in enumerate(picture.nodes)}
    last: dict[str, int] = {}
    for start, end in picture.edges:
        last[start] = max(last.get(start, -1), line[end])
    rails: list[_Rail | None] = []
    leaf = -1  # the column of the line before, if its node has no rail: below it nothing may begin
    for number, node in enumerate(picture.nodes):
        read = set(picture.before(node.name))
        sources = [i for i, rail in enumerate(rails) if rail and rail.name in read]
        ending = [i for i in sources if (rail := rails[i]) and rail.last == number]
        column = _column(rails, sources, ending, leaf)
        yield _row(rails, sources, ending, column, node)
        for i in ending:
            rails[i] = None
        rails += [None] * (column + 1 - len(rails))
        rails[column] = _Rail(node.name, last[node.name]) if node.name in last else None
        leaf = column if rails[column] is None else -1
        while rails and rails[-1] is None:
            rails.pop()


def _column(rails: list[_Rail | None], sources: list[int], ending: list[int], leaf: int) -> int:
    """Choose a node's column: below a rail that ends there, else the first free one beside."""
    if ending and ending[0] == sources[0]:
        return ending[0]
    columns = range(sources[0] + 1 if sources else 0, len(rails) + 2)
    return next(i for i in columns if i != leaf and (i >= len(rails) or rails[i] is None))


def _row(
    rails: list[_Rail | None], sources: list[int], ending: list[int], column: int, node: Node
) -> str:
    """Draw a node's line: the rails that pass, those that end, and the node."""
    touched = [*sources, column]
    first, last = min(touched), max(touched)
    cells = []
    for i in range(max(len(rails), column + 1)):
        if i == column:
            cell = _MARKS[node.tone]
        elif i in sources:
            corners = "╰╯" if i in (first, last) else "┴┴"
            through = "├┤" if i in (first, last) else "┼┼"
            cell = (corners if i in ending else through)[i > column]
        elif i < len(rails) and rails[i]:
            cell = "│"
        else:
            cell = "─" if first < i < last else " "
        cells.append(cell + ("─" if first <= i < last else " "))
    return "".join(cells)
