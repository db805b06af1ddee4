"""Baselines of a real pipeline: recorded, checked, broken on purpose, accepted."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from benchmarks.small_pipeline import SPEC, Project, make_project

pytestmark = pytest.mark.slow

_EXECUTOR = "executor: nbrefine.engine.Executor\n"
_FIRST = (
    "# parameters\nupstream = None\nproduct = None\nn = 1",
    "import json, random\nfrom pathlib import Path",
    "numbers = [int(row) for row in Path('raw.txt').read_text().split()][:n]\nprint(numbers)",
    "assert numbers, 'there are numbers'\nassert max(numbers) < 9",
    "print('drawn', random.random())\nprint('rows', len(numbers))",
    "Path(product['data']).write_text(json.dumps(numbers))",
)
_THIRD = (
    "# parameters\nupstream = ['first', 'second']\nproduct = None",
    "import json\nfrom pathlib import Path\nimport matplotlib.pyplot as plt",
    "numbers = json.loads(Path(upstream['second']['data']).read_text())",
    "plt.plot(numbers)\nplt.title('Doubled')\nplt.show()",
    "Path(product['data']).write_text(json.dumps(numbers))\nprint(product['data'])",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with baselines; whoever changes it copies it first."""
    project = make_project(tmp_path_factory.mktemp("with a blank"), spec=_EXECUTOR + SPEC)
    project.write_notebook("first", _FIRST)
    project.write_notebook("third", _THIRD)
    done = project.run("nbrefine", "baseline", "record", "--runs", "2")
    assert done.returncode == 0, done.stderr
    assert "first.ipynb: 6 code cells, recorded" in done.stdout
    assert "cell 6 varies: `random.random` draws from a random stream" in done.stdout
    return project


@pytest.fixture
def project(recorded: Project, tmp_path: Path) -> Project:
    """A copy to change."""
    return recorded.copy(tmp_path / "a copy")


def run_tests(project: Project, *arguments: str) -> subprocess.CompletedProcess:
    """Run pytest with the plugin, whether or not the installation registers it."""
    known = {each.name for each in entry_points(group="pytest11")}
    plugin = [] if "nbrefine" in known else ["-p", "nbrefine.testing.plugin"]
    return project.run("pytest", "-q", "--nbval", *plugin, *arguments, "tests/notebooks")


def baseline(project: Project, step: str) -> dict[str, dict[str, object]]:
    """The code cells of a baseline, by id."""
    cells = project.read(f"tests/notebooks/{step}.ipynb")["cells"]
    return {cell["id"]: cell for cell in cells if cell["cell_type"] == "code"}


def test_all_passes_where_nothing_has_changed(project: Project) -> None:
    """In any order; a picture is a file, and is described in words."""
    done = run_tests(project)
    # A test for each cell, and one for each assertion.
    assert done.returncode == 0, done.stdout
    assert "18 passed" in done.stdout
    (output,) = baseline(project, "third")["cell-3"]["outputs"]
    assert "image/png" not in output["data"]
    assert 'axes 1: title "Doubled"' in output["metadata"]["nbrefine"]["figure"]
    assert (project.root / "tests/notebooks/images/third/cell-3-1.png").is_file()


def test_plain_nbval_passes_on_the_baselines(project: Project) -> None:
    """Where nbrefine is not adopted; no product of the build is touched."""
    spec = project.root / "pipeline.yaml"
    spec.write_text(spec.read_text().removeprefix(_EXECUTOR))
    product = project.root / "out/third.json"
    product.write_text("as it was")
    done = project.run("pytest", "-q", "-p", "no:randomly", "--nbval", "tests/notebooks")
    assert done.returncode == 0, done.stdout
    # The cells that set the parameters are run, too.
    assert "19 passed" in done.stdout
    assert product.read_text() == "as it was"


def test_a_change_is_named_at_its_cells_and_accepted(project: Project) -> None:
    """It runs what the change reaches, says where, leaves the page, and takes what is accepted."""
    project.replace("src/tools.py", "2 * n", "3 * n")
    done = project.run("nbrefine", "baseline", "check", "--json")
    found = json.loads(done.stdout)
    bad = {
        (step["name"], cell["number"])
        for step in found["steps"]
        for cell in step["cells"]
        if cell["verdict"] == "different"
    }
    assert done.returncode == 1
    assert bad == {("second", 6), ("third", 5)}
    assert [step["ending"] for step in found["steps"]] == ["up to date", "ran", "ran"]
    page = (project.root / found["report"]).read_text()
    assert "first 2 became first 3" in page
    assert (project.root / "build/notebook_tests/third.ipynb").is_file()
    done = run_tests(project)
    assert "2 failed, 16 passed" in done.stdout
    assert "notebooks/third.ipynb:cell 5:line 3 shows something else" in done.stdout
    assert "accept: nbrefine baseline update --cell third:5" in done.stdout

    before = baseline(project, "second")
    done = project.run("nbrefine", "baseline", "update", "--cell", "second:6", "--runs", "1")
    assert done.returncode == 0, done.stderr
    after = baseline(project, "second")
    assert [name for name in after if after[name] != before[name]] == ["cell-4"]
    done = project.run("nbrefine", "baseline", "check")
    assert "Not as the baselines say: 1 cell, in 1 of 3 steps." in done.stdout


def test_an_assertion_fails_as_a_test_of_its_own(project: Project) -> None:
    """What stands before it passes; the steps below say once why they did not run.

    Where pytest makes errors of warnings, kernels cause none.
    """
    project.write("raw.txt", "1\n2\n11\n")
    project.write("pytest.ini", "[pytest]\nfilterwarnings = error\n")
    done = run_tests(project, "-p", "no:randomly")
    assert "ResourceWarning" not in done.stdout + done.stderr
    assert done.returncode == 1
    assert "notebooks/first.ipynb:cell 5:line 2: AssertionError" in done.stdout
    assert "FAILED tests/notebooks/first.ipynb::Cell 5: assert max(numbers) < 9" in done.stdout
    assert "FAILED tests/notebooks/first.ipynb::Cell 5: there are numbers" not in done.stdout
    assert "FAILED tests/notebooks/first.ipynb::Cell 4" in done.stdout
    assert done.stdout.count("FAILED tests/notebooks/third") == 1
    assert "the step 'third' was not run: the step 'first' that it builds on" in done.stdout
    assert (project.root / "build/notebook_tests/first.ipynb").is_file()


def test_a_damaged_baseline_is_told_in_words(project: Project) -> None:
    """Before anything is run, with a hint, and no traceback."""
    file = project.root / "tests/notebooks/second.ipynb"
    file.write_text(file.read_text()[:300])
    done = run_tests(project)
    assert done.returncode == 2
    assert "error[NBE221]: The baseline is damaged" in done.stdout
    assert "Traceback" not in done.stdout
