"""``nbrefine reproduce``: a product made again in an empty folder, from what was recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.engine.reproduce import reproduce
from nbrefine.engine.stop import Stop
from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.lineage import lineage_of
from nbrefine.pipeline.spec import project_of
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.engine.reproduction import Reproduction


@click.command("reproduce")
@click.argument("product", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where to; it must not exist, or be empty. reproduced/PRODUCT if not given.",
)
@click.option("--json", "as_json", is_flag=True, help="Print how it came out as JSON.")
@click.pass_context
def command(context: click.Context, product: Path, output: Path | None, *, as_json: bool) -> None:
    """Make PRODUCT again in an empty folder, and say whether its content is the same.

    Notebooks, modules and parameters are those that it was made from, also if they were in no
    commit; inputs are taken from the project, the cache or git, where they are still as they were.
    What is missing or different is said.
    """
    file = product.resolve()
    folder = output or Path("reproduced") / product.name
    stop = Stop()
    with stop.on_signals(), Ledger(project_of(file)) as ledger:
        lineage = lineage_of(file, ledger)
        found = reproduce(lineage, ledger, folder, stop, lambda *said: _say(*said, quiet=as_json))
    if as_json:
        click.echo(json.dumps(_as_data(found), indent=2, ensure_ascii=False))
    else:
        for line in _lines(found):
            click.echo(mask_text(line))
    if not found.same:
        context.exit(1)


def _say(step: str, what: str, *, quiet: bool) -> None:
    click.echo(f"{step}: {what}", err=quiet)


def _lines(found: Reproduction) -> Iterator[str]:
    for what in found.missing:
        yield f"missing: {what}"
    for what in found.different:
        yield f"different: {what}"
    for each in found.products:
        hint = " (an executed notebook: what it shows may hold times)" if each.executed else ""
        yield f"{each.path}: {'the same' if each.same else f'another{hint}'}"
    if found.missing:
        yield f"{found.product} cannot be made again."
    elif found.failure is not None:
        yield f"{found.product} was not made again: {found.failure.reason}"
    else:
        same = "the same content" if found.same else "another content"
        yield f"{found.product} was made again in {shown(found.folder)}: {same}."


def _as_data(found: Reproduction) -> dict[str, object]:
    return {
        "product": found.product,
        "folder": str(found.folder),
        "same": found.same,
        "products": [vars(each) for each in found.products],
        "missing": [mask_text(what) for what in found.missing],
        "different": [mask_text(what) for what in found.different],
        "failure": None if found.failure is None else mask_text(found.failure.reason),
    }
