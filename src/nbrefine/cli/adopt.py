"""``nbrefine adopt``: lets the engine build a pipeline that is there already."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.engine.support import only_ploomber_runs
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.adopt import adopted, ignored
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from nbrefine.pipeline.model import Pipeline


@click.command("adopt")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
def command(folder: Path, *, dry_run: bool) -> None:
    """Let nbrefine's engine build the pipeline in DIR or above it.

    Writes the executor into pipeline.yaml and .nbrefine/ into .gitignore, and shows what is new.
    Nothing else changes: comments and formatting stay, and `ploomber build` stays the command.
    """
    root = find_root(folder)
    pipeline = read_pipeline(root)
    ignore = root / ".gitignore"
    old = ignore.read_text("utf-8") if ignore.is_file() else ""
    texts = {
        pipeline.spec_file: (
            pipeline.spec_file.read_text("utf-8"),
            adopted(pipeline.spec_file),
        ),
        ignore: (old, ignored(old)),
    }
    new = {file: text for file, (before, text) in texts.items() if text != before}
    for file in new:
        click.echo(_difference(file, *texts[file]), nl=False)
    if not new:
        click.echo(f"{shown(pipeline.spec_file)} names the executor already.")
        return
    if dry_run:
        return
    for file, text in new.items():
        write_atomic(file, text)
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
