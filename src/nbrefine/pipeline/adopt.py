"""Writes the engine's executor into a ``pipeline.yaml``, and leaves all else as it stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import yaml

from nbrefine.pipeline.located import Document, read_yaml
from nbrefine.pipeline.planned_state import EXECUTOR, is_engine

if TYPE_CHECKING:
    from pathlib import Path

_STOCK = {"serial": ("  workers: 1",), "parallel": ()}


def adopted(file: Path) -> str:
    """Return a spec's text with the engine's executor.

    Parameters
    ----------
    file
        The spec.

    Returns
    -------
    str
        As it is if it names the executor already.

    Raises
    ------
    PipelineSpecError
        If it cannot be read, or names an executor that somebody else has written.
    """
    document = read_yaml(file)
    text = text_of(file)
    if isinstance(document.value, list):
        first = _first_line(text)
        return _with(text, first, first, [*_block(()), "", "tasks:"])
    present = document.value.get("executor") if isinstance(document.value, Mapping) else None
    if is_engine(present):
        return text
    if present is not None:
        stock = isinstance(present, str) and present in _STOCK
        if not stock:
            raise _foreign(document, present)
        start, end = _lines_of(text, "executor")
        return _with(text, start, end, _block(_STOCK[str(present)]))
    tasks, _ = _lines_of(text, "tasks")
    above = text.split("\n")[:tasks]
    while above and above[-1].startswith("#"):
        above.pop()
    # A comment at the very top is about the whole file.
    start = len(above) or tasks
    return _with(text, start, start, [*_block(()), ""])


def text_of(file: Path) -> str:
    """Return a spec's text with the line ends that it has."""
    return file.read_bytes().decode("utf-8")


def _block(more: tuple[str, ...]) -> list[str]:
    return ["executor:", f"  dotted_path: {EXECUTOR}", *more]


def _foreign(document: Document, present: object) -> Exception:
    named = present.get("dotted_path") if isinstance(present, Mapping) else present
    return document.error(
        f"The pipeline names another executor, {named!r}.",
        "executor",
        hint="Take it out if nbrefine's is to run the pipeline.",
    )


def _first_line(text: str) -> int:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    return int(node.start_mark.line) if node is not None else 0


def _lines_of(text: str, name: str) -> tuple[int, int]:
    """Return the first line of a top-level entry, from 0, and the first that is not its own."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == name:
            return key.start_mark.line, max(value.end_mark.line, key.start_mark.line + 1)
    return 0, 0


def _with(text: str, start: int, end: int, lines: list[str]) -> str:
    rows = text.split("\n")
    end_of_line = "\r" if rows[0].endswith("\r") else ""
    return "\n".join([*rows[:start], *(f"{line}{end_of_line}" for line in lines), *rows[end:]])
