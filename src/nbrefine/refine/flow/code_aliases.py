"""Names that may share an object, told from the code where no run has shown which do."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.analysis.mutation import dotted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Groups = tuple[frozenset[str], ...]

# Methods that return what they are called on, a part of it, or something that looks into it.
_LOOKING_INTO = frozenset(
    {
        *("fit", "partial_fit", "set_params", "get", "setdefault", "pop", "items", "values"),
        *("keys", "groupby", "rolling", "resample", "view", "reshape", "ravel", "squeeze"),
        *("transpose", "gca", "gcf", "add_subplot", "add_axes", "subplots", "twinx", "twiny"),
        *("get_group", "get_figure", "named_steps", "__iter__", "enter_context", "pipe"),
    }
)
# Functions that hold what they are given, or give it back.
_HOLDING = frozenset({"list", "tuple", "dict", "zip", "enumerate", "iter", "reversed", "partial"})
# Classes that copy what they are given.
_COPYING = frozenset({"DataFrame", "Series", "Index", "Counter", "Decimal", "Path", "Timestamp"})
# What methods of these names are given is held by what they are called on.
_STORING = frozenset(
    {"append", "appendleft", "add", "insert", "extend", "update", "setdefault", "register", "put"}
)
# Expressions whose value may be what stands in them; comparisons and sums are new objects.
_SEEN_THROUGH = (
    *(ast.Attribute, ast.Starred, ast.Await, ast.List, ast.Tuple, ast.Set, ast.Dict),
    *(ast.BoolOp, ast.NamedExpr),
)
_CLASS = re.compile(r"[A-Z]\w*\Z")


def alias_groups(
    tree: ast.Module,
    before: Groups,
    functions: Collection[str] = (),
    modules: Collection[str] = (),
) -> Groups:
    """Return the names that may share an object after a cell.

    Parameters
    ----------
    tree
        The cell.
    before
        The groups before it.
    functions
        The notebook's own functions: what they return may be what they were given.
    modules
        Names that imports bind: each step imports them anew, so they hold nothing for others.

    Returns
    -------
    tuple of frozenset of str
        Groups of two names and more. A name is in one group at most.
    """
    groups = [set(group) for group in before]
    for targets, value in _bindings(tree):
        held = {name for name in _held(value, functions) if name not in modules}
        targets -= {*modules}
        for group in groups:
            group.difference_update(targets - held)
        joined = targets | held
        if held and targets:
            touching = [group for group in groups if group & joined]
            groups = [group for group in groups if not group & joined]
            groups.append(joined.union(*touching))
    return tuple(sorted((frozenset(g) for g in groups if len(g) > 1), key=sorted))


def _bindings(tree: ast.Module) -> Iterator[tuple[set[str], ast.expr]]:
    """Yield what is bound to what, in the order of the code; bodies of definitions left out."""
    todo: list[ast.AST] = [*reversed(tree.body)]
    while todo:
        node = todo.pop()
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            yield from _bound_by(node)
            todo += reversed([*ast.iter_child_nodes(node)])


def _bound_by(node: ast.AST) -> Iterator[tuple[set[str], ast.expr]]:
    """Yield what one node binds to what, the nodes in it left out."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield from _pairs(node.target, node.value)
    elif isinstance(node, (ast.For, ast.AsyncFor)):
        yield _names(node.target), node.iter
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield _names(node.optional_vars), node.context_expr
    elif isinstance(node, ast.Call) and (holder := _holder(node)):
        # `models.append(model)`: the list holds it from now on.
        yield {holder}, ast.List([*node.args, ast.Name(holder)])


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[set[str], ast.expr]]:
    """Yield what a target is bound to, part by part where both sides are displays."""
    displays = (ast.Tuple, ast.List)
    if isinstance(target, displays) and isinstance(value, displays):
        if len(target.elts) == len(value.elts):
            for left, right in zip(target.elts, value.elts, strict=True):
                yield from _pairs(left, right)
            return
    elif isinstance(target, (ast.Attribute, ast.Subscript)):
        # `box.item = x`: the box holds it from now on, beside all that it held.
        root = _root(target)
        if root is not None:
            yield {root}, ast.List([value, ast.Name(root)])
        return
    yield _names(target), value


def _names(target: ast.AST) -> set[str]:
    nodes = ast.walk(target)
    return {n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}


def _held(value: ast.AST, functions: Collection[str]) -> Iterator[str]:
    """Yield the names whose objects an expression's value may be, hold or look into."""
    if isinstance(value, ast.Name):
        yield value.id
    elif isinstance(value, ast.Call):
        yield from _held_by_call(value, functions)
    elif isinstance(value, ast.Subscript):
        yield from _held(value.value, functions)
    elif isinstance(value, ast.IfExp):
        yield from _held(value.body, functions)
        yield from _held(value.orelse, functions)
    elif isinstance(value, _SEEN_THROUGH):
        for part in ast.iter_child_nodes(value):
            yield from _held(part, functions)


def _held_by_call(call: ast.Call, functions: Collection[str]) -> Iterator[str]:
    name = dotted(call.func) or ""
    last = name.rpartition(".")[2] or getattr(call.func, "attr", "")
    if isinstance(call.func, ast.Attribute) and last in _LOOKING_INTO:
        yield from _held(call.func.value, functions)
    holds = bool(_CLASS.match(last)) and last not in _COPYING
    if holds or last in _HOLDING or last in _LOOKING_INTO or name in functions:
        for each in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from _held(each, functions)


def _root(node: ast.expr) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _holder(call: ast.Call) -> str | None:
    """Return the name of what holds a call's arguments afterwards."""
    stores = isinstance(call.func, ast.Attribute) and call.func.attr in _STORING
    return _root(call.func) if stores else None
