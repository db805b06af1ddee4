"""``nbrefine adopt``: lets the engine build a pipeline that is there already."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.engine.support import only_ploomber_runs
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.adopt import adopted, text_of
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from nbrefine.pipeline.model import Pipeline


@click.command("adopt")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
def command(folder: Path, *, dry_run: bool) -> None:
    """Let nbrefine's engine build the pipeline in DIR or above it.

    Writes the executor into pipeline.yaml and shows what is new. Nothing else changes: comments and
    formatting stay, and `ploomber build` stays the command.
    """
    pipeline = read_pipeline(find_root(folder))
    file = pipeline.spec_file
    before, after = text_of(file), adopted(file)
    if before == after:
        click.echo(f"{shown(file)} names the executor already.")
        return
    click.echo(_difference(file, before, after), nl=False)
    if dry_run:
        return
    write_atomic(file, after)
    for line in _left_to_ploomber(pipeline):
        click.echo(line)
    click.echo("Now run: ploomber build")


def _difference(file: Path, before: str, after: str) -> str:
    name = shown(file)
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, name, n=1
    )
    return "".join(lines)


def _left_to_ploomber(pipeline: Pipeline) -> list[str]:
    found = {name: only_ploomber_runs(pipeline, step) for name, step in pipeline.steps.items()}
    return [
        f"note: {name} stays with Ploomber: the engine does not run {why}"
        for name, why in found.items()
        if why
    ]
