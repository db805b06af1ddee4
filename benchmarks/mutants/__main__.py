"""Mutate the functions of refined projects, and count the mutants that a generated test notices.

A mutant counts if it changes a result on everything that the notebook passed.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click
import matplotlib as mpl
import numpy as np  # noqa: F401  (imported here, so that no child has to)
import pandas as pd  # noqa: F401

from benchmarks.mutants.effect import load_module, outcomes
from benchmarks.mutants.mutate import Mutant, mutants
from benchmarks.mutants.projects import refined
from benchmarks.mutants.trial import changes_result, is_caught
from benchmarks.results import write_results
from nbrefine.files.atomic import write_atomic
from nbrefine.refine.extract.extraction import Moved, module_file
from nbrefine.refine.extract.moved import MOVED
from nbrefine.refine.generated_tests.generate import GeneratedTests, generate_tests
from nbrefine.refine.generated_tests.keys import keyed
from nbrefine.refine.generated_tests.record import Wanted

# Whole arguments of one function, at most.
_MOST_CALLS = 40


@dataclass(frozen=True)
class Trial:
    """A mutant that changes a result, and whether a test fails with it."""

    project: str
    mutant: Mutant
    caught: bool


@click.command(help=__doc__)
@click.argument("projects", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--most", default=60, help="Mutants of one function at most, evenly spread.")
def main(projects: tuple[Path, ...], most: int) -> None:
    """Measure refined projects, those of the benchmark if none is named; write the results."""
    mpl.use("agg")
    projects = projects or tuple(refined())
    trials: list[Trial] = []
    tests = missed = 0
    for project in projects:
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
            generated, found = _measure(project, Path(folder), most)
        trials += found
        tests += generated.passed
        missed += len(generated.missed)
        _say(project, generated, found, time.perf_counter() - started)
    caught = sum(trial.caught for trial in trials)
    click.echo(f"{caught} of {len(trials)} mutants that change a result are noticed.")
    figures = {
        "extract.mutants_caught": round(caught / len(trials), 4) if trials else None,
        "mutants": len(trials),
        "tests": tests,
        "functions_without_a_test": missed,
        "by_kind": {
            kind: f"{sum(each.caught for each in trials if each.mutant.kind == kind)} of {count}"
            for kind, count in Counter(trial.mutant.kind for trial in trials).items()
        },
        "projects": [project.name for project in projects],
    }
    write_results("mutants", figures, ["pandas", "numpy", "pytest"])


def _measure(project: Path, folder: Path, most: int) -> tuple[GeneratedTests, list[Trial]]:
    """Generate a project's tests, and try the mutants of its modules."""
    whole = folder / "whole"
    whole.mkdir()
    moved = _moved(project)
    generated = generate_tests(project, Wanted(moved, whole=whole))
    copy = folder / "project"
    shutil.copytree(project, copy, symlinks=True, ignore=shutil.ignore_patterns("build", ".git"))
    write_atomic(copy / "pytest.ini", "[pytest]\n")
    for path, content in generated.files.items():
        write_atomic(copy / path, content)
    keys = {(each.module, each.name): key for key, each in keyed(moved).items()}
    trials = []
    for module in sorted({each.module for each in moved}):
        path = module_file(module)
        text = (copy / path).read_text(encoding="utf-8")
        names = frozenset(each.name for each in moved if each.module == module)
        found: dict[str, list[Mutant]] = {}
        for mutant in mutants(text, names):
            found.setdefault(mutant.function, []).append(mutant)
        for name, all_of_it in found.items():
            key = keys[module, name]
            calls = sorted(whole.glob(f"{key}-*.pickle"))[:_MOST_CALLS]
            original = load_module(module, text)
            expected = {file: outcomes(original, name, file) for file in calls}
            test = f"tests/test_{module.rpartition('.')[2]}.py"
            tests = [f"{test}::{each}" for each in generated.tests.get(key, ())] or [test]
            for mutant in all_of_it[:: max(1, len(all_of_it) // most)][:most]:
                if calls and changes_result(module, mutant.text, name, expected):
                    has_tests = (copy / test).is_file()
                    caught = has_tests and is_caught(copy, path, mutant.text, tests)
                    trials.append(Trial(project.name, mutant, caught))
                    said = "noticed" if caught else "NOT noticed"
                    click.echo(f"  {said}: {name}, line {mutant.line}: {mutant.change}", err=True)
    return generated, trials


def _moved(project: Path) -> list[Moved]:
    data = json.loads((project / MOVED).read_text(encoding="utf-8"))["moved"]
    return [
        Moved(
            **{
                key: tuple(value) if isinstance(value, list) else value
                for key, value in each.items()
            }
        )
        for each in data
    ]


def _say(project: Path, generated: GeneratedTests, trials: list[Trial], seconds: float) -> None:
    caught = sum(trial.caught for trial in trials)
    click.echo(
        f"{project.name}: {generated.passed} test cases; {caught} of {len(trials)} mutants; "
        f"{seconds:.0f} s {generated.trouble}"
    )
    for each in generated.missed:
        click.echo(f"  no test of {each.function}: {each.reason}")
    for trial in trials:
        if not trial.caught:
            mutant = trial.mutant
            click.echo(f"  survived: {mutant.function}, line {mutant.line}: {mutant.change}")


if __name__ == "__main__":
    main()
