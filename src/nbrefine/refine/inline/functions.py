"""A run of statements as a function with a docstring."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.inline.names import summary_of
from nbrefine.transforms import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.inline.columns import Columns
    from nbrefine.refine.inline.runs import Run

__all__ = ["Wording", "call_of", "function_of"]

WIDTH = 88  # of a line, as formatters have it
LONGEST = 60  # of a value that a docstring shows

# What has become of a column that was there before.
_DONE = {
    "fill": "filled",
    "convert": "converted",
    "encode": "encoded",
    "clean": "cleaned",
    "scale": "scaled",
    "transform": "transformed",
    "bin": "put into bins",
    "round": "rounded",
    "cap": "capped",
    "rename": "renamed",
}
_ROWS = {
    Kind.ROW_WISE: "Rows and their order stay; each row is made of that row alone.",
    Kind.FITTED: "Rows and their order stay; the values depend on all rows of the frame.",
    Kind.RESHAPING: "The rows are not those of the frame that goes in.",
}


@dataclass(frozen=True)
class Wording:
    """What is said of a function.

    Attributes
    ----------
    verb : str
        What it does.
    columns : Columns
        The columns that it reads and makes.
    frame_type : str
        The annotation of a frame: ``pd.DataFrame``.
    types : mapping of str to str
        The annotations of other arguments, where they are known.
    values : mapping of str to object
        Their values in the notebook, where these never change.
    summary : str
        The first line of the docstring, where verb and columns do not say enough.
    joined : tuple of str
        The arguments that are tables to be joined.
    """

    verb: str
    columns: Columns
    frame_type: str
    types: Mapping[str, str]
    values: Mapping[str, object]
    summary: str = ""
    joined: tuple[str, ...] = ()


def function_of(run: Run, name: str, wording: Wording) -> str:
    """Write a function.

    Parameters
    ----------
    run
        The statements; they stay as they are written, with their comments.
    name
        Of the function.
    wording
        What is said of it.

    Returns
    -------
    str
        Its source.
    """
    body, types = _lines(run), wording.types
    arguments = [f"{run.takes}: {wording.frame_type}"]
    arguments += [f"{each}: {types[each]}" if each in types else each for each in run.arguments]
    head = f"def {name}({', '.join(arguments)}) -> {wording.frame_type}:"
    if len(head) > WIDTH:
        inside = "".join(f"    {each},\n" for each in arguments)
        head = f"def {name}(\n{inside}) -> {wording.frame_type}:"
    told = _docstring(run, wording)
    parts = [head, textwrap.indent(told, "    "), textwrap.indent(body, "    ")]
    return "\n".join([*parts, f"    return {run.gives}"])


def _lines(run: Run) -> str:
    """Return the lines from the first statement to the last, with what is between them."""
    first, last = run.statements[0].first, run.statements[-1].last
    return "\n".join(run.cell.lines[first - 1 : last])


def _docstring(run: Run, wording: Wording) -> str:
    columns = wording.columns
    known = wording.verb in {*_DONE, "set", "update", "replace"}
    old = [each for each in columns.makes if known or each in columns.reads]
    done = [
        f"    With {_listed(names)} {participle}."
        for names, participle in (
            ([each for each in columns.makes if each not in old], "added"),
            (old, _DONE.get(wording.verb, "changed")),
        )
        if names
    ]
    lines = [
        f'"""{wording.summary or summary_of(wording.verb, wording.columns)}',
        "",
        "Parameters",
        "----------",
        f"{run.takes} : {wording.frame_type}",
        f"    {_taken(run, columns.reads)}",
        *_arguments(run, wording),
        "",
        "Returns",
        "-------",
        wording.frame_type,
        *done,
        f"    {_ROWS[run.kind.kind]}",
        '"""',
    ]
    return "\n".join("\n".join(textwrap.wrap(each, 92, subsequent_indent="    ")) for each in lines)


def _listed(columns: Sequence[str]) -> str:
    names = ", ".join(f"`{each}`" for each in columns)
    return f"the column{'s' if len(columns) > 1 else ''} {names}"


def _taken(run: Run, reads: Sequence[str]) -> str:
    """Say what is needed of the frame that goes in, and what becomes of it."""
    needed = f"With {_listed(reads)}" if reads else "The table"
    node = run.statements[0].node
    rebinds = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    return f"{needed}." if rebinds else f"{needed}; it is changed itself."


def _arguments(run: Run, wording: Wording) -> list[str]:
    """Return what is said of the other arguments: types and values, where they are known."""
    lines = []
    for each in run.arguments:
        type_ = wording.types.get(each)
        value = repr(wording.values.get(each))
        lines.append(f"{each} : {type_}" if type_ else each)
        if each in wording.values and type_ and len(value) <= LONGEST:
            lines.append(f"    `{value}` in the notebook.")
        elif each in wording.joined:
            lines.append(f"    {'A' if wording.joined[1:] else 'The'} table that is joined.")
        elif type_ == wording.frame_type:
            lines.append("    Another table.")
        else:
            lines.append(f"    What the notebook has as `{each}`.")
    return lines


def call_of(run: Run, name: str) -> str:
    """Return the statement that takes the place of a run."""
    return f"{run.gives} = {name}({', '.join([run.takes, *run.arguments])})"
