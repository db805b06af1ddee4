"""Ploomber's own commands work on the flights as its documentation says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

STEPS = {
    *("ingest", "validate_data", "build_features", "train_model", "evaluate_model", "report"),
    "share_model",
}

pytestmark = pytest.mark.slow


Ploomber = Callable[..., str]


@pytest.fixture
def ploomber(run_command: Callable[..., subprocess.CompletedProcess]) -> Ploomber:
    """Run a command of Ploomber that has to succeed, and return what it printed."""

    def run(project: Path, *arguments: str) -> str:
        done = run_command(project, "ploomber", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_a_second_build_runs_nothing(ci_project: Path, ploomber: Ploomber) -> None:
    """What is up to date stays."""
    table = re.findall(r"^(\w+) +(True|False) ", ploomber(ci_project, "build"), flags=re.MULTILINE)
    assert dict(table) == dict.fromkeys(STEPS, "False")


def test_status_says_of_every_step_that_it_is_not_outdated(
    ci_project: Path, ploomber: Ploomber
) -> None:
    """`ploomber status` lists the steps with their last run."""
    pattern = r"^(\w+) +[\w ]+ ago \(.*?\) +(\S+)"
    found = re.findall(pattern, ploomber(ci_project, "status"), flags=re.MULTILINE)
    assert dict(found) == dict.fromkeys(STEPS, "False")


def test_task_runs_one_step_and_nb_injects_parameters(
    ci_project: Path, tmp_path: Path, ploomber: Ploomber
) -> None:
    """`ploomber task` reruns the step that it is given; `ploomber nb` injects and removes."""
    project = Path(shutil.copytree(ci_project, tmp_path / "project"))
    rules = project / "build" / "ci" / "validate_data" / "rules.csv"
    features = project / "build" / "ci" / "build_features" / "features.parquet"
    made, kept = rules.stat().st_mtime_ns, features.stat().st_mtime_ns
    ploomber(project, "task", "validate_data", "--force")
    assert rules.stat().st_mtime_ns > made
    assert features.stat().st_mtime_ns == kept

    sources = {step: (project / "notebooks" / f"{step}.ipynb") for step in STEPS}
    ploomber(project, "nb", "--inject")
    for source in sources.values():
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
        assert [c for c in cells if "injected-parameters" in c["metadata"].get("tags", [])]
    ploomber(project, "nb", "--remove")
    for source in sources.values():
        cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
        assert not [c for c in cells if "injected-parameters" in c["metadata"].get("tags", [])]
