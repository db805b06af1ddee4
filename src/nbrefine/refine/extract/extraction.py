"""What moving definitions to ``src/`` comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["function", "class"]


def module_file(module: str) -> str:
    """Return where a module of the project lies, relative to its root.

    Parameters
    ----------
    module
        Its dotted name.
    """
    return f"src/{module.replace('.', '/')}.py"


@dataclass(frozen=True)
class Moved:
    """A definition that is in a module now.

    Parameters
    ----------
    name
        Its name.
    kind
        Whether it is a function or a class.
    module
        The module, dotted: ``delays.cleaning``.
    notebook
        Path of the step notebook that it came from, relative to the project's root.
    cell
        The cell's origin in the refined notebook; where it has none, its index in the step's.
    line
        Line in the cell, from 1.
    arguments
        Global names of the notebook that became arguments, in the order of the signature.
    constants
        Global names of the notebook that became constants of the module.
    uses
        Names of other definitions that it uses, and that are in modules too.
    rewritten
        Whether its own code is not as it was: it takes something, or passes something on.
    index
        Its cell's index in the step notebook as it was, from 0 over all cells.
    """

    name: str
    kind: Kind
    module: str
    notebook: str
    cell: int
    line: int
    arguments: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    rewritten: bool = False
    index: int = 0


@dataclass(frozen=True)
class Left:
    """A definition that stays in its notebook.

    Parameters
    ----------
    name, notebook, cell, line
        As for :class:`Moved`.
    reason
        Why, in words for the user: "it uses `display` that the notebook defines itself".
    index
        Its cell's index in the step notebook as it is afterwards, from 0 over all cells.
    passes_on
        Whether its own code is not as it was: it gives functions that moved what they take now.
    """

    name: str
    notebook: str
    cell: int
    line: int
    reason: str
    index: int = 0
    passes_on: bool = False


@dataclass(frozen=True)
class Extraction:
    """Step notebooks without their definitions, and the modules that have these.

    Parameters
    ----------
    notebooks
        Step notebooks that changed: path relative to the root, and nbformat's JSON.
    modules
        Path relative to the root (``src/delays/cleaning.py``) and text; with ``__init__.py``.
    moved, left
        All function and class definitions of the notebooks, by notebook, cell and line.
    resources
        For each notebook that imports from ``src/`` the modules that it depends on, also through
        other modules: paths relative to the root.
    kept
        Names that were to stay whatever their code says, and why.
    """

    notebooks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    moved: tuple[Moved, ...] = ()
    left: tuple[Left, ...] = ()
    resources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
