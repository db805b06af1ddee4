"""Faults in the code of a cell, of the kinds that slip into notebooks and change what they show."""

from __future__ import annotations

import ast
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LABELS = frozenset(
    {"label", "title", "xlabel", "ylabel", "suptitle", "set_title", "set_xlabel", "set_ylabel"}
)
_COLOURS = frozenset({"color", "c", "cmap", "palette"})
_SCALES = frozenset({"yscale", "xscale", "set_yscale", "set_xscale"})
_OTHER = {"color": "black", "c": "black", "cmap": "magma", "palette": "magma"}


@dataclass(frozen=True)
class Fault:
    """One fault.

    Parameters
    ----------
    kind
        ``constant``, ``column``, ``order``, ``row``, ``label``, ``colour`` or ``scale``.
    cell
        Index of the cell in the notebook.
    source
        The cell's text with the fault.
    what
        What was changed.
    """

    kind: str
    cell: int
    source: str
    what: str


def faults(sources: Sequence[str], most: int) -> list[Fault]:
    """Choose faults for a notebook, of as many kinds as there are; its text decides which.

    Parameters
    ----------
    sources
        Texts of its cells; those that are no plain Python are left as they are.
    most
        How many.
    """
    found: dict[str, list[Fault]] = {}
    columns = sorted({name for source in sources for name in _columns(source)})
    for cell, source in enumerate(sources):
        for fault in _in_cell(cell, source, columns):
            found.setdefault(fault.kind, []).append(fault)
    chance = random.Random("\n".join(sources))  # noqa: S311  (a choice, no secret)
    # Where few are chosen of many notebooks, all kinds are among them.
    kinds = chance.sample(sorted(found), len(found))
    for kind in kinds:
        chance.shuffle(found[kind])
    chosen: list[Fault] = []
    while len(chosen) < most and any(found.values()):
        chosen += [found[kind].pop() for kind in kinds if found[kind]]
    return chosen[:most]


def _in_cell(cell: int, source: str, columns: Sequence[str]) -> Iterator[Fault]:
    # What sets parameters and what writes products is the pipeline's, not the author's.
    if source.startswith("# parameters") or "product[" in source:
        return
    for node in ast.walk(_tree(source)):
        for kind, edit, what in (*_edits(node), *_renamed(node, columns)):
            yield from _made(cell, source, kind, node, edit, what)


def _tree(source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _columns(source: str) -> Iterator[str]:
    """Give the names of columns that a cell takes from frames."""
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            value = node.slice.value
            holder = ast.unparse(node.value)
            if isinstance(value, str) and not holder.startswith(("upstream", "product")):
                yield value


def _renamed(
    node: ast.AST, columns: Sequence[str]
) -> Iterator[tuple[str, Callable[[str], str], str]]:
    """Take another column of a frame, where one is read."""
    if not (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)):
        return
    old = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if not isinstance(old, str) or old not in columns or len(columns) == 1:
        return
    new = columns[(columns.index(old) + 1) % len(columns)]
    yield "column", _another_text(old, new), f"{old} became {new}"


def _made(  # noqa: PLR0913, PLR0917  (what a fault is)
    cell: int, source: str, kind: str, node: ast.AST, edit: Callable[[str], str], what: str
) -> Iterator[Fault]:
    """Replace a node's text, if that is still Python."""
    text = ast.get_source_segment(source, node)
    if text is None or source.count(text) == 0:
        return
    lines = source.split("\n")
    row, column = node.lineno - 1, node.col_offset  # type: ignore[attr-defined]
    if node.end_lineno != node.lineno or not lines[row].isascii():  # type: ignore[attr-defined]
        return
    end = node.end_col_offset  # type: ignore[attr-defined]
    lines[row] = lines[row][:column] + edit(text) + lines[row][end:]
    changed = "\n".join(lines)
    try:
        ast.parse(changed)
    except SyntaxError:
        return
    if changed != source:
        yield Fault(kind, cell, changed, what)


def _edits(node: ast.AST) -> Iterator[tuple[str, Callable[[str], str], str]]:
    """Give what can be done to a node: the kind, the edit of its text, and a word."""
    if isinstance(node, ast.Constant) and type(node.value) in {int, float} and node.value:
        yield "constant", lambda text: f"({text} * 2)", f"{node.value} doubled"
    if isinstance(node, ast.Assign) and _makes_a_frame(node.value):
        yield "row", lambda text: f"{text}.iloc[1:]", "the first row dropped"
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name == "sort_values" and not any(k.arg == "ascending" for k in node.keywords):
        yield "order", lambda text: f"{text[:-1]}, ascending=False)", "sorted the other way"
    if name in _SCALES:
        yield "scale", lambda text: text.replace("log", "linear"), "log became linear"
    if name in _LABELS and node.args:
        yield from _labelled(node.args[0])
    for keyword in node.keywords:
        if keyword.arg in _LABELS:
            yield from _labelled(keyword.value)
        elif keyword.arg in _COLOURS and (old := _text(keyword.value)):
            yield "colour", _another_text(old, _OTHER[keyword.arg]), old


def _labelled(value: ast.expr) -> Iterator[tuple[str, Callable[[str], str], str]]:
    if old := _text(value):
        yield "label", _another_text(old, f"{old} (?)"), old


def _text(value: ast.expr) -> str:
    """Return the text that an expression is; empty if it is none."""
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def _another_text(old: str, new: str) -> Callable[[str], str]:
    """Return what puts another text into code, whichever quotes it has."""
    quoted = re.compile(rf"(['\"]){re.escape(old)}\1")
    return lambda code: quoted.sub(lambda found: f"{found[1]}{new}{found[1]}", code)


def _makes_a_frame(value: ast.expr) -> bool:
    call = value.func if isinstance(value, ast.Call) else None
    frames = {"read_csv", "read_parquet", "read_excel", "sort_values", "dropna", "reset_index"}
    return isinstance(call, ast.Attribute) and call.attr in frames
