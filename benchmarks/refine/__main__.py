"""Refine every real notebook that runs offline, and the hard ones, one at a time.

It takes an hour and more. Downloads, environment and work are in ``build/bench/refine``.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import click

from benchmarks.refine.corpus import Corpus, prepare
from benchmarks.refine.figures import Row, details, figures, table
from benchmarks.refine.hard import HardCase, refine_all
from benchmarks.refine.original import run_original
from benchmarks.refine.ours import refine
from benchmarks.refine.soorgeon import Attempt, attempt
from benchmarks.results import ROOT, write_results

CACHE = ROOT / "build" / "bench" / "refine"
# These decide what comes out, beside nbrefine itself.
MATTER = ("ipykernel", "matplotlib", "nbclient", "numpy", "pandas", "papermill", "ploomber")


@click.command(help=__doc__)
@click.option("--only", default="", help="Only notebooks whose path has this text in it.")
@click.option("--corpus", "folder", type=click.Path(path_type=Path), help="Another folder of them.")
@click.option("--python", type=click.Path(path_type=Path), help="What runs that folder's.")
@click.option("--soorgeon/--no-soorgeon", default=True, help="Whether to measure it beside ours.")
@click.option("--hard/--no-hard", default=True, help="Whether to refine the hard ones too.")
def main(
    only: str, folder: Path | None, python: Path | None, *, soorgeon: bool, hard: bool
) -> None:
    """Measure, print the table, and write the results."""
    corpus = _corpus(folder, python)
    rows: list[Row] = []
    failing: dict[str, str] = {}
    for notebook in corpus.notebooks:
        if only not in str(notebook):
            continue
        name = notebook.relative_to(folder or CACHE).as_posix()
        row = measure(notebook, name, corpus.python, soorgeon=soorgeon)
        if isinstance(row, Row):
            rows.append(row)
            click.echo(table([row]).splitlines()[-1])
        else:
            failing[name] = row
    cases = refine_all(corpus.python, CACHE / "hard") if hard else []
    click.echo(f"\n{table(rows)}\n{len(failing)} do not run by themselves.\n")
    found = figures(rows) | {"hard": dict(Counter(case.word for case in cases))}
    for name, value in found.items():
        click.echo(f"{name:<24} {value}")
    if only or folder:
        return
    file = write_results(
        "refine",
        found,
        MATTER,
        runs={"original": 2, "refine": 1, "soorgeon": 1},
        notebooks=details(rows),
        failing_by_themselves=failing,
        hard=_hard(cases),
    )
    click.echo(f"\n{file.relative_to(ROOT)}")


def measure(notebook: Path, name: str, python: Path, *, soorgeon: bool) -> Row | str:
    """Run a notebook and have it refined; the reason if it does not run by itself."""
    work = CACHE / "work"
    shutil.rmtree(work, ignore_errors=True)
    original = run_original(notebook, python, work)
    if isinstance(original, str):
        return original
    ours = refine(original, python, work / "project")
    if not soorgeon:
        return Row(name, original, ours, Attempt(), Attempt())
    cuts = [cells[0] for cells in ours.steps if cells]
    return Row(
        name,
        original,
        ours,
        attempt(original, python, work / "soorgeon"),
        attempt(original, python, work / "soorgeon-with-headings", cuts),
    )


def _corpus(folder: Path | None, python: Path | None) -> Corpus:
    if folder is None or python is None:
        return prepare(CACHE)
    return Corpus(tuple(sorted(folder.rglob("*.ipynb"))), python)


def _hard(cases: list[HardCase]) -> dict[str, dict[str, object]]:
    """Return what was not equal, and what it said."""
    return {
        case.name: {"result": case.word, "message": case.outcome.message[-500:]}
        for case in cases
        if case.word != "equal"
    }


if __name__ == "__main__":
    main()
