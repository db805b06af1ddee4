"""Definitions that carry state of their own, so that repeating them would lose it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.flow.facts import CellFacts

# Decorators whose result keeps nothing between calls that a program could see.
_STATELESS = frozenset(
    {
        "abstractmethod",
        "cached_property",
        "classmethod",
        "contextmanager",
        "dataclass",
        "dataclasses.dataclass",
        "contextlib.contextmanager",
        "functools.total_ordering",
        "functools.wraps",
        "jit",
        "jax.jit",
        "nb.jit",
        "nb.njit",
        "njit",
        "numba.jit",
        "numba.njit",
        "override",
        "property",
        "register_cell_magic",
        "register_line_cell_magic",
        "register_line_magic",
        "staticmethod",
        "total_ordering",
        "typing.override",
        "wraps",
    }
)
_ENTERING = frozenset(
    {"append", "add", "update", "setdefault", "extend", "insert", "pop", "clear", "register"}
)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call)


def find_stateful(cells: Sequence[CellFacts]) -> dict[str, str]:
    """Find functions and classes that cannot be defined anew in a later step.

    Parameters
    ----------
    cells
        The whole notebook.

    Returns
    -------
    dict of str to str
        Name of the definition, and why.
    """
    trees = [facts.tree for facts in cells]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, _DEFINITIONS)]
    patched = {name for tree in trees for name in _patched(tree)}
    factories = {node.name for node in nodes if _closes_over_state(node) or _enters(node)}
    # A decorator that keeps a register would enter its function twice.
    factories |= {
        each.name
        for facts in cells
        for each in facts.names.definitions
        if each.mutates | each.binds
    }
    own = {each.name for each in nodes} - factories
    steady = _seen_unchanged(cells)
    found: dict[str, str] = {}
    for node in nodes:
        if node.name in patched:
            found[node.name] = f"an attribute of `{node.name}` is set at run time"
        elif reason := _reason(node, own, steady):
            found[node.name] = reason
    return found


def _seen_unchanged(cells: Sequence[CellFacts]) -> frozenset[str]:
    """Return names of which a run has seen all content, defaults included, and no cell change it.

    A list that is a default is often handed on to a library, which could change it. What is
    changed in the very cell that defines the function is not seen, so nothing may call it there.
    """
    records = [facts.record for facts in cells if facts.record is not None]
    if len(records) < len(cells):
        return frozenset()
    values = [item for record in records for item in record.values.items()]
    unknown = {name for name, value in values if value.digest is None or value.sampled}
    changed = {name for record in records for name in record.changed - record.bound}
    called = {name for facts in cells for name in _defined_and_called(facts)}
    return frozenset(name for name, _ in values) - unknown - changed - called


def _defined_and_called(facts: CellFacts) -> set[str]:
    """Return what a cell defines, if it also calls anything: that may call what it defines."""
    defined = {node.name for node in facts.tree.body if isinstance(node, _DEFINITIONS)}
    rest = [node for node in facts.tree.body if not isinstance(node, _DEFINITIONS)]
    calls = any(isinstance(each, ast.Call) for node in rest for each in ast.walk(node))
    return defined if calls else set()


def _reason(node: ast.stmt, own: set[str], steady: frozenset[str]) -> str:
    if isinstance(node, _DEFINITIONS):
        for decorator in node.decorator_list:
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = ast.unparse(target)
            if name not in _STATELESS and name not in own and not name.endswith(".setter"):
                return f"its decorator `{name}` may keep state"
    if isinstance(node, ast.ClassDef):
        return _class_reason(node)
    if (
        isinstance(node, _FUNCTIONS)
        and node.name not in steady
        and (argument := _mutated_default(node))
    ):
        return f"`{node.name}` changes its default argument `{argument}`"
    return ""


def _class_reason(node: ast.ClassDef) -> str:
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, (ast.Store, ast.Del)):
            owner = ast.unparse(each.value)
            if owner in {"cls", "type(self)", "self.__class__"}:
                return f"`{node.name}` changes its own class"
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, _MUTABLE):
            names = [each.id for each in statement.targets if isinstance(each, ast.Name)]
            if any(_mutates_attribute(node, name) for name in names):
                return f"`{node.name}` changes an object that all its instances share"
    for method in ast.walk(node):
        if isinstance(method, _FUNCTIONS) and (argument := _mutated_default(method)):
            return f"`{node.name}.{method.name}` changes its default argument `{argument}`"
    return ""


def _mutates_attribute(node: ast.ClassDef, name: str) -> bool:
    """Whether a class uses an attribute in a way that may change the object."""
    for each in ast.walk(node):
        if isinstance(each, ast.Attribute) and each.attr == name and _is_changed(each, node):
            return True
    return False


def _mutated_default(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return an argument whose default is an object that the body may change."""
    args = node.args
    pairs = list(
        zip(reversed([*args.posonlyargs, *args.args]), reversed(args.defaults), strict=False)
    )
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    for argument, default in pairs:
        if isinstance(default, _MUTABLE) and any(
            isinstance(each, ast.Name) and each.id == argument.arg and _is_changed(each, node)
            for each in ast.walk(node)
        ):
            return argument.arg
    return ""


def _is_changed(use: ast.expr, scope: ast.AST) -> bool:
    """Whether an expression is stored into, called upon, or handed on within a scope."""
    for parent in ast.walk(scope):
        if isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is use:
            grand = parent if isinstance(parent.ctx, (ast.Store, ast.Del)) else None
            if grand is not None or (
                isinstance(parent, ast.Attribute) and _is_called(parent, scope)
            ):
                return True
        if isinstance(parent, ast.AugAssign) and parent.target is use:
            return True
        if isinstance(parent, ast.Return) and parent.value is use:
            return True
        if isinstance(parent, ast.Call) and use in parent.args:
            return not (isinstance(parent.func, ast.Name) and parent.func.id in {"len", "sorted"})
    return False


def _is_called(attribute: ast.Attribute, scope: ast.AST) -> bool:
    return any(isinstance(each, ast.Call) and each.func is attribute for each in ast.walk(scope))


def _closes_over_state(node: ast.stmt) -> bool:
    """Whether a function makes inner functions that keep something between their calls."""
    if not isinstance(node, _FUNCTIONS):
        return False
    for inner in ast.walk(node):
        if inner is node or not isinstance(inner, _FUNCTIONS):
            continue
        outer = _bound_in(node) - _bound_in(inner)
        for each in ast.walk(inner):
            if isinstance(each, ast.Nonlocal):
                return True
            if isinstance(each, ast.Name) and each.id in outer and _is_changed(each, inner):
                return True
            if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store):
                return True
    return False


def _enters(node: ast.stmt) -> bool:
    """Whether a function, or one inside of it, puts something into an object of the notebook's."""
    if not isinstance(node, _FUNCTIONS):
        return False
    local = {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    local |= {
        name for each in ast.walk(node) if isinstance(each, _FUNCTIONS) for name in _bound_in(each)
    }
    for each in ast.walk(node):
        holder: ast.expr | None = None
        if (isinstance(each, ast.Subscript) and isinstance(each.ctx, (ast.Store, ast.Del))) or (
            isinstance(each, ast.Attribute) and each.attr in _ENTERING
        ):
            holder = each.value
        if isinstance(holder, ast.Name) and holder.id not in local:
            return True
    return False


def _bound_in(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    return {
        each.id
        for statement in node.body
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }


def _patched(tree: ast.Module) -> Iterator[str]:
    """Yield names of which an attribute or a part of an attribute is stored into."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, (ast.Store, ast.Del)):
            if isinstance(each.value, ast.Name):
                yield each.value.id
        elif isinstance(each, ast.Subscript) and isinstance(each.ctx, (ast.Store, ast.Del)):
            if isinstance(each.value, ast.Attribute) and isinstance(each.value.value, ast.Name):
                yield each.value.value.id
        elif isinstance(each, ast.Call) and ast.unparse(each.func) == "setattr" and each.args:
            yield ast.unparse(each.args[0])
