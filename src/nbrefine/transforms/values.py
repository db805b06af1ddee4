"""What is known of a value without running the code: how it hangs together with the rows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping

    from nbrefine.transforms.model import Cause

__all__ = [
    "CONST",
    "ELEMENT",
    "UNSET",
    "Accessor",
    "Dim",
    "Estimator",
    "Function",
    "Grouped",
    "Shape",
    "Value",
    "Window",
    "alike",
    "combine",
    "first",
    "tainted",
]

UNSET = object()  # no literal is known

Dim = Literal["frame", "series", "array", "index", ""]


class Shape(StrEnum):
    """How a value hangs together with the rows of the batch."""

    CONST = "the same whatever the batch"
    ELEMENT = "made of one row"
    STAT = "made of all rows"
    ROWS = "one entry a row"


@dataclass(frozen=True)
class Function:
    """A function or lambda that the code defines, with the names that it sees."""

    node: ast.FunctionDef | ast.Lambda
    scopes: tuple[dict[str, Value], ...]


@dataclass(frozen=True)
class Estimator:
    """An estimator that is made in the code; a stateless one learns nothing in ``fit``."""

    name: str
    stateless: bool
    works_on_rows: Value | None = None  # the function of a FunctionTransformer


@dataclass(frozen=True)
class Accessor:
    """``.str``, ``.dt``, ``.loc`` and the like, of a value."""

    name: str
    base: Value


@dataclass(frozen=True)
class Grouped:
    """The groups of a frame."""

    base: Value


@dataclass(frozen=True)
class Window:
    """A rolling, expanding or exponential window."""

    base: Value


Payload = Function | Estimator | Accessor | Grouped | Window | str | None


@dataclass(frozen=True)
class Value:
    """An abstract value.

    Attributes
    ----------
    shape : Shape
        How it hangs together with the rows.
    dim : str
        Frame, series, array or index, where it is known.
    batch, rows, unknown, doubt : Cause or None
        Where it came to depend on other rows; where rows were changed; what is not
        understood; what the code alone leaves open, and the data can settle.
    literal : object
        The Python value, where the code writes it out.
    items : tuple of Value or None
        The members of a list, tuple or dictionary that is written out.
    payload : object
        What it is, if it is more than data; a string is a dotted name of a library.
    fixed : frozenset of str
        The columns whose categories the code fixes; ``"*"`` for a series.
    refs : frozenset of int
        The objects that it may share its data with.
    foreign : bool
        True if it comes from outside of the code, so that it may be a whole column.
    """

    shape: Shape = Shape.CONST
    dim: Dim = ""
    batch: Cause | None = None
    rows: Cause | None = None
    unknown: Cause | None = None
    doubt: Cause | None = None
    literal: object = UNSET
    items: tuple[Value, ...] | None = None
    payload: Payload = None
    fixed: frozenset[str] = field(default=frozenset())
    refs: frozenset[int] = field(default=frozenset())
    foreign: bool = False

    @property
    def of_batch(self) -> bool:
        """True if it holds, or is made of, rows of the batch."""
        return self.shape in {Shape.ROWS, Shape.STAT}


CONST = Value()
ELEMENT = Value(Shape.ELEMENT)

_ORDER = (Shape.ROWS, Shape.ELEMENT, Shape.STAT, Shape.CONST)


def first(causes: Iterable[Cause | None]) -> Cause | None:
    """Return the first cause, one that is about more than the columns if there is one."""
    found = [cause for cause in causes if cause is not None]
    return next((cause for cause in found if not cause.columns_only), found[0] if found else None)


def combine(values: Iterable[Value], dim: Dim | None = None) -> Value:
    """Return what an operation entry by entry makes of some values."""
    parts = tuple(values)
    shape = next((each for each in _ORDER if any(part.shape == each for part in parts)), None)
    if dim is None:
        dims = {part.dim for part in parts if part.shape == Shape.ROWS}
        dim = dims.pop() if len(dims) == 1 else _widest(dims)
    return Value(
        shape or Shape.CONST,
        dim,
        first(part.batch for part in parts),
        first(part.rows for part in parts if part.shape != Shape.STAT),
        first(part.unknown for part in parts),
        first(part.doubt for part in parts),
        foreign=any(part.foreign for part in parts),
    )


def _widest(dims: set[Dim]) -> Dim:
    if "" in dims:
        return ""
    return "frame" if "frame" in dims else "array" if "array" in dims else "series"


def tainted(value: Value, by: Value) -> Value:
    """Return `value` with what is wrong with another one that flows into it."""
    return replace(
        value,
        batch=first((value.batch, by.batch)),
        rows=first((value.rows, by.rows)),
        unknown=first((value.unknown, by.unknown)),
        doubt=first((value.doubt, by.doubt)),
    )


def alike(left: Value, right: Value) -> Value:
    """Return what holds whichever of two values it is."""
    if left == right:
        return left
    both = combine((left, right))
    same_literal = type(left.literal) is type(right.literal) and left.literal == right.literal
    return replace(
        both,
        dim=left.dim if left.dim == right.dim else "",
        literal=left.literal if same_literal else UNSET,
        items=left.items if left.items == right.items else None,
        payload=left.payload if left.payload == right.payload else None,
        fixed=left.fixed & right.fixed,
        refs=left.refs | right.refs,
    )


def joined(left: Mapping[str, Value], right: Mapping[str, Value]) -> dict[str, Value]:
    """Return the names after two branches that met again."""
    names = {**right, **left}
    return {
        name: alike(left[name], right[name]) if name in left and name in right else value
        for name, value in names.items()
    }
