"""``nbrefine sync``: moves what was newly defined in step notebooks to ``src/``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.errors import Place
from nbrefine.refine.sync import plan_sync, write_sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.extract.extraction import Left, Moved
    from nbrefine.refine.sync import Sync


@click.command("sync")
@click.argument("project", type=click.Path(path_type=Path), default=".")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if anything waits.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(context: click.Context, project: Path, *, check: bool, as_json: bool) -> None:
    """Move functions and classes that step notebooks define to the package in src/.

    The notebooks import them instead, and pipeline.yaml says that their steps depend on them.
    What src/ has already stays as it is. Either all files are written or none.
    """
    plan = plan_sync(project)
    if not check:
        write_sync(plan)
    if as_json:
        click.echo(json.dumps(_json(plan, check=check), indent=2))
    else:
        for line in _lines(plan, check=check):
            click.echo(line)
    if check and plan.moved:
        context.exit(1)


def _json(plan: Sync, *, check: bool) -> dict[str, object]:
    return {
        "waiting" if check else "moved": [asdict(each) for each in plan.moved],
        "left": [asdict(each) for each in plan.left],
        "files": sorted(plan.files),
    }


def _lines(plan: Sync, *, check: bool) -> Iterator[str]:
    if not plan.moved:
        yield "Nothing waits: the step notebooks define nothing that belongs to src/."
    for each in plan.moved:
        given = f", takes {', '.join(each.arguments)}" if each.arguments else ""
        verb = "waits for" if check else "moved to"
        yield f"{_place(each)}: {each.name} {verb} {each.module}{given}"
    for left in plan.left:
        yield f"{_place(left)}: {left.name} stays: {left.reason}"
    if plan.moved and not check:
        yield "They have no tests yet. Build, and look at the changes: git diff"


def _place(found: Moved | Left) -> Place:
    return Place(found.notebook, found.line, found.index + 1)
