"""Add modules to the ``resources_`` of steps, and leave the rest of ``pipeline.yaml`` as it is."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import yaml

from nbrefine.errors import PipelineSpecError, Place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RESOURCES = "resources_"


def add_resources(text: str, wanted: Mapping[str, Sequence[str]], file: str) -> str:
    """Add files to the resources of steps.

    Parameters
    ----------
    text
        Of ``pipeline.yaml``.
    wanted
        For the source of each step the files that it depends on, relative to the root; those
        that it has already among them.
    file
        Path of the spec as the user would type it, for messages.

    Returns
    -------
    str
        The same text with lines more in it; comments and layout stay.

    Raises
    ------
    PipelineSpecError
        If a step is written in one line, so that there is no line to add.
    """
    lines = text.split("\n")
    insertions: list[tuple[int, list[str]]] = []
    for task in _tasks(text):
        source = task.get("source")
        files = wanted.get(source.value, ()) if isinstance(source, yaml.ScalarNode) else ()
        if found := _insertion(task, files, file):
            insertions.append(found)
    for line, new in sorted(insertions, reverse=True):
        lines[line:line] = new
    return "\n".join(lines)


def _tasks(text: str) -> list[dict[str, yaml.Node]]:
    """Return the entries of the tasks, each by its keys."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    tasks = _items(root).get("tasks") if root else None
    entries = tasks.value if isinstance(tasks, yaml.SequenceNode) else []
    return [{**_items(entry), "": entry} for entry in entries]


def _items(node: yaml.Node | None) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): value for key, value in node.value}


def _insertion(
    task: Mapping[str, yaml.Node], files: Sequence[str], file: str
) -> tuple[int, list[str]] | None:
    """Return the line behind which to add, and what; None if all is there."""
    params = task.get("params")
    resources = _items(params).get(RESOURCES)
    known = {str(node.value) for node in _items(resources).values()}
    missing = [path for path in files if path not in known]
    if not missing:
        return None
    entry = task[""]
    within = next((node for node in (resources, params, entry) if node is not None), entry)
    if not isinstance(within, yaml.MappingNode) or within.flow_style:
        line = within.start_mark.line + 1
        raise PipelineSpecError(
            f"{', '.join(missing)} cannot be added to {RESOURCES} of a step in one line.",
            where=Place(file, line),
            hint="Write the step over several lines.",
        )
    names = _named(missing, set(_items(resources)))
    depth = within.start_mark.column
    head = [] if resources else [RESOURCES] if params else ["params", RESOURCES]
    new = [f"{' ' * (depth + 2 * number)}{key}:" for number, key in enumerate(head)]
    inner = " " * (depth + 2 * len(head))
    return _last_line(within), [*new, *(f"{inner}{key}: {path}" for key, path in names.items())]


def _last_line(node: yaml.Node) -> int:
    """Return the number of lines up to the end of what a node holds."""
    while isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
        if isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and node.flow_style:
            break
    return int(node.end_mark.line) + 1


def _named(paths: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Give each module a key that is free."""
    found: dict[str, str] = {}
    for path in paths:
        key = PurePosixPath(path).stem
        while key in taken:
            key += "_module"
        taken.add(key)
        found[key] = path
    return found
