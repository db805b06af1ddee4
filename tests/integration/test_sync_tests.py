"""`nbrefine sync` writes tests from a real run, of notebooks and of scripts; they pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nbrefine.cli.sync import command

pytestmark = pytest.mark.slow

PIPELINE = """\
meta:
  extract_upstream: true
tasks:
  - source: notebooks/sizes.py
    name: sizes
    static_analysis: disable
    product:
      nb: build/sizes.ipynb
    params:
      # What makes it run again.
      resources_:
        calculations: src/shop/calculations.py
"""
STEP = """\
# %% tags=["parameters"]
upstream = None
product = None

# %%
def size(total):
    if total < 20:
        return "small"
    return "large"


# %%
def never(total):
    return total


# %%
[size(total) for total in (3, 30, 20)]
"""
TESTS = "from shop.calculations import tidy\n\n\ndef test_tidy():\n    assert tidy(1) == 1\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("my shop")
    files = {
        "pipeline.yaml": PIPELINE,
        "src/shop/__init__.py": "",
        "src/shop/calculations.py": "def tidy(x):\n    return x\n",
        "tests/test_calculations.py": TESTS,
        "notebooks/sizes.py": STEP,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_what_moves_has_tests_that_pass_beside_those_that_are_there(project: Path) -> None:
    script = project / "notebooks" / "sizes.py"
    done = CliRunner().invoke(command, [str(project), "--json"])

    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert {each["name"] for each in said["moved"]} == {"size", "never"}
    assert said["not_tested"] == {"never": "the notebook never calls it"}
    assert "def size" not in script.read_text()
    text = (project / "tests" / "test_calculations.py").read_text()
    assert "assert tidy(1) == 1" in text
    assert "from shop.calculations import size, tidy" in text
    run = pytest_in(project)
    assert run.returncode == 0, run.stdout
    module = project / "src" / "shop" / "calculations.py"
    module.write_text(module.read_text().replace("total < 20", "total <= 20"))
    run = pytest_in(project)
    assert run.returncode == 1
    assert "test_size" in run.stdout


def pytest_in(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the project's tests as its user does."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "tests"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        env=ours,
    )
