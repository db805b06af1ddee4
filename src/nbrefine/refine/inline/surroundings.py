"""What the step notebooks define around their transforms."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

from nbrefine.refine.inline.loops import loose_names
from nbrefine.refine.inline.runs import Surroundings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.analysis.cell_names import Definition
    from nbrefine.refine.extract.cells import CodeCell, Statement

__all__ = ["pandas_name", "read_surroundings"]


def read_surroundings(notebooks: Mapping[str, Sequence[CodeCell]]) -> Surroundings:
    """Collect what the notebooks define.

    Parameters
    ----------
    notebooks
        The code cells of each step notebook, by its path.
    """
    statements = [each for cells in notebooks.values() for each in _statements(cells)]
    often = Counter(name for each in statements for name in each.names.binds)
    functions: dict[str, tuple[Definition, ...]] = {}
    for each in statements:
        for definition in each.names.definitions:
            functions[definition.name] = (*functions.get(definition.name, ()), definition)
    sources = [
        ast.unparse(each.node)
        for each in statements
        if len(each.names.definitions) == 1 and len(functions[each.names.definitions[0].name]) == 1
    ]
    constants = {
        name: value
        for each in statements
        for name, value in _constant(each)
        if often[name] == 1 and not _is_changed(name, statements)
    }
    imported = {binding.name for each in statements for binding in each.names.imports}
    imports = [
        ast.unparse(each.node)
        for each in statements
        if isinstance(each.node, (ast.Import, ast.ImportFrom))
    ]
    return Surroundings(
        functions,
        "\n".join([*dict.fromkeys(imports), *sources]),
        frozenset(imported),
        constants,
        frozenset(often),
        loose_names(statements),
    )


def _statements(cells: Iterable[CodeCell]) -> list[Statement]:
    return [each for cell in cells for each in cell.statements or ()]


def _constant(statement: Statement) -> list[tuple[str, object]]:
    """Return the name that a statement binds to a value that is written out."""
    node = statement.node
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return []
    try:
        value = ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError):
        return []
    return [(node.targets[0].id, value)]


def _is_changed(name: str, statements: Iterable[Statement]) -> bool:
    return any(name in each.names.mutates | each.names.deletes for each in statements)


def pandas_name(cells: Iterable[CodeCell]) -> str | None:
    """Return the name that cells import pandas under; None where they do not."""
    for statement in _statements(cells):
        for binding in statement.names.imports:
            if binding.module == "pandas" and binding.attribute is None:
                return binding.name
    return None
