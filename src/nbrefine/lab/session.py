"""A step loaded into a running session, and how to take it out again."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nbrefine.lab.parameters_cell import sets_defaults
from nbrefine.lab.scratch import prepare_scratch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.lab.values import StepValues

ABSENT = object()


class Shell(Protocol):
    """What is used of an IPython shell."""

    user_ns: dict[str, object]

    def transform_cell(self, raw_cell: str) -> str:
        """Turn magics into Python."""


class StepSession:
    """Holds a step's values in a session's names until it is told to let go.

    Parameters
    ----------
    shell
        The session; its names and working directory are changed, nothing else.
    """

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._before: dict[str, object] = {}
        self._folder: Path | None = None
        self.loaded: StepValues | None = None

    @property
    def folder(self) -> Path:
        """The working directory that the session had before a step was loaded."""
        return self._folder or Path.cwd()

    def load(self, values: StepValues) -> None:
        """Give the session a step's names, scratch folders and working directory.

        Parameters
        ----------
        values
            What to load; a step that was loaded before is taken out first.
        """
        self.unload()
        prepare_scratch(values.root, values.stand_ins.values())
        self._folder = Path.cwd()
        os.chdir(values.root)
        names = self._shell.user_ns
        self._before = {name: names.get(name, ABSENT) for name in values.names}
        self.loaded = values
        self._inject(values.names)

    def unload(self) -> None:
        """Give the names and the working directory back that were there before."""
        if self.loaded is None:
            return
        for name, value in self._before.items():
            if value is ABSENT:
                self._shell.user_ns.pop(name, None)
            else:
                self._shell.user_ns[name] = value
        if self._folder is not None and self._folder.is_dir():
            os.chdir(self._folder)
        self.loaded = self._folder = None
        self._before = {}

    def after_cell(self, raw_cell: str) -> dict[str, tuple[object, object]] | None:
        """Put the step's values back if the cell that ran was the one with their defaults.

        Parameters
        ----------
        raw_cell
            The cell's text.

        Returns
        -------
        dict or None
            The cell's value and the step's, of each parameter in which they differ; None if it
            was another cell.
        """
        if self.loaded is None or not self._sets_defaults(raw_cell, self.loaded):
            return None
        step = self.loaded.names
        now = self._shell.user_ns
        differing = {
            name: (now.get(name), value)
            for name, value in self.loaded.step.params.items()
            if not _same(now.get(name), value)
        }
        self._inject(step)
        return differing

    def _sets_defaults(self, raw_cell: str, values: StepValues) -> bool:
        return sets_defaults(raw_cell, values.tagged) or sets_defaults(
            self._shell.transform_cell(raw_cell), None
        )

    def _inject(self, values: Mapping[str, object]) -> None:
        """Set the names, to copies: what the user does to a list must not change the original."""
        self._shell.user_ns.update(copy.deepcopy(dict(values)))


def _same(left: object, right: object) -> bool:
    """Tell whether two values are equal, whatever odd thing the user assigned."""
    try:
        return type(left) is type(right) and bool(left == right)
    except Exception:  # noqa: BLE001  (an __eq__ of the user's may raise anything)
        return False
