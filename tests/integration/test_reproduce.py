"""A product is made again from what was recorded, wherever the project has gone since."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from nbrefine.cli.lineage import command as lineage
from nbrefine.cli.reproduce import command as reproduce

pytestmark = pytest.mark.slow

SPEC = """\
tasks:
  - source: load.ipynb
    product: {nb: out/load.ipynb, data: out/load.json}
    params: {n: 15, password: s3cr3tvalue}
  - source: fit.ipynb
    product: {nb: out/fit.ipynb, text: out/fit.txt}
"""
# Cells, with an empty line between them.
LOAD = """\
import json, os, time
from pathlib import Path
from own import twice

time.sleep(0.2)
rows = [json.loads(Path(f'raw/{name}.json').read_text()) for name in 'ab']
rows.append(int(os.popen('echo $OMP_NUM_THREADS').read()))  # as a library does
Path(product['data']).write_text(json.dumps([twice(n + row) for row in rows]))
"""
FIT = """\
from pathlib import Path
from own import shout

text = Path(upstream['load']['data']).read_text()
Path(product['text']).write_text(shout(text))
text
"""
OWN = "def twice(x):\n    return 2 * x\n\n\ndef shout(text):\n    return text + '!'\n"


def notebook(cells: str, upstream: str) -> str:
    parameters = f"upstream = {upstream}\nproduct = None\nn = 0\npassword = None"
    sources = [(parameters, ["parameters"]), *((cell, []) for cell in cells.split("\n\n"))]
    document = {
        "cells": [
            {
                "cell_type": "code",
                "metadata": {"tags": tags},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for source, tags in sources
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(document)


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory,
    run_command: Callable[..., subprocess.CompletedProcess],
) -> Path:
    """Two steps, built from a tree of which only `raw/a.json` is in a commit."""
    root = tmp_path_factory.mktemp("built") / "project"
    for name, text in {
        "pipeline.yaml": SPEC,
        "load.ipynb": notebook(LOAD, "None"),
        "fit.ipynb": notebook(FIT, '["load"]'),
        "src/own.py": OWN,
        "raw/a.json": "1",
        "raw/b.json": "2",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git = ["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "raw/a.json"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "raw"], check=True)
    environ = {"PYTHONPATH": "src", "PLOOMBER_ENV_FILENAME": "", "OMP_NUM_THREADS": "7"}
    done = run_command(root, "nbrefine", "build", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def project(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The built project, to be changed; it is put back afterwards, where it was."""
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    shutil.copytree(built, tmp_path / "kept", symlinks=True)
    monkeypatch.chdir(built)
    yield built
    shutil.rmtree(built)
    shutil.copytree(tmp_path / "kept", built, symlinks=True)


def reproduced(product: str, folder: Path) -> tuple[dict, int]:
    result = CliRunner().invoke(reproduce, [product, "-o", str(folder), "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return json.loads(result.stdout), result.exit_code


def test_a_product_comes_out_the_same_whatever_the_project_says_now(
    project: Path, tmp_path: Path
) -> None:
    """Notebook, module, parameter and input are others now, and the product is gone."""
    wanted = (project / "out/fit.txt").read_bytes()
    (project / "src/own.py").write_text(OWN.replace("2 *", "3 *"))
    (project / "fit.ipynb").write_text(notebook("1 / 0", '["load"]'))
    (project / "pipeline.yaml").write_text(SPEC.replace("15", "20"))
    (project / "raw/a.json").write_text("7")
    (project / "out/fit.txt").unlink()
    found, code = reproduced("out/fit.txt", tmp_path / "again")
    assert (found["missing"], found["different"], found["failure"]) == ([], [], None)
    assert {each["path"]: each["same"] for each in found["products"]} == {
        "out/load.ipynb": True,
        "out/load.json": True,
        "out/fit.ipynb": True,
        "out/fit.txt": True,
    }
    assert (found["same"], code) == (True, 0)
    assert (tmp_path / "again/out/fit.txt").read_bytes() == wanted
    assert not (project / "out/fit.txt").exists()


def test_what_is_nowhere_is_said_and_nothing_runs(project: Path, tmp_path: Path) -> None:
    """An input that is in no commit, and a credential, were not kept."""
    (project / "raw/b.json").write_text("7")
    (project / "pipeline.yaml").write_text(SPEC.replace("s3cr3tvalue", "another"))
    found, code = reproduced("out/fit.txt", tmp_path / "again")
    assert found["missing"] == [
        "param `password` of `load` was not kept, as a credential, and is another now",
        "`raw/b.json` is another now, and is neither in the cache nor in git as it was",
    ]
    assert (found["products"], found["same"], code) == ([], False, 1)


def test_what_comes_out_otherwise_is_said(project: Path, tmp_path: Path) -> None:
    """A record of another content: the run is right, and the answer is no."""
    ledger = project / ".nbrefine/ledger.db"
    with sqlite3.connect(ledger) as connection:
        rows = connection.execute("SELECT id, data FROM published WHERE step = 'fit'").fetchall()
        for number, text in rows:
            data = json.loads(text)
            data["products"]["text"]["content"] = "0" * 64
            connection.execute(
                "UPDATE published SET data = ? WHERE id = ?", (json.dumps(data), number)
            )
    connection.close()
    found, code = reproduced("out/fit.txt", tmp_path / "again")
    assert (found["same"], code) == (False, 1)
    assert {each["path"] for each in found["products"] if not each["same"]} == {"out/fit.txt"}


def test_a_step_has_as_much_time_as_the_project_gives_it(project: Path, tmp_path: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.nbrefine.timeouts]\nload = 0.001\n")
    found, code = reproduced("out/fit.txt", tmp_path / "again")
    assert ("TimeoutError" in found["failure"], code) == (True, 1)


def test_a_folder_that_is_not_empty_is_left_alone(project: Path, tmp_path: Path) -> None:
    """Nothing is written over."""
    (tmp_path / "own.txt").write_text("mine")
    result = CliRunner().invoke(reproduce, ["out/fit.txt", "-o", str(tmp_path)])
    assert "is not empty" in str(result.exception)
    assert project.exists()


def test_lineage_says_that_the_tree_was_not_clean(project: Path) -> None:
    """With the commit that it was based on."""
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=project, check=True, capture_output=True, text=True
    )
    result = CliRunner().invoke(lineage, [os.fspath(project / "out/fit.txt"), "--json"])
    run = json.loads(result.output)["steps"][0]["run"]
    assert (run["commit"], run["clean"]) == (head.stdout.strip(), False)
