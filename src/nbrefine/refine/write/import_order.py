"""The imports that steps were given, in their order once all of them are there."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

from nbrefine.refine.write.imports import import_block
from nbrefine.refine.write.notebook import to_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_IMPORT = re.compile(r"(?:import|from)\s")


def in_order(content: Mapping[str, str], own: Collection[str]) -> dict[str, str]:
    """Sort the imports in the cells that were added for them.

    Parameters
    ----------
    content
        Path relative to the project's root, and text; what is no notebook stays.
    own
        The project's own packages and modules.
    """
    return {
        path: _notebook(text, own) if path.endswith(".ipynb") else text
        for path, text in content.items()
    }


def sorted_runs(text: str, own: Collection[str]) -> str:
    """Sort each run of imports as isort would; other lines stay where they are."""
    found: list[str] = []
    run: list[str] = []
    for line in [*text.split("\n"), None]:
        inside = bool(run) and "\n".join(run).count("(") > "\n".join(run).count(")")
        if line is not None and (inside or _IMPORT.match(line) or (run and not line)):
            run.append(line)
            continue
        found += _sorted(run, own)
        run = []
        if line is not None:
            found.append(line)
    return "\n".join(found)


def _sorted(run: list[str], own: Collection[str]) -> list[str]:
    blank = next((index for index, line in enumerate(reversed(run)) if line), 0)
    statements: list[str] = []
    for node in ast.parse("\n".join(run)).body:
        if isinstance(node, ast.ImportFrom):
            parts = [ast.ImportFrom(node.module, [each], node.level) for each in node.names]
            statements += map(ast.unparse, parts)
        elif isinstance(node, ast.Import):
            statements += [ast.unparse(ast.Import([each])) for each in node.names]
        else:
            return run
    return [*import_block(statements, *own), *run[len(run) - blank :]]


def _notebook(text: str, own: Collection[str]) -> str:
    document = json.loads(text)
    for cell in document["cells"]:
        if cell["metadata"].get("nbrefine", {}).get("role") == "imports":
            source = sorted_runs("".join(cell["source"]), own)
            cell["source"] = source.splitlines(keepends=True)
    return to_text(document)
