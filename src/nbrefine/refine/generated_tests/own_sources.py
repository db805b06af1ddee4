"""The text of a moved definition as the notebook has it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbrefine.notebook.syntax import to_python

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.refine.extract.extraction import Moved


def own_source(notebooks: Mapping[str, Mapping[str, Any]], moved: Moved) -> str | None:
    """Return the text of a definition, the one on its line or the only one of its name.

    Parameters
    ----------
    notebooks
        Step notebooks before their definitions moved: path, and nbformat's JSON.
    moved
        The definition.
    """
    cells: Sequence[Mapping[str, Any]] = notebooks.get(moved.notebook, {}).get("cells", ())
    candidates = []
    for index, cell in enumerate(cells):
        if cell["cell_type"] != "code":
            continue
        number = cell.get("metadata", {}).get("nbrefine", {}).get("origin", index)
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        for places, source in _definitions(text, moved.name):
            if number == moved.cell and moved.line in places:
                return source
            candidates.append(source)
    return candidates[0] if len(set(candidates)) == 1 else None


def _definitions(text: str, name: str) -> Iterable[tuple[range, str]]:
    """Yield the lines on which definitions of a name begin, decorators included, and their text."""
    python = to_python(text).code
    try:
        nodes = ast.parse(python).body
    except (SyntaxError, ValueError):
        return
    lines = python.splitlines()
    for node in nodes:
        if getattr(node, "name", None) == name:
            decorators = getattr(node, "decorator_list", ())
            first = min([node.lineno, *(each.lineno for each in decorators)])
            yield (
                range(first, node.lineno + 1),
                "\n".join(lines[first - 1 : node.end_lineno]) + "\n",
            )
