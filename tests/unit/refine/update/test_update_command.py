"""`nbrefine refine --update`: both sides' changes in one project, or a list of contradictions."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nbrefine.cli.refine import command

CELLS = [
    ("markdown", "## Load"),
    ("code", "rows = [3, 1, 2]"),
    ("markdown", "## Report"),
    ("code", "def largest(values):\n    return sorted(values)[-1]"),
    ("code", "print(largest(rows))"),
]


def write(folder: Path, cells: list[tuple[str, str]]) -> Path:
    """Write a notebook."""
    document = {
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": source, "id": f"c{number}"}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for number, (kind, source) in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    file = folder / "rows.ipynb"
    file.write_text(json.dumps(document))
    return file


def call(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def refined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that became a project without being run."""
    folder = tmp_path_factory.mktemp("refined")
    result = call(write(folder, CELLS), "--static", "--steps", "2")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def project(refined: Path, tmp_path: Path) -> Path:
    """A copy of it, whose notebook has got another cell since."""
    shutil.copytree(refined, tmp_path, dirs_exist_ok=True)
    write(tmp_path, [*CELLS[:-1], ("code", "print(largest(rows) + 1)"), ("code", "len(rows)")])
    return tmp_path / "rows_pipeline"


def files(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        # What a reader of `pipeline.yaml` remembers is nobody's work.
        if path.is_file() and path.suffix != ".html" and path.name != "yaml.json"
    }


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_both_changes_are_there_afterwards(project: Path) -> None:
    (module,) = (project / "src").glob("*/[!_]*.py")
    edit(module, "sorted(values)[-1]", "max(values)")
    report = project / "notebooks" / "report.ipynb"
    result = call(project.parent / "rows.ipynb", "--update")
    assert result.exit_code == 0, result.output
    assert "max(values)" in module.read_text()
    text = report.read_text()
    assert "largest(rows) + 1" in text
    assert "len(rows)" in text
    assert "changed: notebooks/report.ipynb" in result.output
    assert "Not proved" in result.output
    again = call(project.parent / "rows.ipynb", "--update", "--json")
    said = json.loads(again.stdout)
    assert (said["changed"], said["conflicts"], said["written"]) == ([], [], True)


def test_a_contradiction_is_shown_and_nothing_is_written(project: Path) -> None:
    edit(project / "notebooks" / "report.ipynb", "print(largest(rows))", "print('mine')")
    before = files(project)
    result = call(project.parent / "rows.ipynb", "--update")
    assert result.exit_code == 1
    assert files(project) == before
    assert "report.ipynb:cell " in result.output
    for text in ("print(largest(rows))", "print('mine')", "print(largest(rows) + 1)"):
        assert f"    | {text}" in result.output
    assert "Nothing was written" in result.output


@pytest.mark.parametrize(("side", "text"), [("mine", "'mine'"), ("notebook", "+ 1")])
def test_the_user_says_which_side_counts(project: Path, side: str, text: str) -> None:
    report = project / "notebooks" / "report.ipynb"
    edit(report, "print(largest(rows))", "print('mine')")
    result = call(project.parent / "rows.ipynb", "--update", "--prefer", side)
    assert result.exit_code == 0, result.output
    assert text in report.read_text()
    assert "len(rows)" in report.read_text()


def test_a_specification_that_cannot_be_read_with_both_changes_is_not_written(
    project: Path,
) -> None:
    """The user's own step builds on one that the changed notebook no longer gives."""
    spec = project / "pipeline.yaml"
    own = json.loads((project / "notebooks" / "report.ipynb").read_text())
    own["cells"] = [own["cells"][1] | {"source": "upstream = ['nothing']\nproduct = None"}]
    (project / "notebooks" / "own.ipynb").write_text(json.dumps(own))
    text = (
        spec.read_text() + "\n  - source: notebooks/own.ipynb\n    product: {nb: build/o.ipynb}\n"
    )
    before = files(project)
    spec.write_text(text.replace("name: report", "name: load"))
    result = call(project.parent / "rows.ipynb", "--update")
    assert result.exit_code != 0
    changed = files(project)
    assert {path for path in changed if before.get(path) != changed[path]} == {"pipeline.yaml"}


def test_a_project_that_nothing_is_known_of_is_refused(project: Path) -> None:
    (project / ".nbrefine" / "base.json").unlink()
    result = call(project.parent / "rows.ipynb", "--update")
    assert result.exception is not None
    assert "Nothing says what refine wrote here." in str(result.exception)


def test_a_side_is_preferred_in_an_update_alone(project: Path) -> None:
    result = call(project.parent / "rows.ipynb", "--prefer", "mine")
    assert "--prefer has a use with --update alone." in str(result.exception)
