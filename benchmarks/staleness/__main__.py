"""Edit a project in every way that matters, or does not, and see what a build runs again.

Each edit is made in the project as it was built first, once for each tool.
"""

from __future__ import annotations

import click

from benchmarks.results import ROOT, write_results
from benchmarks.staleness.edits import EDITS
from benchmarks.staleness.table import figures, table, verdict
from benchmarks.staleness.tools import TOOLS, Bench

FOLDER = ROOT / "build" / "bench" / "staleness"
# These decide what comes out, beside nbrefine itself.
MATTER = ("ipykernel", "nbclient", "papermill", "ploomber")


@click.command(help=__doc__)
@click.option("--only", default="", help="Only edits whose name has this text in it.")
@click.option(
    "--tool",
    "tools",
    multiple=True,
    type=click.Choice([*TOOLS]),
    default=[*TOOLS],
    help="Only this tool.",
)
def main(only: str, tools: tuple[str, ...]) -> None:
    """Make the edits, print the table, and write the results."""
    edits = [edit for edit in EDITS if only in edit.name]
    benches = {tool: Bench(tool, FOLDER / tool) for tool in tools}
    rows = []
    for edit in edits:
        answers = {tool: bench.after(edit) for tool, bench in benches.items()}
        rows.append((edit, answers))
        said = ", ".join(f"{tool} {verdict(edit, answer)}" for tool, answer in answers.items())
        click.echo(f"{edit.name}: {said}", err=True)
        for tool, answer in answers.items():
            if answer.error:
                click.echo(f"{tool}: {answer.error}", err=True)
    click.echo(table(rows, tools))
    found = figures(rows, tools)
    click.echo("".join(f"\n{name}: {value}" for name, value in found.items()))
    if not only and {*tools} == {*TOOLS}:
        details = [
            {
                "edit": edit.name,
                "has_to_run": sorted(edit.run),
                "may_run": sorted(edit.may),
                **{
                    tool: {"verdict": verdict(edit, answer), "ran": sorted(answer.ran)}
                    for tool, answer in answers.items()
                },
            }
            for edit, answers in rows
        ]
        path = write_results("staleness", found, MATTER, edits=details)
        click.echo(f"\nWrote {path.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
