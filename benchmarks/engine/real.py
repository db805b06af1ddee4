"""Real pipelines: the flights' on their small sample, and what refine makes of notebooks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.engine.ways import EXECUTOR, NBREFINE, PLOOMBER, run_command
from benchmarks.refine.corpus import prepare
from benchmarks.refine.measured import install
from benchmarks.results import ROOT
from benchmarks.small_pipeline import Project

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.engine.spent import Spent

_EXPLORATION = ROOT / "notebooks" / "exploration" / "flight_delays.ipynb"
_OF_OTHERS = ("ets", "stats_rankcompare")
_EXECUTOR = re.compile(r"^executor:.*\n(?:[ ].*\n)*", re.MULTILINE)
_OURS = "executor: {dotted_path: nbrefine.engine.Executor, workers: 1}\n"
# Whose executor, and the command.
WAYS = {
    NBREFINE: (_OURS, ("nbrefine", "build", "-w", "1")),
    EXECUTOR: (_OURS, ("ploomber", "build")),
    PLOOMBER: ("", ("ploomber", "build")),
}


@dataclass(frozen=True)
class Real:
    """A pipeline as it lies in its folder before anything is built.

    Parameters
    ----------
    name
        What it is called in the results.
    folder
        The project.
    commands
        Folder of the commands of its environment.
    environ
        Variables that it is built with.
    """

    name: str
    folder: Path
    commands: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    def build(self, way: str) -> Spent:
        """Build it from the beginning, in a copy."""
        executor, (command, *options) = WAYS[way]
        copy = self.folder.with_name("copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.folder, copy)
        spec = copy / "pipeline.yaml"
        spec.write_text(executor + _EXECUTOR.sub("", spec.read_text()))
        return run_command(Project(copy), str(self.commands / command), *options, **self.environ)


def pipelines(folder: Path) -> Iterator[Real]:
    """Give the pipelines; those of notebooks are refined, unless that is done.

    Parameters
    ----------
    folder
        Where they are kept.
    """
    here = Path(sys.executable).parent
    flights = folder / "flights"
    shutil.rmtree(flights, ignore_errors=True)
    subprocess.run(
        ["git", "clone", "--quiet", str(ROOT), str(flights)],  # noqa: S607
        check=True,
    )
    yield Real("flights", flights, here, {"PLOOMBER_ENV_FILENAME": "env.ci.yaml"})
    yield _refined(_EXPLORATION, folder, here)
    corpus = prepare(folder / "corpus")
    commands = corpus.python.parent
    install("HEAD", folder / "source", corpus.python)
    for file in corpus.notebooks:
        if file.stem in _OF_OTHERS:
            yield _refined(file, folder, commands)


def _refined(notebook: Path, folder: Path, commands: Path) -> Real:
    project = folder / notebook.stem
    if not (project / "pipeline.yaml").exists():
        shutil.rmtree(project, ignore_errors=True)
        options = ("-o", str(project), "--no-prove", "--no-tests", "--no-baselines", "--copy-data")
        command = [str(commands / "nbrefine"), "refine", str(notebook), *options]
        subprocess.run(command, check=True, env=Project.environ())
    return Real(f"refined: {notebook.stem}", project, commands)
