"""Run pipelines of realistic notebooks in several ways, and compare what each takes.

The ways take turns, so that what else the machine does falls on all of them.
"""

from __future__ import annotations

import compileall
import sys
import sysconfig
from collections import defaultdict

import click

from benchmarks.engine.project import Shape
from benchmarks.engine.table import Times, figures, table
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
def main(
    sizes: tuple[int, ...], rounds: int, kinds: tuple[str, ...], names: tuple[str, ...]
) -> None:
    """Measure, print tables, and write the results if all ways were measured."""
    # Else the first of them compiles for the others, or each for itself.
    compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)
    compileall.compile_dir(ROOT / "src", quiet=2)
    ways = [way for way in WAYS if way.name in names]
    found: dict[str, object] = {}
    tables = {}
    for shape in (Shape(kind, steps) for steps in sizes for kind in kinds):
        times, again = measure(shape, ways, rounds)
        number = len(shape.names)
        found |= figures(shape.name, number if shape.kind == "chain" else number - 1, times, again)
        tables[shape.name] = {
            way: {"cpu_s": [x.cpu for x in each], "wall_s": [x.wall for x in each]}
            for way, each in times.items()
        }
        click.echo("\n" + table(shape.name, times, again))
    click.echo("".join(f"\n{name}: {value}" for name, value in found.items()))
    if len(ways) == len(WAYS):
        path = write_results("engine", found, MATTER, rounds=rounds, times=tables)
        click.echo(f"\nWrote {path.relative_to(ROOT)}.")


def measure(shape: Shape, ways: list[Way], rounds: int) -> tuple[Times, Times]:
    """Let the ways take turns.

    Returns
    -------
    times, again
        What each took, and what a second build took that had nothing to do.
    """
    times: Times = defaultdict(list)
    again: Times = defaultdict(list)
    for turn in range(rounds):
        for way in ways:
            folder = FOLDER / shape.name
            spent = way.run(folder, shape)
            times[way.name].append(spent)
            said = f"{shape.name}, round {turn + 1}: {way.name} {spent.cpu:.2f} CPU s"
            click.echo(said, err=True)
            if way.again is not None:
                again[way.name].append(way.again(folder))
    return times, again


if __name__ == "__main__":
    sys.exit(main())
