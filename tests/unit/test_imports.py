"""What a command imports, for that is what it costs before it does anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# Each takes from a fifth of a second to three seconds to import.
HEAVY = {
    *("ploomber", "pandas", "numpy", "nbformat", "nbclient", "nbconvert", "papermill", "jupytext"),
    *("IPython", "jupyter_client", "jupyter_core", "networkx", "jinja2", "autopep8", "rich"),
    *("requests", "matplotlib", "sklearn", "pytest"),
}
REPORT = """
import sys
from nbrefine.cli.main import cli
try:
    cli({arguments!r}, standalone_mode=False)
finally:
    print("MODULES", *sys.modules)
"""


def modules_of(arguments: list[str], folder: Path) -> set[str]:
    code = REPORT.format(arguments=arguments)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return set(done.stdout.rpartition("MODULES ")[2].split())


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_help_imports_next_to_nothing(tmp_path: Path) -> None:
    """`nbrefine --help` loads click and our own few modules, no command's and nothing heavy."""
    modules = modules_of(["--help"], tmp_path)
    ours = {name for name in modules if name.partition(".")[0] == "nbrefine"}
    assert ours == {"nbrefine", "nbrefine.cli", "nbrefine.cli.main", "nbrefine.errors"}
    assert not tops(modules) & (HEAVY | {"yaml"})
    assert "click" in modules


@pytest.mark.parametrize("arguments", [[], ["-o", "a.html"], ["-o", "a.svg"], ["--json"]])
def test_plot_imports_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    """Drawing needs click and PyYAML; in particular not Ploomber, pandas or nbformat."""
    (tmp_path / "pipeline.yaml").write_text("tasks: [{source: tasks.f, product: '{{root}}/x'}]")
    (tmp_path / "tasks.py").write_text("raise SystemExit('was run')\n\ndef f(product): ...\n")
    modules = modules_of(["plot", *arguments], tmp_path)
    assert not tops(modules) & HEAVY
    assert "nbrefine.pipeline.spec" in modules
    assert "tasks" not in modules


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_status_imports_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    """Saying what a build would do loads neither Ploomber nor the user's code."""
    (tmp_path / "pipeline.yaml").write_text("tasks: [{source: tasks.f, product: '{{root}}/x'}]")
    (tmp_path / "tasks.py").write_text("raise SystemExit('was run')\n\ndef f(product): ...\n")
    modules = modules_of(["status", *arguments], tmp_path)
    assert not tops(modules) & HEAVY
    assert "nbrefine.pipeline.planning" in modules
    assert not modules & {"tasks", "nbrefine.engine.build"}


def test_lineage_imports_nothing_heavy(tmp_path: Path) -> None:
    """What made a product is read from the ledger alone."""
    (tmp_path / "pipeline.yaml").write_text("tasks: [{source: tasks.f, product: x}]")
    code = REPORT.replace("finally:", "except Exception: pass\nfinally:")
    done = subprocess.run(
        [sys.executable, "-c", code.format(arguments=["lineage", "x"])],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    modules = set(done.stdout.rpartition("MODULES ")[2].split())
    assert not tops(modules) & HEAVY
    assert "nbrefine.pipeline.lineage" in modules
    assert "nbrefine.pipeline.spec" in modules


def test_the_list_of_heavy_modules_means_something() -> None:
    """They are importable here, so that the tests above would notice them."""
    code = f"import importlib.util as u; print([m for m in {HEAVY!r} if u.find_spec(m) is None])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
