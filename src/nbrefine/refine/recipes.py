"""Statements that later steps repeat, instead of storing what they bind."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, order=True)
class Recipe:
    """A top-level statement whose result is made again where it is needed.

    Parameters
    ----------
    cell
        Origin of the cell that holds it.
    line, end_line
        Its lines in the cell, from 1.
    kind
        ``import``, ``function``, ``class``, ``lambda`` or ``setting`` (a statement that changes
        the state of a library or of the process, such as a plot style or a seed).
    source
        Its text.
    binds
        Names that it binds; for a setting, the pseudo-name of the state that it sets.
    eager
        Names that it reads when it is executed: decorators, defaults, bases, arguments.
    lazy
        Names that what it defines may read when it is called.
    rebinds
        Names that what it defines may rebind when it is called (``global x``).
    """

    cell: int
    line: int
    end_line: int
    kind: str
    source: str
    binds: frozenset[str] = field(default=frozenset(), compare=False)
    eager: frozenset[str] = field(default=frozenset(), compare=False)
    lazy: frozenset[str] = field(default=frozenset(), compare=False)
    rebinds: frozenset[str] = field(default=frozenset(), compare=False)
