"""Functions that rebind variables of the notebook: in a module they return them instead."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.extract.definitions import Definition

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def refuse_rebinding(definition: Definition) -> str:
    """Say why a definition that rebinds variables cannot return them; empty if it can.

    Parameters
    ----------
    definition
        One that rebinds some.
    """
    names = ", ".join(f"`{name}`" for name in sorted(definition.binds))
    node = definition.node
    if not isinstance(node, ast.FunctionDef) or node.decorator_list:
        return f"it rebinds {names} in the notebook"
    own = list(_own_scope(node))
    # At the top of the body, and on lines of their own, declarations can go.
    lines = [each for each in node.body if each.lineno > node.lineno]
    declared = {name for each in lines if isinstance(each, ast.Global) for name in each.names}
    deleted = {
        each.id for each in own if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Del)
    }
    if not definition.binds <= declared - deleted:
        return f"it rebinds {names} in the notebook"
    if any(isinstance(each, (ast.Yield, ast.YieldFrom, ast.Await)) for each in own):
        return f"it rebinds {names} in the notebook while it gives values"
    if any(isinstance(each, ast.Return) and each.value is not None for each in own):
        return f"it rebinds {names} in the notebook, and returns something too"
    unsure = definition.binds - definition.reads - _surely_bound(node)
    if unsure:
        return f"it rebinds `{min(unsure)}` in the notebook, but not always"
    return _refuse_uses(definition, names)


def _refuse_uses(definition: Definition, names: str) -> str:
    """Say where a definition is used in another way than called, in a line of its own."""
    for place in definition.places:
        for statement in place.namespace.statements:
            if definition.name in statement.names.string_names:
                return f"it rebinds {names} in the notebook, and a text refers to it"
            for use in statement.references:
                if use.name != definition.name or use.how == "bind":
                    continue
                if not use.alone or use.depth or not statement.plain:
                    return f"it rebinds {names} in the notebook, and is not only called by itself"
    return ""


def _own_scope(node: ast.FunctionDef) -> Iterator[ast.AST]:
    """Give all nodes of a function's body without those of functions and classes inside."""
    todo: list[ast.AST] = list(node.body)
    while todo:
        each = todo.pop()
        yield each
        if not isinstance(each, _SCOPES):
            todo += ast.iter_child_nodes(each)


def _surely_bound(node: ast.FunctionDef) -> set[str]:
    """Return the names that a function binds on every way through it."""
    found: set[str] = set()
    if any(isinstance(each, ast.Return) for each in _own_scope(node)):
        return found
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            parts = (each for target in statement.targets for each in ast.walk(target))
            found |= {each.id for each in parts if isinstance(each, ast.Name)}
    return found
