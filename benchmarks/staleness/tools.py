"""Builds the project with each tool, and sees which steps ran."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.staleness.edits import Place
from benchmarks.staleness.project import RUNS, make_project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.staleness.edits import Edit

TOOLS = {"nbrefine": ("nbrefine", "build"), "ploomber": ("ploomber", "build")}
_LIMIT = 300


@dataclass(frozen=True)
class Answer:
    """What a tool did after an edit.

    Parameters
    ----------
    ran
        The steps that ran.
    seconds
        Of the build, by the clock.
    error
        The end of what it said, if it failed.
    wrong
        Products that are not what they have to be.
    """

    ran: frozenset[str]
    seconds: float
    error: str = ""
    wrong: tuple[str, ...] = ()


class Bench:
    """A project that was built by one tool, to be edited again and again from there.

    Parameters
    ----------
    tool
        One of `TOOLS`.
    folder
        Where to put it; emptied.
    """

    def __init__(self, tool: str, folder: Path) -> None:
        self._tool = tool
        shutil.rmtree(folder, ignore_errors=True)
        # A build remembers where it was: each edit is made in the same place.
        self._work, self._kept = folder / "work", folder / "kept"
        self._runs = folder / "runs"
        place = self._place()
        make_project(place.root, place.library)
        built = self._build({})
        if built.error:
            raise RuntimeError(f"{tool} does not build the project: {built.error}")
        self.first = built
        shutil.copytree(self._work, self._kept)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables that the notebooks ask for."""
        return {"SHOP_ZONE": "north", RUNS: str(self._runs)}

    def after(self, edit: Edit) -> Answer:
        """Make an edit in the project as it was built first, and build it again."""
        self.make(edit)
        answer = self._build(edit.environ)
        return replace(answer, wrong=tuple(filter(self._is_another, edit.again)))

    def make(self, edit: Edit) -> Place:
        """Make an edit in the project as it was built first, and return where it is."""
        shutil.rmtree(self._work)
        shutil.copytree(self._kept, self._work)
        if edit.first is not None:
            edit.first(self._place())
            self._build({})
        edit.make(self._place())
        return self._place()

    def _is_another(self, product: str) -> bool:
        """Whether a product is not what it was at first."""
        now, first = self._place().root / product, self._kept / "project" / product
        return not now.exists() or now.read_bytes() != first.read_bytes()

    def _place(self) -> Place:
        return Place(self._work / "project", self._work / "site-packages")

    def _build(self, environ: Mapping[str, str]) -> Answer:
        place = self._place()
        self._runs.unlink(missing_ok=True)
        paths = [str(place.library), *filter(None, [os.environ.get("PYTHONPATH")])]
        began = time.perf_counter()
        done = subprocess.run(
            [Path(sys.executable).with_name(TOOLS[self._tool][0]), *TOOLS[self._tool][1:]],
            cwd=place.root,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                "PLOOMBER_STATS_ENABLED": "false",
                **self.environ,
                **environ,
            },
            check=False,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
        )
        seconds = time.perf_counter() - began
        ran = self._runs.read_text().split() if self._runs.exists() else []
        error = (done.stdout + done.stderr)[-2000:] if done.returncode else ""
        return Answer(frozenset(ran), seconds, error)
