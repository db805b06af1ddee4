"""``nbrefine analyze`` on real notebooks, run and not run."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PASSWORD = "k3stRel-Wolf9"  # noqa: S105  (it opens nothing)
CELLS = [
    ("markdown", "# Houses\n\n## Load"),
    ("code", "import pandas as pd\n\nhouses = pd.read_csv('houses.csv')"),
    ("code", "houses.head()"),
    ("markdown", "## Clean"),
    ("code", "clean = houses.dropna()\nclean['rooms'] = clean['rooms'].astype(int)"),
    ("code", "clean.describe()"),
    ("code", "clean = clean[clean['area'] > 10]\nprint(len(clean))"),
    ("markdown", "## Look"),
    ("code", f"db_password = {PASSWORD!r}\nprint(clean.sample(2).shape)"),
    ("code", "by_rooms = clean.groupby('rooms')['area'].mean()\nby_rooms"),
    ("code", "by_rooms.to_csv('by_rooms.csv')"),
]
Run = Callable[..., subprocess.CompletedProcess]


def write_notebook(path: Path, cells: list[tuple[str, str]]) -> Path:
    document = {
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for kind, source in cells
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a notebook and its data."""
    folder = tmp_path_factory.mktemp("houses")
    rows = "\n".join(f"{n % 4 + 1},{20 + n}" for n in range(40))
    (folder / "houses.csv").write_text(f"rooms,area\n{rows}\n,5\n")
    write_notebook(folder / "houses.ipynb", CELLS)
    return folder


@pytest.fixture(scope="module")
def analyzed(folder: Path, run_command: Run) -> dict[str, Any]:
    """What one recorded analysis said, as JSON, and where its page is."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    page = folder.parent / "analysis.html"
    run = run_command(folder, "nbrefine", "analyze", "houses.ipynb", "--json", "--html", str(page))
    assert run.returncode == 1, run.stderr  # the password is an error
    after = {file.name: file.read_bytes() for file in folder.iterdir()}
    return {**json.loads(run.stdout), "page": page.read_text(), "untouched": before == after}


def test_the_steps_hold_all_cells_once(analyzed: dict[str, Any]) -> None:
    """Each code cell is in one step, in the notebook's order, by the number that Jupyter shows."""
    cells = [cell for step in analyzed["steps"] for cell in step["cells"]]
    assert cells == [n for n, (kind, _) in enumerate(CELLS, start=1) if kind == "code"]
    assert len(analyzed["steps"]) > 1


def test_what_crosses_has_its_size(analyzed: dict[str, Any]) -> None:
    """Passages lead from a step to later ones, and a recorded run gives type, shape and bytes."""
    names = [step["name"] for step in analyzed["steps"]]
    assert analyzed["passages"]
    for each in analyzed["passages"]:
        assert all(names.index(each["from"]) < names.index(to) for to in each["to"])
    frames = [each["value"] for each in analyzed["passages"] if each["name"] in {"houses", "clean"}]
    assert frames
    assert all(each["shape"][1] == 2 and each["bytes"] > 100 for each in frames)
    assert analyzed["was_run"] is True


def test_files_are_seen(analyzed: dict[str, Any]) -> None:
    """What the notebook read is an input, and what it wrote an output."""
    assert analyzed["inputs"] == ["houses.csv"]
    assert analyzed["outputs"] == ["by_rooms.csv"]
    assert analyzed["expected"] == ["steps", "passages"]


def test_findings_have_their_place(analyzed: dict[str, Any]) -> None:
    """Code, cell as JupyterLab shows it, and line."""
    found = {(each["code"], each["cell"], each["line"]) for each in analyzed["findings"]}
    assert {("NBR301", 9, 2), ("NBR403", 9, 1)} <= found


def test_nothing_in_the_folder_is_touched(analyzed: dict[str, Any]) -> None:
    """The notebook writes a file when it runs; its folder does not get it."""
    assert analyzed["untouched"]


def test_the_page_is_self_contained(analyzed: dict[str, Any]) -> None:
    """It loads nothing, has a box for each step, the value on the arrow, and every cell."""
    page = analyzed["page"]
    assert not re.search(r"(src|href)=\"?https?:", page)
    assert "<script" not in page
    assert page.count('class="step"') == len(analyzed["steps"])
    assert all(f'id="cell-{n}"' in page for n in range(1, len(CELLS) + 1))
    assert re.search(r"clean <tspan>[\d.]+ \w?B</tspan>|houses <tspan>[\d.]+ \w?B</tspan>", page)


def test_a_credential_is_in_no_report(
    folder: Path, analyzed: dict[str, Any], run_command: Run
) -> None:
    """The password is found, and neither text, JSON nor page repeats it."""
    text = run_command(folder, "nbrefine", "analyze", "--static", "houses.ipynb").stdout
    assert "NBR403" in text
    assert PASSWORD not in text + json.dumps(analyzed)


def test_the_text_reads_like_a_compiler(folder: Path, run_command: Run) -> None:
    """Place, code, the lines around it, a caret under the call, and a hint."""
    run = run_command(folder, "nbrefine", "analyze", "--static", "houses.ipynb")
    lines = run.stdout.splitlines()
    start = lines.index("houses.ipynb:cell 9:line 2: warning NBR301 unseeded-draw")
    assert lines[start + 2] == "  2 | print(clean.sample(2).shape)"
    assert lines[start + 3] == "    |       ^^^^^^^^^^^^^^^"
    assert lines[start + 5] == "  hint: Add `random_state=0`."
    assert "What crosses (expected)" in lines
    assert "Inputs (expected)" in lines
    assert any(re.fullmatch(r"houses.ipynb: 8 code cells, .* 1 error.*", line) for line in lines)


def test_a_notebook_that_fails_is_told_with_its_findings(tmp_path: Path, run_command: Run) -> None:
    """The failure is an error with its cell; what the code alone shows is still said."""
    cells = [("code", "from math import *"), ("code", "print(sqrt(4))\n1 / 0")]
    write_notebook(tmp_path / "fails.ipynb", cells)
    run = run_command(tmp_path, "nbrefine", "analyze", "fails.ipynb")
    assert run.returncode == 1
    assert "NBR408" in run.stdout
    assert "NBE211" in run.stdout
    assert "cell 2" in run.stdout
    assert "ZeroDivisionError" in run.stdout
    assert "Traceback" not in run.stderr


def hook_entry() -> Iterator[str]:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    yield from hook["entry"].split()


def test_the_hook_stops_errors_alone(tmp_path: Path, run_command: Run) -> None:
    """As pre-commit calls it: silent and 0 for warnings, 1 and the finding for an error."""
    fine = write_notebook(tmp_path / "fine.ipynb", [("code", "from math import *\nprint(pi)")])
    bad = write_notebook(tmp_path / "bad.ipynb", [("code", "print(gone)")])
    command = list(hook_entry())
    run = run_command(tmp_path, *command, fine.name)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    run = run_command(tmp_path, *command, fine.name, bad.name)
    assert run.returncode == 1
    assert run.stdout.count("NBR") == 1
    assert "bad.ipynb:cell 1:line 1: error NBR101" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.ipynb"], "There is no such file"),
        (["--select", "NBR9", "houses.ipynb"], "no finding with the code"),
        (["--html", "a.html", "houses.ipynb", "houses.ipynb"], "several are given"),
        (["--kernel", "a", "--python", "b", "houses.ipynb"], "give one"),
    ],
)
def test_wrong_input_is_refused(
    folder: Path, run_command: Run, arguments: list[str], message: str
) -> None:
    """Exit code 2, a sentence, no traceback."""
    run = run_command(folder, "nbrefine", "analyze", "--static", *arguments)
    assert run.returncode == 2
    assert message in run.stderr
    assert "Traceback" not in run.stderr


def test_a_notebook_without_code(tmp_path: Path, run_command: Run) -> None:
    """Nothing to run, nothing to find, and a page all the same."""
    write_notebook(tmp_path / "prose.ipynb", [("markdown", "# Only words"), ("code", "")])
    run = run_command(
        tmp_path, "nbrefine", "analyze", "prose.ipynb", "--html", "a.html", "--static"
    )
    assert run.returncode == 0, run.stderr
    assert "0 steps expected, no findings" in run.stdout
    assert "Only words" in (tmp_path / "a.html").read_text()


def test_each_stage_can_be_looked_at(folder: Path, run_command: Run) -> None:
    """``--stop-after`` prints what a stage gives as JSON, the same each time, secrets masked."""
    said = {}
    for stage, part in (("read", "cells"), ("flow", "cells"), ("cut", "steps")):
        command = ("nbrefine", "analyze", "houses.ipynb", "--static", "--stop-after", stage)
        run = run_command(folder, *command)
        assert run.returncode == 0, run.stderr
        assert PASSWORD not in run.stdout
        said[stage] = json.loads(run.stdout)
        assert said[stage][part]
        assert run.stdout == run_command(folder, *command, PYTHONHASHSEED="7").stdout
    assert len(said["read"]["cells"]) == len(CELLS)
    assert len(said["flow"]["cells"]) == 8
    assert "houses" in said["flow"]["cells"][0]["writes"]
