"""``nbrefine status`` as users see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.unit.pipeline.building import publish_all
from tests.unit.pipeline.conftest import Project

from nbrefine.cli.main import cli
from nbrefine.errors import NotebookError, UnknownStepError
from nbrefine.pipeline.observed import Observed

SPEC = """\
tasks:
  - {source: load.ipynb, product: out/load.ipynb, params: {n: 15, password: s3cr3tvalue}}
  - {source: fit.ipynb, product: out/fit.ipynb}
"""


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Two steps, both published; the first needs the network."""
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    project.file("pipeline.yaml", SPEC)
    project.notebook("load.ipynb")
    project.notebook("fit.ipynb", 'upstream = ["load"]')
    publish_all(project.root, {"load": Observed(network=True)})
    return project


def status(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["status", *arguments])


def test_states_and_reasons_stand_beside_the_steps(two: Project) -> None:
    """One line a reason; what cannot be followed comes last."""
    two.file("pipeline.yaml", SPEC.replace("15", "20").replace("s3cr3tvalue", "other"))
    result = status()
    assert result.exit_code == 0
    assert result.output == (
        "pipeline.yaml: 1 waiting, 1 outdated\n\n"
        "load  outdated    param `n`: 15 -> 20\n"
        "                  param `password` changed\n"
        "fit   waiting     it builds on `load`\n\n"
        "note: `load` reached for the network: what it got from there is not followed\n"
    )


def test_a_program_reads_the_same(two: Project) -> None:
    """States, reasons, products and the last run, of the steps that were asked for."""
    found = json.loads(status("load", "--json").output)
    (step,) = found["steps"]
    last = step.pop("last")
    assert step == {
        "name": "load",
        "state": "fresh",
        "reasons": [],
        "upstream": [],
        "products": {"product": "out/load.ipynb"},
    }
    assert last["how"] == "ran"
    assert found["root"] == str(two.root)


def test_nothing_is_written_but_to_the_projects_own_folder(two: Project) -> None:
    """Looking changes nothing of the user's."""
    before = {path: path.stat().st_mtime_ns for path in two.root.rglob("*")}
    status()
    after = {path: path.stat().st_mtime_ns for path in two.root.rglob("*")}
    changed = {path for path in after if before.get(path) != after[path]}
    assert all(path.is_relative_to(two.root / ".nbrefine") for path in changed)


def test_it_can_be_asked_from_elsewhere(
    two: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """-C names the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("elsewhere"))
        assert "2 fresh" in status("-C", str(two.root)).output


def test_what_only_ploomber_runs_is_not_judged(two: Project) -> None:
    """Its state is Ploomber's to tell."""
    two.file("copy.sh", "cp a {{product}}")
    two.file("pipeline.yaml", SPEC + "  - {source: copy.sh, product: out/copy.txt}\n")
    result = status("copy")
    assert "copy  unknown     shell scripts are left to Ploomber" in result.output


def test_a_misspelt_step_is_answered(two: Project) -> None:
    """With the nearest name."""
    assert two.root.exists()
    error = status("laod").exception
    assert isinstance(error, UnknownStepError)
    assert error.hint == "Did you mean 'load'?"


def test_nothing_of_the_notebook_is_run(two: Project) -> None:
    """Stock Ploomber evaluates what `upstream` says; here it is refused unrun."""
    two.notebook("fit.ipynb", "upstream = [open('was_run', 'w').name]")
    assert isinstance(status().exception, NotebookError)
    assert not (two.root / "was_run").exists()
