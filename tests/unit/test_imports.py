"""What a command imports, for that is what it costs before it does anything."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.unit.pipeline.building import planner_of, publish_all
from tests.unit.pipeline.conftest import Project

from nbrefine.engine.ploomber_records import agree

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


def allowed() -> set[str]:
    """Return what a look at a pipeline in which nothing is new may import."""
    named = {
        "analysis": "facts modules",
        "cli": "main options status build",
        "engine": "cache outcome planned ploomber_records support up_to_date",
        "environment": "distributions",
        "files": "atomic digest paths sizes",
        "notebook": "document",
        "pipeline": "changes code code_memory content entries environment fingerprint functions "
        "graph grid input_files inputs kinds ledger ledger_rows located model observed own_folder "
        "params placeholders plan planning products records settings source_memory spec steps "
        "survey upstream yaml_memory",
    }
    ours = {f"nbrefine.{package}.{name}" for package in named for name in named[package].split()}
    return {"nbrefine", "nbrefine.errors", *(f"nbrefine.{package}" for package in named), *ours}


# Of the standard library, what takes longest to import of what a command may need.
LONG = {
    *("asyncio", "bz2", "concurrent", "email", "getpass", "html", "importlib.metadata", "logging"),
    *("lzma", "multiprocessing", "random", "shutil", "socket", "ssl", "subprocess", "tempfile"),
    *("tomllib", "xml", "zipfile"),
}


@pytest.mark.parametrize("command", ["status", "build"])
def test_a_look_at_what_is_up_to_date_imports_little(tmp_path: Path, command: str) -> None:
    """A list of our modules, click, and of the standard library nothing that takes long."""
    project = Project(tmp_path)
    project.notebook("first.ipynb")
    spec = "tasks: [{source: first.ipynb, product: out/first.txt, params: {n: 1}}]"
    project.file("pipeline.yaml", spec)
    publish_all(tmp_path)
    planner = planner_of(tmp_path)
    agree(planner.pipeline.steps.values(), planner.survey)
    time.sleep(0.3)  # what was written just now may change unseen, and is not remembered
    modules_of([command], tmp_path)  # learns what the project is
    modules = modules_of([command], tmp_path)
    ours = {name for name in modules if name.partition(".")[0] == "nbrefine"}
    masking = {"nbrefine.report", "nbrefine.report.masking"}  # there is a parameter
    assert ours <= allowed() | masking
    others = tops(modules) - bare() - sys.stdlib_module_names - {"nbrefine", "click"}
    assert not {name for name in others if not name.startswith("_sysconfigdata")}
    assert not modules & LONG - bare()


def bare() -> set[str]:
    """Return what this interpreter imports by itself."""
    code = "import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


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
