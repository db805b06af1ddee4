"""``pipeline.yaml`` as a file made of its sections and its steps, as its user has laid it out."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import yaml

from nbrefine.refine.update.model import Document
from nbrefine.refine.update.modules import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["specification"]


def specification(path: str, text: str, files: Mapping[str, str]) -> Document:
    """Take a pipeline's specification apart.

    Parameters
    ----------
    path
        The file.
    text
        Its content.
    files
        For the source of a step what it is known by, where that is another path.

    Raises
    ------
    yaml.YAMLError
        If it is no YAML.
    """
    lines = text.splitlines()
    begins = {0: "head:"}
    for line, name in _starts(text, files):
        # What is said over a step belongs to it.
        at = line
        while at and at - 1 not in begins and _is_loose(lines[at - 1]):
            at -= 1
        begins[at] = name
    ends = sorted({*begins, len(lines)})
    pieces = [(begins[first], lines[first:last]) for first, last in pairwise(ends)]
    return Document(path, path, tuple(blocks(path, pieces)))


def _starts(text: str, files: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    """Give the first line of each section and of each step, and what it is known by."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        yield key.start_mark.line, f"section:{key.value}"
        if key.value == "tasks" and isinstance(value, yaml.SequenceNode) and not value.flow_style:
            for entry in value.value:
                source = _source(entry)
                yield entry.start_mark.line, f"step:{files.get(source, source)}"


def _source(entry: yaml.Node) -> str:
    pairs = entry.value if isinstance(entry, yaml.MappingNode) else ()
    return next((str(value.value) for key, value in pairs if key.value == "source"), "")


def _is_loose(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
