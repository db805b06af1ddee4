"""What one statement does to a frame."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.inline.frames import origin_of, shape_of
from nbrefine.refine.inline.loops import loop_variable

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Link", "link"]

_NOT_IN_FUNCTIONS = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Starred)
_IN_PLACE = frozenset({"insert", "update"})


@dataclass(frozen=True)
class Link:
    """A statement that turns a frame into a frame.

    Attributes
    ----------
    takes, gives : str
        Names of the frames; the same where it changes one.
    """

    takes: str
    gives: str


def link(node: ast.stmt, frames: Collection[str]) -> Link | None:
    """Return what a statement does to a frame; None if it does not, or does more than that.

    Parameters
    ----------
    node
        A statement at the top of a cell.
    frames
        Names that hold frames before it.
    """
    if any(isinstance(each, _NOT_IN_FUNCTIONS) for each in ast.walk(node)):
        return None
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return _assigned(node.targets[0], node.value, frames)
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Subscript):
        return _changed(node.target, frames)
    if isinstance(node, ast.Delete) and len(node.targets) == 1:
        return _changed(node.targets[0], frames)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return _called(node.value, frames)
    return _looped(node, frames) if isinstance(node, ast.For) else None


def _looped(node: ast.For, frames: Collection[str]) -> Link | None:
    """Return the frame to which a loop does the same for each of its columns."""
    variable = loop_variable(node)
    if not variable or any(isinstance(each, ast.For) for each in node.body):
        return None
    # A loop over frames changes several.
    found = {link(each, {*frames} - {variable}) for each in node.body}
    one = found.pop() if len(found) == 1 else None
    return one if one is not None and one.takes == one.gives else None


def _assigned(target: ast.expr, value: ast.expr, frames: Collection[str]) -> Link | None:
    if not isinstance(target, ast.Name):
        return _changed(target, frames)
    origin = origin_of(value, frames)
    if origin is None or isinstance(value, ast.Name) or shape_of(value, frames) != "frame":
        return None
    return Link(origin, target.id)


def _changed(target: ast.expr, frames: Collection[str]) -> Link | None:
    """Return the frame of which a column, some rows or the labels are set."""
    if isinstance(target, ast.Subscript):
        owner = target.value
        if isinstance(owner, ast.Attribute) and owner.attr in {"loc", "iloc", "at", "iat"}:
            owner = owner.value
    elif isinstance(target, ast.Attribute) and target.attr in {"columns", "index"}:
        owner = target.value
    else:
        return None
    if isinstance(owner, ast.Name) and owner.id in frames:
        return Link(owner.id, owner.id)
    return None


def _called(call: ast.Call, frames: Collection[str]) -> Link | None:
    """Return the frame that a method changes in place."""
    if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
        return None
    name = call.func.value.id
    in_place = any(
        each.arg == "inplace" and isinstance(each.value, ast.Constant) and each.value.value is True
        for each in call.keywords
    )
    if name in frames and (in_place or call.func.attr in _IN_PLACE):
        return Link(name, name)
    return None
