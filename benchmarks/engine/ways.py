"""The ways to run a pipeline's notebooks that are compared."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.engine.project import Shape, make, placed_cells, plain
from benchmarks.engine.spent import Spent, spent_by
from benchmarks.small_pipeline import Project, notebook

if TYPE_CHECKING:
    from collections.abc import Callable

_IN_ONE = Path(__file__).with_name("in_one_process.py")
_OURS = "executor: {{dotted_path: nbrefine.engine.Executor, workers: {workers}}}"


@dataclass(frozen=True)
class Way:
    """A way to run all notebooks of a pipeline.

    Parameters
    ----------
    name
        What it is called in the table.
    run
        Runs them in an empty folder.
    again
        Whether a second build, which has nothing to do, is measured too.
    """

    name: str
    run: Callable[[Path, Shape], Spent]
    again: Callable[[Path], Spent] | None = None


def run_command(project: Project, *command: str, **more: str) -> Spent:
    """Run a command in a project; one that is installed beside Python by its name."""
    # One thread for each library: what is compared is what is beside the cells.
    environ = project.environ(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", **more)
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return spent_by(command, project.root, environ)


def _in_one_process(root: Path, shape: Shape) -> Spent:
    project = make(root, shape)
    for number, name in enumerate(shape.names):
        project.write(f"cells/{name}.json", json.dumps(placed_cells(shape, number)))
    run_command(project, sys.executable, str(_IN_ONE), "cells", "spent.txt")
    cpu, wall = map(float, (root / "spent.txt").read_text().split())
    return Spent(cpu, wall)


def _scripts(root: Path, shape: Shape) -> Spent:
    project, spent = make(root, shape), Spent(0.0, 0.0)
    for number, name in enumerate(shape.names):
        project.write(f"scripts/{name}.py", plain(shape, number))
        spent += run_command(project, sys.executable, f"scripts/{name}.py")
    return spent


def _papermill(root: Path, shape: Shape) -> Spent:
    project, spent = make(root, shape), Spent(0.0, 0.0)
    for number, name in enumerate(shape.names):
        source = shape.upstream(number)
        above = f"{{{source}: {{data: out/{source}.parquet}}}}" if source else "null"
        values = f"{{upstream: {above}, product: {{data: out/{name}.parquet}}}}"
        notebooks = (f"notebooks/{name}.ipynb", f"out/{name}.ipynb")
        command = project.command("papermill", *notebooks, "-y", values, "--no-progress-bar")
        spent += run_command(project, *command)
    return spent


def _nbconvert(root: Path, shape: Shape) -> Spent:
    project, spent = make(root, shape), Spent(0.0, 0.0)
    for number, name in enumerate(shape.names):
        # It runs in the folder that it is in, and has no parameters.
        project.write(f"{name}.ipynb", notebook(placed_cells(shape, number)))
        options = ("--to", "notebook", "--execute", "--output-dir", "out", f"{name}.ipynb")
        spent += run_command(project, *project.command("jupyter", "nbconvert", *options))
    return spent


def _build(command: str, executor: str = "", of_tasks: str = "") -> Callable[[Path, Shape], Spent]:
    def run(root: Path, shape: Shape) -> Spent:
        project = make(root, shape, executor, of_tasks)
        return run_command(project, *project.command(*command.split()))

    return run


def _again(command: str) -> Callable[[Path], Spent]:
    def run(root: Path) -> Spent:
        project = Project(root)
        return run_command(project, *project.command(*command.split()))

    return run


FLOOR = "cells in one process"
NBREFINE, NBREFINE_2 = "nbrefine build", "nbrefine build -w 2"
PLOOMBER, EXECUTOR = "ploomber build", "ploomber build, our executor"
WAYS = (
    Way(FLOOR, _in_one_process),
    Way("scripts", _scripts),
    Way(NBREFINE, _build(f"{NBREFINE} -w 1"), _again(NBREFINE)),
    Way(NBREFINE_2, _build(NBREFINE_2)),
    Way(EXECUTOR, _build(PLOOMBER, _OURS.format(workers=1))),
    Way(PLOOMBER, _build(PLOOMBER), _again(PLOOMBER)),
    Way("ploomber build, parallel", _build(PLOOMBER, "executor: parallel")),
    Way("ploomber build, ploomber-engine", _build(PLOOMBER, of_tasks="executor: ploomber-engine")),
    Way("papermill", _papermill),
    Way("nbconvert", _nbconvert),
)
MAIN = tuple(way for way in WAYS if way.name in {FLOOR, NBREFINE, EXECUTOR, PLOOMBER})
"""Those that the goals are about, for pipelines that take minutes."""
