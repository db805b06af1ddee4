"""A build's kernels are forked, and nothing that is recorded shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.small_pipeline import Project
from nbrefine.pipeline.ledger import Ledger

pytestmark = pytest.mark.slow

_SPEC = "tasks:\n" + "".join(
    f"  - source: notebooks/{name}.ipynb\n"
    f"    product: {{nb: out/{name}.ipynb, data: out/{name}.json}}\n"
    for name in ("first", "second", "third")
)
_IS_WARM = "any('Hidden' in repr(each) for each in sys.meta_path)"
_END = f"Path(product['data']).write_text(json.dumps([{_IS_WARM}, value]))"
_PARAMETERS = "# parameters\nupstream = {}\nproduct = None"
_STEPS = {
    "first": """
import json, sys, os
from pathlib import Path
import numpy as np, wave
np.save('array.npy', np.arange(3))
value = int(np.load('array.npy').sum())
""",
    # Threads are counted when numpy is loaded.
    "second": """
import json, sys, os
from pathlib import Path
os.environ['OPENBLAS_NUM_THREADS'] = '3'
import numpy as np
sys.path.insert(0, 'src')
from tools import twice
value = [twice(3), os.environ.get('GREETING')]
""",
    "third": """
import json, sys, importlib
from pathlib import Path
from numpy import linalg
sys.path.insert(0, 'src')
from tools import twice
value = [float(linalg.norm([3, 4])), Path('raw.txt').read_text()]
""",
}


def _project(root: Path, new: Callable[..., Project], settings: str = "") -> Project:
    project = new(root, spec=_SPEC)
    for name, cell in _STEPS.items():
        ups = {"first": None, "second": ["first"], "third": ["first"]}[name]
        project.write_notebook(name, [_PARAMETERS.format(ups), cell.strip(), _END])
    project.write("pyproject.toml", settings)
    return project


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory, new_project: Callable[..., Project]) -> Project:
    """Built as it is."""
    project = _project(tmp_path_factory.mktemp("warm") / "project", new_project)
    assert {*project.build().values()} == {"ran"}
    return project


@pytest.fixture(scope="module")
def cold(tmp_path_factory: pytest.TempPathFactory, new_project: Callable[..., Project]) -> Project:
    """Built with a kernel started for each step."""
    settings = "[tool.nbrefine]\nwarm-kernels = false\n"
    project = _project(tmp_path_factory.mktemp("cold") / "project", new_project, settings)
    assert {*project.build().values()} == {"ran"}
    return project


def test_steps_run_in_forked_kernels_unless_they_cannot(warm: Project, cold: Project) -> None:
    """What a step changes before an import that depends on it has to be in place."""
    named = ("first", "second", "third")
    assert [warm.read(f"out/{name}.json")[0] for name in named] == [True, False, True]
    assert [cold.read(f"out/{name}.json")[0] for name in named] == [False] * 3
    for name in named:
        assert warm.read(f"out/{name}.json")[1] == cold.read(f"out/{name}.json")[1]


def test_what_steps_use_is_recorded_as_in_a_cold_kernel(warm: Project, cold: Project) -> None:
    """Imports that were made ahead of time are seen, and versions count."""
    with Ledger(warm.root) as here, Ledger(cold.root) as there:
        for name in _STEPS:
            found, other = here.last(name), there.last(name)
            assert found is not None
            assert other is not None
            assert found.observed == other.observed
            # The first step says in its product how it was run.
            same = {key for key in found.parts if not key.startswith("upstream:")}
            assert {key: found.parts[key] for key in same} == {
                key: other.parts[key] for key in same
            }
            assert found.parts.keys() == other.parts.keys()
            assert "numpy" in found.observed.imports
            assert any(part.startswith("package:numpy") for part in found.parts)


_WATCHED = """
import sys
from nbrefine.cli.main import main
sys.argv = ["nbrefine", "build", "--force"]
try:
    main()
finally:
    print("loaded:", *sorted({"jupyter_client", "zmq", "IPython", "pandas"} & {*sys.modules}))
"""


def test_jupyters_libraries_are_loaded_only_where_a_kernel_needs_its_channels(
    warm: Project, tmp_path: Path
) -> None:
    """The one step that has to run cold does; importing them takes longer than to fork ten."""
    warm = warm.copy(tmp_path / "project")
    done = warm.run("python", "-c", _WATCHED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("loaded: jupyter_client zmq\n")
    warm.replace("notebooks/second.ipynb", "os.environ['OPENBLAS_NUM_THREADS'] = '3'", "pass")
    done = warm.run("python", "-c", _WATCHED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("loaded:\n")


_TWICE = """
import json, sys
from pathlib import Path
from nbrefine.engine.build import build
from nbrefine.pipeline.spec import read_pipeline
root = Path.cwd()
build(read_pipeline(root))
notebook = root / "notebooks" / "third.ipynb"
notebook.write_text(notebook.read_text().replace("linalg.norm([3, 4])", "linalg.norm([5, 12])"))
made = build(read_pipeline(root))
ran = [name for name, each in made.outcomes.items() if each.ending.value == "ran"]
print(ran, json.loads((root / "out" / "third.json").read_text())[:1])
"""


def test_a_step_alone_is_forked_where_an_earlier_build_has_imported_all(
    tmp_path: Path, new_project: Callable[..., Project]
) -> None:
    """In one process; by itself importing would gain nothing."""
    project = _project(tmp_path / "project", new_project)
    # Else the two steps that ran at a time had half of the cores each, and this one has all.
    done = project.run("python", "-c", _TWICE, OMP_NUM_THREADS="1")
    assert done.stdout.splitlines()[-1] == "['third'] [True]", done.stderr


def test_nothing_is_outdated_when_kernels_are_started_in_another_way(warm: Project) -> None:
    """How a step was run is not one of its inputs."""
    warm.write("pyproject.toml", "[tool.nbrefine]\nwarm-kernels = false\n")
    assert {*warm.build().values()} == {"up to date"}
    warm.write("pyproject.toml", "")
    assert {*warm.build().values()} == {"up to date"}


def test_the_setting_has_to_be_true_or_false(warm: Project) -> None:
    """Anything else is answered in words."""
    warm.write("pyproject.toml", "[tool.nbrefine]\nwarm-kernels = 'no'\n")
    done = warm.run("nbrefine", "build")
    warm.write("pyproject.toml", "")
    assert done.returncode == 2
    assert "'warm-kernels' has to be true or false, but is 'no'" in done.stderr
