"""Run pipelines of realistic notebooks in several ways, and compare what each takes.

The ways take turns, so that what else the machine does falls on all of them. A run that was ended
goes on where it was.
"""

from __future__ import annotations

import compileall
import sys
import sysconfig

import click

from benchmarks.engine.measured import Measured, state
from benchmarks.engine.nothing_to_do import SIZES, looks
from benchmarks.engine.project import Shape
from benchmarks.engine.table import Times, figures, noop_figures, table
from benchmarks.engine.ways import WAYS, Way
from benchmarks.results import ROOT, write_results

FOLDER = ROOT / "build" / "bench" / "engine"
MATTER = ("ipykernel", "jupyter-client", "matplotlib", "pandas", "papermill", "ploomber")


@click.command(help=__doc__)
@click.option(
    "--steps", "sizes", multiple=True, type=int, default=[10], help="Notebooks in each pipeline."
)
@click.option("--rounds", default=3, help="How often each way is measured; three times if not.")
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
@click.option("--anew", is_flag=True, help="Forget what was measured before.")
def main(  # noqa: PLR0913  (one for each option)
    sizes: tuple[int, ...],
    rounds: int,
    kinds: tuple[str, ...],
    names: tuple[str, ...],
    large: tuple[int, ...],
    *,
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
    tables = {}
    for shape in (Shape(kind, steps) for steps in sizes for kind in kinds):
        times, again = measure(shape, ways, rounds, measured)
        number = len(shape.names)
        found |= figures(shape.name, number if shape.kind == "chain" else number - 1, times, again)
        tables[shape.name] = as_lists(times)
        click.echo("\n" + table(shape.name, times, again))
    for steps in filter(None, large):
        idle = looks(FOLDER / f"nothing{steps}", steps, measured)
        found |= noop_figures(steps, idle)
        tables[f"nothing to do, {steps} steps"] = as_lists(idle)
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


if __name__ == "__main__":
    sys.exit(main())
