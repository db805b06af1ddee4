"""Run pipelines of realistic notebooks in several ways, and compare what each takes.

The ways take turns, so that what else the machine does falls on all of them. A run that was ended
goes on where it was.
"""

from __future__ import annotations

import compileall
import sys
import sysconfig
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from benchmarks.engine import first_cell
from benchmarks.engine.far import here, through_dask
from benchmarks.engine.measured import Measured, state
from benchmarks.engine.nothing_to_do import SIZES, looks
from benchmarks.engine.project import Shape, make
from benchmarks.engine.real import WAYS as REAL_WAYS
from benchmarks.engine.real import pipelines
from benchmarks.engine.table import Times, figures, noop_figures, ratios, table
from benchmarks.engine.ways import MAIN, WAYS, Way, run_command
from benchmarks.results import ROOT, write_results

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = ROOT / "build" / "bench" / "engine"
_LARGE = 20
MATTER = ("ipykernel", "jupyter-client", "matplotlib", "pandas", "papermill", "ploomber")


@click.command(help=__doc__)
@click.option(
    "--steps", "sizes", multiple=True, type=int, default=[10, 50], help="Notebooks in a pipeline."
)
@click.option(
    "--rounds", default=3, help="How often each way is measured; once for more than 20 steps."
)
@click.option(
    "--shape",
    "kinds",
    multiple=True,
    type=click.Choice(["chain", "fan"]),
    default=["chain", "fan"],
    help="Only this shape.",
)
@click.option(
    "--way",
    "names",
    multiple=True,
    type=click.Choice([way.name for way in WAYS]),
    default=[way.name for way in WAYS],
    help="Only this way.",
)
@click.option(
    "--nothing",
    "large",
    multiple=True,
    type=int,
    default=SIZES,
    help="Steps of the pipelines in which nothing is to do; 0 for none.",
)
@click.option("--real/--no-real", default=True, help="Real pipelines, too.")
@click.option("--far", default=200, help="Steps to be run by Dask; 0 for none.")
@click.option("--anew", is_flag=True, help="Forget what was measured before.")
def main(  # noqa: PLR0913  (one for each option)
    sizes: tuple[int, ...],
    rounds: int,
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    large: tuple[int, ...],
    *,
    far: int,
    real: bool,
    anew: bool,
) -> None:
    """Measure, print tables, and write the results if all ways were measured."""
    # Else the first of them compiles for the others, or each for itself.
    compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)
    compileall.compile_dir(ROOT / "src", quiet=2)
    kept = FOLDER / "measured.json"
    if anew:
        kept.unlink(missing_ok=True)
    measured = Measured(kept, state())
    ways = [way for way in WAYS if way.name in names]
    found: dict[str, object] = {}
    tables: dict[str, dict[str, dict[str, list[float]]]] = {}
    for shape in (Shape(kind, steps) for steps in sizes for kind in kinds):
        is_large = shape.steps > _LARGE
        chosen = [way for way in ways if way in MAIN] if is_large else ways
        times, again = measure(shape, chosen, 1 if is_large else rounds, measured)
        found |= figures(shape, times, again)
        tables[shape.name] = as_lists(times)
        click.echo("\n" + table(shape.name, times, again))
    for steps in filter(None, large):
        idle = looks(FOLDER / f"nothing{steps}", steps, measured)
        found |= noop_figures(steps, idle)
        tables[f"nothing to do, {steps} steps"] = as_lists(idle)
    for name, times in measure_real(FOLDER / "real", rounds, measured) if real else ():
        found |= ratios(name, times)
        tables[name] = as_lists(times)
        click.echo("\n" + table(name, times, {}))
    if real:
        found["first_cell.wall_s"] = measure_first_cell(FOLDER / "first_cell")
    if far:
        found |= measure_far(FOLDER / "far", far)
    click.echo("".join(f"\n{name}: {value}" for name, value in found.items()))
    if len(ways) == len(WAYS):
        path = write_results("engine", found, MATTER, rounds=rounds, times=tables)
        click.echo(f"\nWrote {path.relative_to(ROOT)}.")


def as_lists(times: Times) -> dict[str, dict[str, list[float]]]:
    """Return what each way took, as the results hold it."""
    return {
        way: {"cpu_s": [x.cpu for x in each], "wall_s": [x.wall for x in each]}
        for way, each in times.items()
    }


def measure(shape: Shape, ways: list[Way], rounds: int, measured: Measured) -> tuple[Times, Times]:
    """Let the ways take turns.

    Returns
    -------
    times, again
        What each took, and what a second build took that had nothing to do.
    """
    for turn in range(rounds):
        for way in ways:
            if len(measured.times(shape.name, way.name)) > turn:
                continue
            folder = FOLDER / shape.name
            spent = way.run(folder, shape)
            if way.again is not None:
                measured.add(shape.name, f"{way.name}, again", way.again(folder))
            measured.add(shape.name, way.name, spent)
            said = f"{shape.name}, round {turn + 1}: {way.name} {spent.cpu:.2f} CPU s"
            click.echo(said, err=True)
    times = {way.name: measured.times(shape.name, way.name) for way in ways}
    again = {
        way.name: measured.times(shape.name, f"{way.name}, again")
        for way in ways
        if way.again is not None
    }
    return times, again


def measure_real(folder: Path, rounds: int, measured: Measured) -> Iterator[tuple[str, Times]]:
    """Build real pipelines in the ways that the goals are about, in turns.

    Parameters
    ----------
    folder
        Where they are kept.
    rounds
        How often each is built.
    measured
        What was measured before.
    """
    for pipeline in pipelines(folder):
        for turn in range(rounds):
            for way in REAL_WAYS:
                if len(measured.times(pipeline.name, way)) <= turn:
                    measured.add(pipeline.name, way, pipeline.build(way))
        yield pipeline.name, {way: measured.times(pipeline.name, way) for way in REAL_WAYS}


def measure_first_cell(folder: Path) -> float:
    """Return the seconds from a build after an edit to its first cell, where all is imported."""
    project = make(folder, Shape("chain", 10))
    run_command(project, sys.executable, str(Path(first_cell.__file__)), "seconds.json")
    return round(median(project.read("seconds.json")), 3)


def measure_far(folder: Path, steps: int) -> dict[str, object]:
    """Build many steps here and through Dask, in peace and while workers are killed.

    Parameters
    ----------
    folder
        The project's.
    steps
        How many.
    """
    near, peace = here(folder, steps), through_dask(folder, steps, kills=False)
    killed = through_dask(folder, steps, kills=True)
    name = f"dask{steps}"
    return {
        f"here{steps}.cpu_s_per_step": round(near.spent.cpu / steps, 3),
        f"here{steps}.wall_s_per_step": round(near.spent.wall / steps, 3),
        f"{name}.cpu_s_per_step": round(peace.spent.cpu / steps, 3),
        f"{name}.wall_s_per_step": round(peace.spent.wall / steps, 3),
        f"{name}.lost": peace.lost,
        f"{name}.killed.workers": killed.killed,
        f"{name}.killed.wall_s_per_step": round(killed.spent.wall / steps, 3),
        f"{name}.killed.lost": killed.lost,
    }


if __name__ == "__main__":
    sys.exit(main())
