"""Our reading of a step's state agrees with Ploomber's own, in each everyday situation."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.state import Status, states

pytestmark = pytest.mark.slow

Change: TypeAlias = Callable[[Path], None]

SPEC = """
tasks:
  - source: tasks.load
    product: out/load.txt
    params: {n: 15, when: 2026-01-02, resources_: {raw: raw.csv}}
  - source: clean.ipynb
    product: {nb: out/clean.ipynb, data: out/clean.txt}
    params: {threshold: 15, names: [a, b]}
  - source: report.py
    product: {nb: out/report.ipynb, data: out/report.txt}
  - source: tasks.archive
    product: out/archive.txt
"""
TASKS = '''
from pathlib import Path


def load(product, n, when, resources_):
    """Load."""
    # the raw table
    Path(product).write_text(Path(resources_["raw"]).read_text() * n)


def archive(product, upstream):
    Path(product).write_text(str(upstream["load"]))
'''
WRITE = 'from pathlib import Path\n\nPath(product["data"]).write_text(str(upstream))'
SCRIPT = f"""# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Report
# Two lines.

# %% tags=["parameters"]
upstream = ["clean"]
product = None

# %%
# %time
{WRITE}
"""
# Prints, for each folder, what `ploomber status` says; in a child each, for their modules clash.
DRIVER = """
import json, os, sys, warnings
from ploomber.spec import DAGSpec

warnings.simplefilter("ignore")
for folder in sys.argv[1:]:
    if os.fork() == 0:
        os.chdir(folder)
        table = DAGSpec("pipeline.yaml").to_dag().render(show_progress=False).status()
        rows = dict(zip(table["name"], map(str, table["Outdated?"])))
        print("RESULT " + json.dumps([folder, rows]), flush=True)
        os._exit(0)
    _, code = os.wait()
    assert code == 0, folder
"""


def notebook(*sources: tuple[str, str, list[str]]) -> str:
    cells = [
        {
            "cell_type": kind,
            "id": f"cell{i}",
            "metadata": {"tags": tags} if tags else {},
            "source": source.splitlines(keepends=True),
            **({"outputs": [], "execution_count": None} if kind == "code" else {}),
        }
        for i, (kind, source, tags) in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


def edit(file: str, old: str, new: str) -> Change:
    def change(project: Path) -> None:
        text = (project / file).read_text()
        assert text.count(old) >= 1, (file, old)
        (project / file).write_text(text.replace(old, new))

    return change


def delete(*files: str) -> Change:
    def change(project: Path) -> None:
        for file in files:
            (project / file).unlink()

    return change


def rerun_load(project: Path) -> None:
    record = project / "out/.load.txt.metadata"
    data = json.loads(record.read_text())
    record.write_text(json.dumps({**data, "timestamp": time.time()}))


def tag_injected(project: Path) -> None:
    document = json.loads((project / "clean.ipynb").read_text())
    cell = {**document["cells"][1], "id": "new", "metadata": {"tags": ["injected-parameters"]}}
    document["cells"].insert(2, cell)
    (project / "clean.ipynb").write_text(json.dumps(document))


# What is done to a project that was just built.
SITUATIONS = {
    "fresh": lambda _: None,
    "never built": lambda project: shutil.rmtree(project / "out"),
    "param edited": edit("pipeline.yaml", "threshold: 15", "threshold: 20"),
    "param in a list edited": edit("pipeline.yaml", "[a, b]", "[a, c]"),
    "param added": edit("pipeline.yaml", "threshold: 15,", "threshold: 15, more: 1,"),
    "param as text": edit("pipeline.yaml", "n: 15,", 'n: "15",'),
    "param that is not recorded edited": edit("pipeline.yaml", "2026-01-02", "2026-01-03"),
    "notebook code edited": edit("clean.ipynb", "str(upstream)", "repr(upstream)"),
    "notebook comment edited": edit("clean.ipynb", "# a comment", "# another comment"),
    "notebook prose edited": edit("clean.ipynb", "# Clean", "# Clean it"),
    "notebook with injected cell": tag_injected,
    "script edited": edit("report.py", "str(upstream)", "repr(upstream)"),
    "script prose edited": edit("report.py", "Two lines.", "Three lines."),
    "function comment edited": edit("tasks.py", "# the raw table", "# the table"),
    "function docstring edited": edit("tasks.py", "Load.", "Load it."),
    "function reformatted": edit("tasks.py", "* n)", "*n)"),
    "function edited": edit("tasks.py", "* n)", "* n * 2)"),
    "other function edited": edit("tasks.py", "str(upstream", "repr(upstream"),
    "product deleted": delete("out/clean.txt"),
    "record deleted": delete("out/.clean.txt.metadata"),
    "upstream run again": rerun_load,
    "resource changed": lambda project: (project / "raw.csv").write_text("other"),
    "product emptied": lambda project: (project / "out/load.txt").write_text(""),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("built")
    (project / "pipeline.yaml").write_text(SPEC)
    (project / "tasks.py").write_text(TASKS)
    (project / "raw.csv").write_text("raw")
    (project / "report.py").write_text(SCRIPT)
    (project / "clean.ipynb").write_text(
        notebook(
            ("markdown", "# Clean", []),
            ("code", 'upstream = ["load"]\nproduct = threshold = names = None', ["parameters"]),
            ("code", f"# a comment\n{WRITE}\n(threshold, names)", []),
        )
    )
    run("ploomber", "build", cwd=project)
    return project


def run(*command: str, cwd: Path) -> str:
    bin_folder = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PLOOMBER_STATS_ENABLED": "false",
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [str(bin_folder / command[0]), *command[1:]],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_our_states_are_ploombers(built: Path, tmp_path: Path) -> None:
    """In every situation each step is outdated for us just when it is for Ploomber."""
    projects = {}
    for situation, change in SITUATIONS.items():
        projects[situation] = tmp_path / situation.replace(" ", "_")
        shutil.copytree(built, projects[situation])
        change(projects[situation])
    out = run("python", "-c", DRIVER, *map(str, projects.values()), cwd=tmp_path)
    results = [json.loads(line[7:]) for line in out.splitlines() if line.startswith("RESULT ")]
    theirs = {Path(folder).name.replace("_", " "): rows for folder, rows in results}
    assert set(theirs) == set(SITUATIONS)
    ours, expected = {}, {}
    for situation, project in projects.items():
        for name, state in states(read_pipeline(project)).items():
            key = f"{situation}: {name}"
            said = theirs[situation][name]
            runs = state.status in {Status.MISSING, Status.OUTDATED}
            assert state.status is not Status.UNKNOWN, key
            # Of a product that is missing Ploomber says "source code", for want of a record.
            via = runs and any(reason.startswith(("load ", "clean ")) for reason in state.reasons)
            ours[key] = (runs, via if state.status is Status.OUTDATED else None)
            expected[key] = (
                said != "False",
                "Upstream" in said if state.status is Status.OUTDATED else None,
            )
    assert ours == expected
    assert {status for status, _ in ours.values()} == {True, False}


# Situation, step, and a reason that the step then has.
REASONS = [
    ("param edited", "clean", "param threshold: 15 -> 20"),
    ("param added", "clean", "param more is new: 1"),
    ("resource changed", "load", "raw.csv changed"),
    ("never built", "load", "never built"),
    ("product deleted", "clean", "out/clean.txt is missing"),
    ("record deleted", "clean", "there is no record of how out/clean.txt was made"),
    ("upstream run again", "archive", "load was made later"),
    ("notebook code edited", "clean", "clean.ipynb changed (lines: 1 added, 1 removed)"),
    ("function edited", "load", "tasks.py changed: tasks.load"),
    ("notebook code edited", "report", "clean is outdated"),
]


def test_the_reason_names_what_changed(built: Path, tmp_path: Path) -> None:
    """The reason says which file, parameter or step it is about."""
    for number, (situation, step, reason) in enumerate(REASONS):
        project = tmp_path / str(number)
        shutil.copytree(built, project)
        SITUATIONS[situation](project)
        assert reason in states(read_pipeline(project))[step].reasons


def test_a_damaged_record_is_said_and_not_guessed_over(built: Path, tmp_path: Path) -> None:
    """A record that is no JSON makes the state unknown, and what builds on it too."""
    project = tmp_path / "project"
    shutil.copytree(built, project)
    (project / "out/.load.txt.metadata").write_text("{")
    found = states(read_pipeline(project))
    assert {name: state.status for name, state in found.items()} == dict.fromkeys(
        ("load", "clean", "report", "archive"), Status.UNKNOWN
    )
    assert "damaged" in found["load"].reasons[0]
