"""``nbrefine baseline``: what the cells of a pipeline show, kept in git and compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from nbrefine.cli import options
from nbrefine.engine.progress import progress_for
from nbrefine.engine.stop import Stop
from nbrefine.errors import InputError, did_you_mean
from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import find_root
from nbrefine.testing.accepting import record
from nbrefine.testing.check_json import check_json
from nbrefine.testing.checking import check
from nbrefine.testing.executed import named_steps, sample_pipeline
from nbrefine.testing.recording import RUNS
from nbrefine.testing.report_files import write_page
from nbrefine.testing.text import cell_text, check_text, step_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.testing.accepting import Recorded
    from nbrefine.testing.checking import Check

_steps = click.argument("steps", nargs=-1, metavar="[STEP]...")
_all = click.option("--all", "force", is_flag=True, help="Run all steps, not only affected ones.")
_json = click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
_runs = click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=RUNS,
    show_default=True,
    metavar="N",
    help="Run the steps N times to learn what varies.",
)


@click.group("baseline")
def command() -> None:
    """Keep what the cells of a pipeline show, and compare with it.

    A baseline is an executed notebook of a step on the small sample (env.ci.yaml where a project
    has it), in tests/notebooks/.
    """


@command.command("record")
@_steps
@_runs
@options.project_folder
@options.env_file
@_json
def record_command(
    steps: tuple[str, ...], runs: int, folder: Path, env_file: Path | None, *, as_json: bool
) -> None:
    """Record the baselines of STEPs, or of all.

    What a cell shows as before is kept word for word. Cells that vary from run to run are marked,
    with the reason.
    """
    pipeline = sample_pipeline(find_root(folder), env_file)
    stop = Stop()
    with stop.on_signals():
        found = record(pipeline, named_steps(pipeline, steps), runs=runs, stop=stop)
    _say_recorded(found, as_json=as_json)


@command.command("check")
@_steps
@_all
@options.project_folder
@options.env_file
@_json
@click.pass_context
def check_command(  # noqa: PLR0913  (one for each option)
    context: click.Context,
    steps: tuple[str, ...],
    folder: Path,
    env_file: Path | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Run what a change can have affected, and compare STEPs, or all, with their baselines.

    Ends with 1 if anything differs. The page, and the executed notebooks that differ, are in
    build/notebook_tests/.
    """
    found = _checked(sample_pipeline(find_root(folder), env_file), steps, force=force)
    page = write_page(found)
    if as_json:
        click.echo(
            json.dumps({**check_json(found), "report": shown(page)}, indent=2, ensure_ascii=False)
        )
    else:
        click.echo(check_text(found))
        click.echo(f"{verdict_word(found)} Report: {shown(page)}")
    if not found.passes:
        context.exit(1)


@command.command("diff")
@_steps
@_all
@options.project_folder
@options.env_file
def diff_command(
    steps: tuple[str, ...], folder: Path, env_file: Path | None, *, force: bool
) -> None:
    """Show cell by cell what STEPs, or all, show now that their baselines do not have."""
    found = _checked(sample_pipeline(find_root(folder), env_file), steps, force=force)
    for step in found.steps:
        if not step.passes:
            click.echo(step_text(step))
            click.echo()
    click.echo(f"{verdict_word(found)} Pictures and tables: {shown(write_page(found))}")


@command.command("update")
@_steps
@click.option("--cell", "cells", multiple=True, metavar="STEP:N", help="Accept this cell alone.")
@click.option("--ask", is_flag=True, help="Show each cell that differs, and ask.")
@_runs
@options.project_folder
@options.env_file
@_json
def update_command(  # noqa: PLR0913  (one for each option)
    steps: tuple[str, ...],
    cells: tuple[str, ...],
    runs: int,
    folder: Path,
    env_file: Path | None,
    *,
    ask: bool,
    as_json: bool,
) -> None:
    """Accept what cells show now: all that differ in STEPs, or those that are named."""
    pipeline = sample_pipeline(find_root(folder), env_file)
    named = [*map(_cell, cells)]
    asked = named_steps(pipeline, [*steps, *(step for step, _ in named)])
    found = _checked(pipeline, asked, force=False)
    wanted: dict[str, set[int]] = {}
    for name, number in _candidates(found, steps, named, everything=not cells):
        if not ask or _agreed(found, name, number):
            wanted.setdefault(name, set()).add(number)
    if not wanted:
        click.echo("Nothing is accepted: the baselines stay as they are.")
        return
    stop = Stop()
    with stop.on_signals():
        made = record(pipeline, [*wanted], accepted=wanted, runs=runs, stop=stop)
    _say_recorded(made, as_json=as_json)


def _checked(pipeline: Pipeline, steps: Sequence[str], *, force: bool) -> Check:
    stop = Stop()
    with stop.on_signals():
        return check(
            pipeline, named_steps(pipeline, steps), force=force, stop=stop, show=progress_for
        )


def _cell(text: str) -> tuple[str, int]:
    step, _, number = text.rpartition(":")
    if not step or not number.isdigit():
        raise InputError(
            f"{text!r} names no cell.", hint="Write STEP:N, such as report:7, as failures say it."
        )
    return step, int(number)


def _candidates(
    found: Check,
    steps: Sequence[str],
    named: Sequence[tuple[str, int]],
    *,
    everything: bool,
) -> Iterator[tuple[str, int]]:
    """Give the cells that may be accepted."""
    for step in found.steps:
        if step.executed.failure:
            raise InputError(f"The step {step.step!r} fails, so nothing of it can be accepted.")
        numbers = [cell.number for cell in step.failing]
        wanted = [number for name, number in named if name == step.step]
        known = {cell.number for cell in step.cells}
        for number in wanted:
            if step.problem is None and number not in known:
                hint = did_you_mean(str(number), map(str, sorted(known)))
                raise InputError(f"{step.step!r} has no code cell {number}.", hint=hint)
        if step.problem is not None:
            numbers = [cell.number for cell in step.executed.cells]
        if everything or step.step in steps:
            yield from ((step.step, number) for number in numbers)
        else:
            yield from ((step.step, number) for number in wanted)


def _agreed(found: Check, name: str, number: int) -> bool:
    step = next(each for each in found.steps if each.step == name)
    cell = next((each for each in step.cells if each.number == number), None)
    click.echo()
    click.echo(cell_text(step, cell) if cell else f"{name}:{number} has no baseline yet")
    return click.confirm("Accept it?")


def _say_recorded(found: Sequence[Recorded], *, as_json: bool) -> None:
    if as_json:
        said = [{**vars(each), "file": shown(each.file)} for each in found]
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
        return
    for each in found:
        word = "recorded" if each.changed else "as it was"
        click.echo(f"{shown(each.file)}: {each.cells} code cells, {word}")
        for number, why in each.varying.items():
            click.echo(f"  cell {number} varies: {why}")
