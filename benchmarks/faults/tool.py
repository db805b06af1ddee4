"""The two tools: how each builds a project, and what it keeps beside the products."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.small_pipeline import make_project

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.small_pipeline import Project


@dataclass(frozen=True)
class Tool:
    """A way to build.

    Parameters
    ----------
    name
        What it is called in tables.
    command
        The command.
    memory
        Where it remembers what it has built, as a pattern below the project's folder.
    running
        A pattern in what it says of a step that runs.
    """

    name: str
    command: tuple[str, ...]
    memory: str
    running: str

    def ran(self, said: str) -> bool:
        """Tell from what a build has said whether any step ran."""
        return re.search(self.running, said, flags=re.MULTILINE) is not None

    def built(self, root: Path) -> tuple[Project, float]:
        """Make a project and build it; return it and the seconds that the build took."""
        project = make_project(root)
        began = time.monotonic()
        done = project.run(*self.command)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return project, time.monotonic() - began


OURS = Tool("nbrefine", ("nbrefine", "build"), ".nbrefine/ledger.db", r"^\w+: running")
STOCK = Tool("ploomber", ("ploomber", "build"), "out/.*.json.metadata", r"^\w+ +True ")
