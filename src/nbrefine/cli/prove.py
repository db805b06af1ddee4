"""``nbrefine prove``: builds a refined project and compares it with the original notebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.cli.ending import tidy_end
from nbrefine.cli.output import write_output
from nbrefine.compare.verdict import Verdict
from nbrefine.files.paths import shown
from nbrefine.recording.facts import Basis
from nbrefine.refine.prove.page import proof_page
from nbrefine.refine.prove.proof import headline, proof_json
from nbrefine.refine.prove.prove import prove
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.prove.proof import CellProof, ItemProof, Proof

COLOURS = {
    Verdict.EQUAL: "green",
    Verdict.WITHIN_TOLERANCE: "green",
    Verdict.NONDETERMINISTIC: "yellow",
    Verdict.SUPERSEDED: "yellow",
    Verdict.DIFFERENT: "red",
    Verdict.MISSING: "red",
}
# What is counted, and not listed.
_UNREMARKABLE = frozenset({Verdict.EQUAL, Verdict.NOT_COMPARED})


@click.command("prove")
@click.argument("project", type=click.Path(path_type=Path), default=".")
@click.option("--no-build", is_flag=True, help="Compare the products as they lie there.")
@click.option("--json", "as_json", is_flag=True, help="Print the proof as JSON.")
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the page there, not to build/proof.html.",
)
@click.pass_context
def command(
    context: click.Context, project: Path, *, no_build: bool, as_json: bool, html_file: Path | None
) -> None:
    """Prove that a refined project says what its notebook said.

    Builds a copy of PROJECT with Ploomber and compares each cell's outputs, each final variable
    and each file written with the recorded run of the notebook. The project stays as it is. Ends
    with exit code 0 if nothing is different or missing, with 1 otherwise.
    """

    def progress(step: str) -> None:
        click.echo(f"Running step {step} ...", err=True)

    with tidy_end():
        proof = prove(project, rebuild=not no_build, progress=progress)
    file = html_file or proof.root / "build" / "proof.html"
    write_output(file, proof_page(proof))
    if as_json:
        click.echo(json.dumps(proof_json(proof), indent=2))
    else:
        for line in proof_lines(proof):
            click.echo(line)
        click.echo(f"\nSide by side: {shown(file)}")
    if not proof.holds:
        context.exit(1)


def proof_lines(proof: Proof) -> Iterator[str]:
    """Say the verdict, the counts, and each thing that is not equal."""
    yield click.style(headline(proof), fg="green" if proof.holds else "red", bold=True)
    for kind, counts in proof.counts.items():
        if counts:
            parts = (_styled(verdict, counts[verdict]) for verdict in Verdict if verdict in counts)
            yield f"  {kind:<10} {', '.join(parts)}"
    if proof.build_error:
        yield ""
        yield mask_text(proof.build_error)
    for cell in proof.cells:
        if cell.verdict not in _UNREMARKABLE or (cell.cause and proof.basis is not Basis.NONE):
            yield from _cell(cell)
    for kind, items in (("variable", proof.variables), ("file", proof.files)):
        for item in items:
            if item.verdict not in _UNREMARKABLE:
                yield _item(kind, item)


def _styled(verdict: Verdict, number: int) -> str:
    return click.style(f"{number} {verdict}", fg=COLOURS.get(verdict))


def _cell(cell: CellProof) -> Iterator[str]:
    label = click.style(str(cell.verdict), fg=COLOURS.get(cell.verdict))
    where = f" in step {cell.step}" if cell.step else ""
    cause = f" ({cell.cause})" if cell.cause else ""
    yield f"\n{label}: code cell {cell.origin + 1}{where}{cause}"
    for item in cell.differences:
        yield f"  {item.part}: {mask_text(item.message)}"
        for sign, text in (("-", item.expected), ("+", item.actual)):
            for line in mask_text(text).splitlines():
                yield f"    {sign} {line}"


def _item(kind: str, item: ItemProof) -> str:
    label = click.style(str(item.verdict), fg=COLOURS.get(item.verdict))
    where = f" in step {item.step}" if item.step else ""
    return f"\n{label}: {kind} {item.name}{where}\n  {mask_text(item.message)}"
