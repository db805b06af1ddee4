"""Refine every real notebook that runs offline, and the hard ones.

The newest commit is measured, whatever happens to the checkout meanwhile. It takes hours; what is
interrupted goes on where it was, with the same commit. All lies in ``build/bench/refine``.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import click

from benchmarks.refine.corpus import Corpus, prepare
from benchmarks.refine.figures import details, figures, table
from benchmarks.refine.hard import HardCase, refine_all
from benchmarks.refine.measure import measure
from benchmarks.refine.measured import begin
from benchmarks.refine.rows import Failing, Row, keep, kept
from benchmarks.results import ROOT, write_results

CACHE = ROOT / "build" / "bench" / "refine"
# These decide what comes out, beside nbrefine itself.
MATTER = ("ipykernel", "matplotlib", "nbclient", "numpy", "pandas", "papermill", "ploomber")


@click.command(help=__doc__)
@click.option("--only", default="", help="Only notebooks whose path has this text in it.")
@click.option("--corpus", "folder", type=click.Path(path_type=Path), help="Another folder of them.")
@click.option(
    "--python",
    type=click.Path(path_type=Path),
    help="What runs that folder's; nbrefine is installed there.",
)
@click.option("--soorgeon/--no-soorgeon", default=True, help="Whether to measure it beside ours.")
@click.option("--hard/--no-hard", default=True, help="Whether to refine the hard ones too.")
@click.option("--anew", is_flag=True, help="Forget what was measured, and take the newest commit.")
@click.option("--workers", default=1, show_default=True, help="How many at a time; a core each.")
@click.option("--minutes", type=float, help="Begin with no notebook after that time.")
def main(  # noqa: PLR0913  (one for each option)
    *,
    only: str,
    folder: Path | None,
    python: Path | None,
    soorgeon: bool,
    hard: bool,
    anew: bool,
    workers: int,
    minutes: float | None,
) -> None:
    """Measure, print the table, and write the results."""
    end = time.monotonic() + 60 * minutes if minutes is not None else float("inf")
    corpus = _corpus(folder, python)
    home = CACHE / "runs" / (folder.resolve().name if folder else "shipped")
    commit = begin(home, corpus.python, anew=anew)
    click.echo(f"nbrefine of commit {commit[:12]}; rows are in {home}")
    rows: list[Row] = []
    failing: dict[str, str] = {}
    chosen = [notebook for notebook in corpus.notebooks if only in str(notebook)]
    free: SimpleQueue[Path] = SimpleQueue()
    for number in range(workers):
        free.put(CACHE / "work" / str(number))

    def measured(notebook: Path) -> Row | Failing | None:
        name = notebook.relative_to(folder or CACHE).as_posix()
        row = kept(name, home / "rows")
        if row is None and time.monotonic() < end:
            work = free.get()
            row = measure(notebook, name, corpus.python, work, soorgeon=soorgeon)
            keep(row, home / "rows")
            free.put(work)
        return row

    with ThreadPoolExecutor(workers) as pool:
        for row in pool.map(measured, chosen):
            if isinstance(row, Row):
                rows.append(row)
                click.echo(table([row]).splitlines()[-1])
            elif row is not None:
                failing[row.name] = row.reason
    cases: list[HardCase] = []
    if hard and time.monotonic() < end:
        cases = refine_all(corpus.python, CACHE / "hard", workers)
    left = len(chosen) - len(rows) - len(failing)
    click.echo(f"\n{table(rows)}\n{len(failing)} do not run by themselves, {left} are left.\n")
    found = figures(rows) | {"hard": dict(Counter(case.word for case in cases))}
    for key, value in found.items():
        click.echo(f"{key:<24} {value}")
    if only or folder:
        return
    file = write_results(
        "refine",
        found,
        MATTER,
        commit=commit,
        runs={"original": 2, "refine": 1, "soorgeon": 1},
        workers=workers,
        not_measured=left,
        notebooks=details(rows),
        failing_by_themselves=failing,
        hard=_hard(cases),
    )
    click.echo(f"\n{file.relative_to(ROOT)}")


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
