"""Constants written out in a statement that is repeated after they have changed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def spell_out(source: str, constants: Mapping[str, str]) -> str | None:
    """Write constants out where a statement reads them by name.

    Parameters
    ----------
    source
        The statement.
    constants
        Names, and the text of what they stood for.

    Returns
    -------
    str or None
        The statement, otherwise as its author wrote it. None if it is not plain Python, binds one
        of the names itself, or reads one where no value can be written in its place.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    if any(isinstance(each, ast.arg) and each.arg in constants for each in ast.walk(tree)):
        return None
    uses = [each for each in ast.walk(tree) if isinstance(each, ast.Name) and each.id in constants]
    if not all(isinstance(use.ctx, ast.Load) for use in uses):
        return None
    values = {name: ast.parse(text, mode="eval").body for name, text in constants.items()}
    # Columns count bytes.
    lines = [line.encode() for line in source.split("\n")]
    for use in sorted(uses, key=lambda each: (each.lineno, each.col_offset), reverse=True):
        line = lines[use.lineno - 1]
        text = _operand(values[use.id], constants[use.id]).encode()
        lines[use.lineno - 1] = line[: use.col_offset] + text + line[use.end_col_offset :]
    written = b"\n".join(lines).decode(errors="replace")
    return written if _says(written, _Values(values).visit(tree)) else None


class _Values(ast.NodeTransformer):
    """Puts values in the place of names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Replace a name that has a value."""
        return self._values.get(node.id, node)


def _operand(value: ast.expr, text: str) -> str:
    """Return a constant's text as it may stand within an expression."""
    if isinstance(value, ast.Constant):
        return text
    return ast.unparse(value) if isinstance(value, ast.Tuple) else f"({text})"


def _says(source: str, tree: ast.AST) -> bool:
    """Whether a text means what a tree says: positions in f-strings, for one, mislead."""
    try:
        return ast.dump(ast.parse(source)) == ast.dump(tree)
    except SyntaxError:
        return False
