"""``nbrefine build``: runs what is outdated, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from nbrefine.cli import options
from nbrefine.engine.outcome import Ending
from nbrefine.engine.support import check_supported, workers_of
from nbrefine.engine.up_to_date import nothing_to_do
from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.engine.outcome import Build
    from nbrefine.pipeline.model import Pipeline

# What builds is loaded in the functions that need it: most builds have nothing to do.

_STOPPED = 130


@click.command("build")
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@options.project_folder
@click.option("--force", is_flag=True, help="Run the steps also if they are up to date.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and why; do nothing.")
@click.option(
    "-w", "--workers", type=click.IntRange(min=1), metavar="N", help="Run N steps at a time."
)
@options.dask
@click.option("--no-wait", is_flag=True, help="End at once if another build is going on.")
@click.option(
    "--check-determinism",
    "twice",
    metavar="STEP",
    help="Run STEP twice, publish nothing, and say what differs.",
)
@options.env_file
@click.option("--json", "as_json", is_flag=True, help="Print how each step came out as JSON.")
@click.pass_context
def command(  # noqa: PLR0913, PLR0917  (one for each option)
    context: click.Context,
    steps: tuple[str, ...],
    folder: Path,
    workers: int | None,
    dask: str | None,
    twice: str | None,
    env_file: Path | None,
    *,
    force: bool,
    dry_run: bool,
    no_wait: bool,
    as_json: bool,
) -> None:
    """Build the pipeline, or STEPs and what they build on.

    Runs what is outdated and nothing else: a step whose code, parameters, inputs, libraries and
    upstream products are what they were is left alone, or taken from the cache. Does what
    `ploomber build` does with `executor: nbrefine.engine.Executor`, and starts faster.
    """
    pipeline = read_pipeline(find_root(folder), env_file=env_file)
    if dry_run:
        from nbrefine.cli.status import show_plan  # noqa: PLC0415
        from nbrefine.engine.planned import planned  # noqa: PLC0415

        show_plan(pipeline, planned(pipeline, steps, force=force), as_json=as_json)
        return
    check_supported(pipeline)
    if twice is not None:
        _check_determinism(context, pipeline, twice, as_json=as_json)
        return
    page = None
    if force or (result := nothing_to_do(pipeline, steps)) is None:
        workers = workers or workers_of(pipeline)
        result, page = _build(pipeline, steps, workers, dask, force=force, wait=not no_wait)
    if as_json:
        from nbrefine.engine.build_json import build_json  # noqa: PLC0415

        click.echo(json.dumps(build_json(pipeline, result), indent=2, ensure_ascii=False))
    else:
        say_result(result, page)
    if result.stopped:
        context.exit(_STOPPED)
    if result.failed:
        context.exit(1)


def _build(  # noqa: PLR0913  (each is one side of what is asked for)
    pipeline: Pipeline,
    steps: tuple[str, ...],
    workers: int | None,
    dask: str | None,
    *,
    force: bool,
    wait: bool,
) -> tuple[Build, Path | None]:
    """Build, and write the page about it."""
    from nbrefine.engine.build import Orders, build  # noqa: PLC0415
    from nbrefine.engine.build_page import write_page  # noqa: PLC0415
    from nbrefine.engine.cluster.chosen import crew_of  # noqa: PLC0415
    from nbrefine.engine.progress import progress_for  # noqa: PLC0415
    from nbrefine.engine.stop import Stop  # noqa: PLC0415

    stop = Stop()
    orders = Orders(steps, force=force, workers=workers, wait=wait, on_wait=_say)
    with stop.on_signals(), crew_of(pipeline, dask) as crew:
        result = build(pipeline, orders, show=progress_for, stop=stop, crew=crew)
    return result, write_page(pipeline, result)


def _say(text: str) -> None:
    click.echo(text, err=True)


def say_result(result: Build, page: Path | None) -> None:
    """Print what is to be known of a build that has ended."""
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    for outcome in result.failed:
        from nbrefine.engine.failure_text import failure_text  # noqa: PLC0415

        click.echo("", err=True)
        click.echo(failure_text(outcome), err=True)
    counts = Counter(outcome.ending for outcome in result.outcomes.values())
    said = ", ".join(f"{number} {ending}" for ending in Ending if (number := counts[ending]))
    what = "Stopped" if result.stopped else "Failed" if result.failed else "Built"
    report = f" Report: {shown(page)}" if page is not None else ""
    click.echo(f"{what} in {result.seconds:.1f} s: {said}.{report}")


def _check_determinism(
    context: click.Context, pipeline: Pipeline, step: str, *, as_json: bool
) -> None:
    from nbrefine.engine.determinism import check_determinism  # noqa: PLC0415
    from nbrefine.engine.stop import Stop  # noqa: PLC0415

    stop = Stop()
    with stop.on_signals():
        differences = check_determinism(pipeline, step, stop, _say)
    if as_json:
        click.echo(json.dumps({"step": step, "differences": [*differences]}, indent=2))
    elif differences:
        click.echo(f"{step}: two runs differ")
        for each in differences:
            click.echo(f"  {each}")
    else:
        click.echo(f"{step}: two runs made the same")
    if differences:
        context.exit(1)
