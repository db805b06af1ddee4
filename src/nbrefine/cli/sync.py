"""``nbrefine sync``: moves what was newly defined in step notebooks to ``src/``, with its tests."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.errors import Place
from nbrefine.refine.sync.new_tests import SyncTests, with_tests
from nbrefine.refine.sync.sync import plan_sync, write_sync

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.extract.extraction import Left, Moved
    from nbrefine.refine.generated_tests.generate import GeneratedTests


@click.command("sync")
@click.argument("project", type=click.Path(path_type=Path), default=".")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if anything waits.")
@click.option(
    "--tests/--no-tests",
    default=True,
    help="Build a copy of the project, record calls of what moves, and write tests of it; the "
    "default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def command(
    context: click.Context, project: Path, *, check: bool, tests: bool, as_json: bool
) -> None:
    """Move functions and classes that step notebooks define to the package in src/.

    The notebooks import them instead, and pipeline.yaml says that their steps depend on them.
    What src/ and tests/ have already stays as it is. Either all files are written or none.
    """

    def progress(step: str) -> None:
        click.echo(f"Running step {step} ...", err=True)

    found = SyncTests(plan_sync(project))
    if tests and not check:
        found = with_tests(found.plan, progress)
    failed = found.tests.build_failed
    if not check and not failed:
        write_sync(found.plan)
    if as_json:
        click.echo(json.dumps(_json(found, check=check), indent=2))
    else:
        for line in _lines(found, check=check, tests=tests):
            click.echo(line)
    if failed or (check and found.plan.moved):
        context.exit(1)


def _json(found: SyncTests, *, check: bool) -> dict[str, object]:
    plan, tests = found.plan, found.tests
    return {
        "waiting" if check or tests.build_failed else "moved": [
            asdict(each) for each in plan.moved
        ],
        "left": [asdict(each) for each in plan.left],
        "unseen": dict(plan.unseen),
        "files": sorted(plan.files),
        "tests": {name: list(each) for name, each in tests.tests.items()},
        "not_tested": {each.function: each.reason for each in tests.missed},
        "trouble": tests.trouble,
    }


def _lines(found: SyncTests, *, check: bool, tests: bool) -> Iterator[str]:
    plan, failed = found.plan, found.tests.build_failed
    if not plan.moved:
        yield "Nothing waits: the step notebooks define nothing that belongs to src/."
    for each in plan.moved:
        given = f", takes {', '.join(each.arguments)}" if each.arguments else ""
        verb = "waits for" if check or failed else "moved to"
        yield f"{_place(each)}: {each.name} {verb} {each.module}{given}"
    for left in plan.left:
        yield f"{_place(left)}: {left.name} stays: {left.reason}"
    for path, why in plan.unseen.items():
        yield f"{path}: not looked at: {why}"
    if failed:
        yield f"Nothing was moved: {found.tests.trouble}"
        yield "Repair the step, or move without tests: nbrefine sync --no-tests"
    elif plan.moved and not check:
        yield from _tests(found.tests) if tests else ("They have no tests yet.",)
        yield "Build, and look at the changes: git diff"


def _tests(tests: GeneratedTests) -> Iterator[str]:
    """Say which tests there are, and what has none."""
    for name, each in tests.tests.items():
        yield f"  tests of {name}: {', '.join(each)}"
    for name, labels in tests.masked.items():
        yield f"  made up in the tests of {name}, as it looked personal: {', '.join(labels)}"
    for missed in tests.missed:
        yield f"  no test of {missed.function}: {missed.reason}"
    if tests.trouble:
        yield f"  {tests.trouble}"


def _place(found: Moved | Left) -> Place:
    return Place(found.notebook, found.line, found.index + 1)
