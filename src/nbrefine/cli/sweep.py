"""``nbrefine sweep``: many variants of a step, and which of them is the best."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nbrefine.cli import options
from nbrefine.cli.output import write_output
from nbrefine.engine.cluster.chosen import crew_of
from nbrefine.engine.progress import progress_for
from nbrefine.engine.stop import Stop
from nbrefine.engine.support import workers_of
from nbrefine.engine.sweep.page import sweep_page
from nbrefine.engine.sweep.result import Aim
from nbrefine.engine.sweep.run import sweep
from nbrefine.engine.sweep.table import csv_text, sweep_json, text_lines
from nbrefine.engine.sweep.values import values_of
from nbrefine.errors import SweepError
from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.report.masking import mask_text

_STOPPED = 130
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("sweep")
@click.argument("step")
@options.project_folder
@click.option(
    "-p",
    "said",
    multiple=True,
    metavar="NAME=VALUES",
    help="Values of a parameter: depth=3,5,7 or depth=3:7:2 (from 3 to 7 by 2).",
)
@click.option("--until", metavar="STEP", help="The step below that measures each variant.")
@click.option("--metric", metavar="NAME", help="The number that says which variant is the best.")
@click.option(
    "--maximize/--minimize",
    "is_highest",
    default=None,
    help="Whether its highest value is the best, or its lowest.  [default: maximize]",
)
@click.option(
    "-w", "--workers", type=click.IntRange(min=1), metavar="N", help="Run N steps at a time."
)
@options.dask
@click.option("--csv", "csv_file", type=_FILE, metavar="FILE", help="Write the table as CSV.")
@click.option("--html", "html_file", type=_FILE, metavar="FILE", help="Write a page with plots.")
@options.env_file
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  (one for each option)
    context: click.Context,
    step: str,
    folder: Path,
    said: tuple[str, ...],
    until: str | None,
    metric: str | None,
    workers: int | None,
    dask: str | None,
    csv_file: Path | None,
    html_file: Path | None,
    env_file: Path | None,
    *,
    is_highest: bool | None,
    as_json: bool,
) -> None:
    """Run variants of STEP, and compare the numbers that they write down.

    As in: nbrefine sweep train -p learning_rate=0.05,0.1 -p depth=3:7:2 --until evaluate
    --metric auc

    Each combination of values is a variant, with its products in build/sweeps; those of the
    project stay as they are. What STEP builds on is built once. Metrics are the numbers in JSON
    products. Without -p, STEP is one that has a `grid` in pipeline.yaml.
    """
    values = values_of(said)
    if metric is None and is_highest is not None:
        raise SweepError("What is to be highest or lowest is not said.", hint="Add --metric.")
    aim = None if metric is None else Aim(metric, is_highest is not False)
    pipeline = read_pipeline(find_root(folder), env_file=env_file)
    stop = Stop()
    with stop.on_signals(), crew_of(pipeline, dask) as crew:
        result = sweep(
            pipeline,
            step,
            values,
            until=until,
            aim=aim,
            workers=workers or workers_of(pipeline),
            show=progress_for,
            stop=stop,
            crew=crew,
            say=lambda text: click.echo(text, err=True),
        )
    for note in result.notes:
        click.echo(f"note: {mask_text(note)}", err=True)
    if csv_file is not None:
        write_output(csv_file, csv_text(result))
    if html_file is not None:
        write_output(html_file, sweep_page(result, pipeline.root.name))
    if as_json:
        data = sweep_json(result, pipeline.root)
        click.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))
    else:
        for line in text_lines(result):
            click.echo(line)
        for file in filter(None, (csv_file, html_file)):
            click.echo(f"Written: {shown(file)}")
    if result.build.stopped:
        context.exit(_STOPPED)
    if result.failed:
        context.exit(1)
