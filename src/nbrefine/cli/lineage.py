"""``nbrefine lineage``: what made a product, and what depends on it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nbrefine.cli.output import check_suffix, write_output
from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.lineage import lineage_of
from nbrefine.pipeline.lineage_data import lineage_data
from nbrefine.pipeline.lineage_text import lineage_text
from nbrefine.pipeline.spec import project_of


@click.command("lineage")
@click.argument("product", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write FILE.html (a page with a picture), FILE.svg (the picture), FILE.txt or FILE.mmd "
    "(mermaid). A file that is there is replaced.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all that is recorded as JSON.")
def command(product: Path, output: Path | None, *, as_json: bool) -> None:
    """Say what made PRODUCT, from its step up to the first inputs, and what depends on it.

    It is read from what builds have recorded: runs, digests, parameters, versions, the commit.
    """
    check_suffix(output)
    file = product.resolve()
    with Ledger(project_of(file)) as ledger:
        data = lineage_data(lineage_of(file, ledger))
    if output is not None:
        write_output(output, _content(output, data))
        click.echo(f"Wrote {shown(output)}.", err=as_json)
    if as_json:
        click.echo(json.dumps(data, indent=2, ensure_ascii=False))
    elif output is None:
        click.echo(lineage_text(data), nl=False)


def _content(output: Path, data: dict[str, object]) -> str:
    from nbrefine.pipeline.lineage_page import lineage_page, lineage_picture  # noqa: PLC0415
    from nbrefine.report.graph import mermaid  # noqa: PLC0415
    from nbrefine.report.svg import svg  # noqa: PLC0415

    if output.suffix == ".html":
        return lineage_page(data)
    if output.suffix == ".svg":
        return svg(lineage_picture(data)) + "\n"
    return mermaid(lineage_picture(data)) if output.suffix == ".mmd" else lineage_text(data)
