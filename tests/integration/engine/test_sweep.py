"""`nbrefine sweep` runs variants of a step beside the project's own products, and compares them."""

from __future__ import annotations

import json
import shutil
import signal
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.small_pipeline import SECOND, THIRD, Project, make_project

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

pytestmark = pytest.mark.slow

SECOND_OF_VARIANTS = (
    "# parameters\nupstream = ['first']\nproduct = None\nfactor = 2\npause = 0\npath = None",
    *SECOND[1:3],
    "import time\ntime.sleep(pause)\npath = path or upstream['first']['data']",
    "numbers = [factor * n for n in json.loads(Path(path).read_text())]\nassert factor < 9",
    SECOND[-1],
)
ARGUMENTS = ("second", "--until", "third", "--metric", "total", "--json")
GRID = """
tasks:
  - source: notebooks/first.ipynb
    name: fit-
    product: {nb: out/fit.ipynb, data: out/fit.json}
    grid: {n: [1, 2]}
"""


def swept(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what a sweep printed as JSON."""
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def states(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return how each variant ended."""
    return {each["name"]: each["state"] for each in swept(done)["variants"]}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any], int]:
    """A project with a sweep of which one variant fails; nobody changes it."""
    project = make_project(tmp_path_factory.mktemp("swept") / "project")
    project.write_notebook("second", SECOND_OF_VARIANTS)
    done = project.run("nbrefine", "sweep", *ARGUMENTS, "-p", "factor=2,5:9:4")
    return project, swept(done), done.returncode


@pytest.fixture
def project(once: tuple[Project, dict[str, Any], int], tmp_path: Path) -> Project:
    return once[0].copy(tmp_path / "copy")


def test_each_variant_is_a_row_and_the_best_is_marked(
    once: tuple[Project, dict[str, Any], int],
) -> None:
    """One that fails has its error with cell and line, the others go on, and the exit code is 1."""
    project, found, code = once
    assert code == 1
    rows = {each["name"]: each for each in found["variants"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "factor=2": "ran",
        "factor=5": "ran",
        "factor=9": "failed",
    }
    assert {name: row["metrics"] for name, row in rows.items()} == {
        "factor=2": {"total": 12},
        "factor=5": {"total": 30},
        "factor=9": {},
    }
    assert found["best"] == ["factor=5"]
    assert rows["factor=9"]["failure"].startswith("second: AssertionError")
    assert rows["factor=9"]["place"].endswith("second@factor=9.ipynb:cell 7:line 2")
    assert project.read("build/sweeps/second/factor=5/out/third.json") == {"total": 30}


def test_the_projects_own_products_stay_as_they_are(project: Project) -> None:
    """What is shared was built in its place; the step and what is below it were not."""
    done = project.run("nbrefine", "status", "--json")
    steps = {step["name"]: step["state"] for step in json.loads(done.stdout)["steps"]}
    assert steps == {"first": "fresh", "second": "outdated", "third": "outdated"}
    assert not (project.root / "out/second.json").exists()


def test_variants_that_ran_before_do_not_run_again(project: Project) -> None:
    """They are up to date, or come from the cache when their folder is gone; new ones run."""
    shutil.rmtree(project.root / "build/sweeps/second/factor=2")
    done = project.run("nbrefine", "sweep", *ARGUMENTS, "-p", "factor=2,5,1", "--minimize")
    assert done.returncode == 0
    assert states(done) == {"factor=2": "restored", "factor=5": "up to date", "factor=1": "ran"}
    assert swept(done)["best"] == ["factor=1"]


def test_a_variant_that_reads_another_ones_product_fails(project: Project) -> None:
    """It would say the same of all variants, and nobody would notice."""
    project.write("out/second.json", "[7]")
    reading = THIRD[2].replace("upstream['second']['data']", "'out/second.json'")
    project.write_notebook("third", (*THIRD[:2], reading, THIRD[3]))
    done = project.run("nbrefine", "sweep", *ARGUMENTS, "-p", "factor=2")
    assert done.returncode == 1
    (row,) = swept(done)["variants"]
    assert "it read out/second.json, which is second's in the project" in row["failure"]
    assert row["metrics"] == {}


def test_what_an_interrupted_sweep_has_done_is_kept(project: Project) -> None:
    """The next one goes on from there."""
    arguments = ("sweep", "second", "--workers", "2")
    running = project.start("nbrefine", *arguments, "-p", "pause=0,60")
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("second@pause=0: ran"):
            running.send_signal(signal.SIGINT)
            break
    out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "failed" in out
    again = project.run("nbrefine", *arguments, "-p", "pause=0", "--json")
    assert states(again) == {"pause=0": "up to date"}


def test_a_grid_is_a_sweep_of_the_projects_own_steps(tmp_path: Path) -> None:
    """Without -p its steps are built as they are, and compared; build and status agree."""
    project = make_project(tmp_path / "project", spec=GRID)
    text = "Path(product['data']).write_text(json.dumps({'total': sum(numbers)}))"
    project.replace(
        "notebooks/first.ipynb", "Path(product['data']).write_text(json.dumps(numbers))", text
    )
    page = tmp_path / "sweep.html"
    done = project.run("nbrefine", "sweep", "fit", "--metric", "total", "--html", str(page))
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[:3]] == [
        ["n", "total", "time", "state"],
        ["1", "1", *done.stdout.splitlines()[1].split()[2:4], "ran"],
        ["*", "2", "3", *done.stdout.splitlines()[2].split()[3:5], "ran"],
    ]
    assert page.read_text().count("<circle") == 2
    assert project.build() == {"fit-0": "up to date", "fit-1": "up to date"}
