"""Classes whose methods read variables of the notebook: in a module their instances hold them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from nbrefine.refine.extract.definitions import Definition
    from nbrefine.refine.extract.references import Reference

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def refuse_methods(
    definition: Definition, arguments: Sequence[str], others: Iterable[Definition]
) -> str:
    """Say why the instances of a class cannot be given variables; empty if they can.

    Parameters
    ----------
    definition
        The class.
    arguments
        Variables that its methods read.
    others
        All definitions.
    """
    names = ", ".join(f"`{name}`" for name in arguments)
    node = definition.node
    if not isinstance(node, ast.ClassDef) or node.decorator_list or _init(node) is None:
        return f"its methods use {names} of the notebook"
    attributes = {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}
    if attributes & {*arguments, "__slots__"} or _slots(node):
        return f"its methods use {names} of the notebook"
    bases = (each.node.bases for each in others if isinstance(each.node, ast.ClassDef))
    if any(definition.name in ast.unparse(base) for found in bases for base in found):
        return f"its methods use {names} of the notebook, and it has subclasses"
    uses = definition.first.statement.references
    if any(each.name in arguments and _holder(node, each) is None for each in uses):
        return f"its methods use {names} of the notebook"
    return ""


def attributes_at(
    definition: Definition, arguments: Collection[str]
) -> Iterator[tuple[Reference, str]]:
    """Give the places where methods read variables, and what holds these there.

    Parameters
    ----------
    definition
        A class that can be given them.
    arguments
        The variables.
    """
    node = definition.node
    if isinstance(node, ast.ClassDef):
        for use in definition.first.statement.references:
            if use.name in arguments and (holder := _holder(node, use)):
                yield use, holder


def _holder(node: ast.ClassDef, use: Reference) -> str | None:
    """Return the name of the instance where a variable is read; none is needed in ``__init__``."""
    for method in node.body:
        if isinstance(method, _FUNCTIONS) and method.lineno <= use.line <= (method.end_lineno or 0):
            if use.how == "bind" or not use.depth or _is_bound_elsewhere(method):
                return None
            if method.name == "__init__":
                return ""
            positional = [*method.args.posonlyargs, *method.args.args]
            return positional[0].arg if positional else None
    return None


def _is_bound_elsewhere(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a method's first argument is no instance."""
    decorators = {ast.unparse(each) for each in method.decorator_list}
    return method.name in {"__new__", "__init_subclass__", "__class_getitem__"} or not (
        decorators <= {"property", "cached_property", "functools.cached_property"}
    )


def _init(node: ast.ClassDef) -> ast.FunctionDef | None:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            on_lines = each.body[0].lineno > each.lineno
            return each if on_lines and not each.decorator_list and each.args.args else None
    return None


def _slots(node: ast.ClassDef) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == "__slots__"
        for statement in node.body
        for each in ast.walk(statement)
    )
