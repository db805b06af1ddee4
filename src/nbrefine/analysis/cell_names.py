"""What a cell's code says about the notebook's variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Definition:
    """A function, a class, or a lambda that is given a name.

    Parameters
    ----------
    name
        The name that it is bound to.
    kind
        ``function``, ``class`` or ``lambda``.
    line, end_line
        Its lines in the cell, from 1, decorators included.
    reads
        Global names that it may read when it is defined or when it is called.
    binds
        Global names that it may rebind or delete when it is called (``global x``).
    eager
        Global names that it reads when it is defined: decorators, defaults, annotations, bases,
        the body of a class.
    mutates
        Global names whose objects it may change when it is called.
    """

    name: str
    kind: str
    line: int
    end_line: int
    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    eager: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ImportBinding:
    """A name that an import binds at the top of the namespace.

    Parameters
    ----------
    name
        The name.
    module
        The module as the statement names it, with leading dots where it is relative.
    attribute
        What is taken from the module; None where the module itself is bound.
    statement
        An import of this name alone, as text.
    line
        Its line in the cell, from 1.
    is_toplevel
        Whether it stands by itself, not inside of an ``if``, a ``try`` or another block.
    """

    name: str
    module: str
    attribute: str | None
    statement: str
    line: int
    is_toplevel: bool


@dataclass(frozen=True)
class CellNames:
    """Global names as one cell, or one statement, uses them; in doubt it may, never it does not.

    Built-in names are not told apart: a notebook may bind them too.

    Parameters
    ----------
    reads
        Names whose value before the cell it may need: read on some path before the cell has
        surely bound them. What only a definition reads is in the definition, unless the cell may
        call it.
    binds
        Names that it may bind.
    kills
        Names that it surely binds, or deletes, before it reads them: their former value is of no
        account to it, nor to anything after it.
    deletes
        Names that are surely gone after it.
    mutates
        Names whose objects it changes by the form of the code: item and attribute assignment,
        augmented assignment, ``del x[...]``, ``inplace=True``.
    may_mutate
        Names whose objects it may change: methods called on them, passed to calls, or reached by
        a name that is changed.
    definitions
        Functions, classes and named lambdas that it binds.
    imports
        Names bound by imports.
    calls
        Names that are called, or passed to a call.
    star_imports
        Modules of ``from module import *``.
    uses_all
        Whether it may read any name at all: ``globals()``, ``%whos``, ``eval`` of a computed text.
    binds_unknown
        Whether it may bind names that the code does not show: star imports, ``%run``, ``exec`` of
        a computed text.
    history
        Names of earlier inputs and outputs that it reads: ``_``, ``Out``, ``_i3``.
    string_names
        Names inside of texts that a library may look up: ``df.query("x > @limit")``, formulas,
        SQL. They are read where the notebook has a variable of that name.
    carries
        For names bound to lambdas, generators and texts of that kind: the names that they look
        up, whenever they are used.
    may_delete
        Names that it may delete, on some path.
    """

    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    kills: frozenset[str] = frozenset()
    deletes: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()
    may_mutate: frozenset[str] = frozenset()
    definitions: tuple[Definition, ...] = ()
    imports: tuple[ImportBinding, ...] = ()
    calls: frozenset[str] = frozenset()
    star_imports: tuple[str, ...] = ()
    uses_all: bool = False
    binds_unknown: bool = False
    history: frozenset[str] = frozenset()
    string_names: frozenset[str] = frozenset()
    carries: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    may_delete: frozenset[str] = frozenset()
