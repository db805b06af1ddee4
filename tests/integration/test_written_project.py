"""A notebook with all that ties it to its place becomes a project that a stranger can work with."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

# The first of them waits for the whole of a refinement.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PASSWORD = "k3stRel-Wolf9"  # noqa: S105  (an invented one)
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
# What is written beside the steps is tested elsewhere.
WITHOUT = ("--no-tests", "--no-baselines")
HEADING = "# Sales\n\n![logo](attachment:logo.png) ![plan](img/plan.png)"
CELLS: list[tuple[str, str]] = [
    ("markdown", HEADING),
    (
        "code",
        "import os\nimport pandas as pd\nfrom sklearn.linear_model import Ridge",
    ),
    ("code", "import helpers\n\nSEED = 7  # of the sample"),
    ("code", "DATA = '../data'\nsales = pd.read_csv(os.path.join(DATA, 'sales.csv'))"),
    ("code", "prices = pd.read_csv('http://127.0.0.1:{port}/prices.csv')\nprices.head()"),
    ("markdown", "## Join"),
    ("code", f"db_password = '{PASSWORD}'\nurl = f'postgresql://ada:{{db_password}}@db/sales'"),
    ("code", "table = sales.merge(prices, on='item')\ntable['income'] = helpers.income(table)"),
    ("code", "print('would write to', url)\ntable.describe()"),
    ("markdown", "## Model"),
    ("code", "few = table.sample(frac=0.5, random_state=7)"),
    ("code", "model = Ridge(alpha=0.5).fit(few[['count', 'price']], few['income'])"),
    ("code", "print(model.coef_.round(3).tolist(), len(url))"),
]


@dataclass(frozen=True)
class Case:
    """A refined notebook, and what was said of it."""

    folder: Path
    project: Path
    report: dict[str, Any]

    def step(self, name: str) -> list[str]:
        """Return the sources of a step's cells."""
        notebook = json.loads((self.project / "notebooks" / f"{name}.ipynb").read_text())
        return ["".join(cell["source"]) for cell in notebook["cells"]]

    def task(self, name: str) -> dict[str, Any]:
        """Return what `pipeline.yaml` says of a step."""
        tasks = yaml.safe_load((self.project / "pipeline.yaml").read_text())["tasks"]
        return next(task for task in tasks if task["name"] == name)


def write_notebook(folder: Path, port: int) -> None:
    """Write the notebook, its module, its pictures and its data."""
    here = folder / "notes"
    (here / "img").mkdir(parents=True)
    (here / "img" / "plan.png").write_bytes(PICTURE)
    (here / "helpers.py").write_text(
        "import rates\n\n\ndef income(t):\n    return t['count'] * t['price'] * rates.TAX\n"
    )
    (here / "rates.py").write_text("TAX = 0.8\n")
    (folder / "data").mkdir()
    rows = "".join(f"{'abc'[i % 3]},{i}\n" for i in range(30))
    (folder / "data" / "sales.csv").write_text(f"item,count\n{rows}")
    attachments = {"logo.png": {"image/png": base64.b64encode(PICTURE).decode()}}
    cells = [
        {
            "cell_type": kind,
            "metadata": {},
            "source": source.replace("{port}", str(port)),
            "id": str(n),
        }
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        | ({"attachments": attachments} if source == HEADING else {})
        for n, (kind, source) in enumerate(CELLS)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (here / "sales.ipynb").write_text(json.dumps(document))


def run(command: list[str], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in a folder."""
    return subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=folder,
        env={**os.environ, "PLOOMBER_STATS_ENABLED": "false", **environ},
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )


def shown(project: Path, step: str) -> str:
    """Return the texts that a built step shows."""
    notebook = json.loads((project / "build" / step / f"{step}.ipynb").read_text())
    outputs = [each for cell in notebook["cells"] for each in cell.get("outputs", ())]
    return "".join("".join(each.get("text", "")) for each in outputs)


class Server(http.server.ThreadingHTTPServer):
    """Counts what it is asked for."""

    asked = 0

    def get_request(self) -> tuple[socket.socket, Any]:
        """Take a request."""
        self.asked += 1
        return super().get_request()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this machine that has the prices."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "prices.csv").write_text("item,price\na,1.5\nb,2.5\nc,3.5\n")
    handler = functools.partial(QuietHandler, directory=str(folder))
    found = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing of it."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Case:
    """Refine the notebook."""
    folder = tmp_path_factory.mktemp("sales")
    write_notebook(folder, server.server_port)
    done = run(["nbrefine", "refine", "notes/sales.ipynb", "--json", *WITHOUT], folder)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    return Case(folder, folder / "notes" / "sales_pipeline", json.loads(done.stdout))


def test_the_proof_holds(case: Case) -> None:
    """Though paths and credentials are others: nothing was given up, nothing left uncompared."""
    counts = case.report["proof"]["counts"]
    assert counts["cells"] == {"equal": 10}
    assert set(counts["variables"]) == {"equal"}
    assert case.report["retreats"] == []


def test_no_file_tells_the_credential(case: Case) -> None:
    """Neither the project's own files nor what is kept for the proof; its name is said."""
    files = [path for path in case.project.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert [path for path in files if PASSWORD.encode() in path.read_bytes()] == []
    assert (case.project / ".env.example").read_text() == "DB_PASSWORD=\n"
    assert "`DB_PASSWORD`" in (case.project / "README.md").read_text()
    assert case.report["credentials"] == ["DB_PASSWORD"]
    assert PASSWORD not in json.dumps(case.report)
    assert 'db_password = os.environ["DB_PASSWORD"]' in "\n".join(case.step("join"))
    # It is read again where it is needed, and no file carries it there.
    assert 'db_password = os.environ["DB_PASSWORD"]' in "\n".join(case.step("model"))


def test_pictures_are_shown(case: Case) -> None:
    """Attachments stay, and paths lead from the step's notebook to the project's copy."""
    notebook = json.loads((case.project / "notebooks" / "load.ipynb").read_text())
    title = next(cell for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    assert "logo.png" in title["attachments"]
    assert "![plan](../img/plan.png)" in "".join(title["source"])
    assert (case.project / "notebooks" / "../img/plan.png").read_bytes() == PICTURE


def test_parameters_are_few_and_clear(case: Case) -> None:
    """A seed is one, each step has what it uses, and the author's remark stays."""
    assert case.task("model")["params"].keys() >= {"SEED", "alpha"}
    assert "params" not in case.task("join") or "SEED" not in case.task("join")["params"]
    assert case.task("load")["params"]["DATA"] == "../../data"
    assert "SEED = 7  # of the sample" in case.step("model")[0]
    assert case.task("model")["params"].keys().isdisjoint({"seed", "random_state"})


def test_what_the_writer_wrote_is_clean(case: Case, tmp_path: Path) -> None:
    """Ruff has nothing to say of the cells that were added, neither of their order nor looks.

    Definitions and settings that a step repeats are the author's text.
    """
    project = tmp_path / "project"
    shutil.copytree(case.project, project, ignore=shutil.ignore_patterns("build", ".nbrefine"))
    for path in (project / "notebooks").glob("*.ipynb"):
        notebook = json.loads(path.read_text())
        notebook["cells"] = [
            cell
            for cell in notebook["cells"]
            if cell["metadata"].get("nbrefine", {}).get("role", "definitions") != "definitions"
            and cell["cell_type"] == "code"
        ]
        path.write_text(json.dumps(notebook))
    # What is imported here is used in the author's cells, which are left out.
    ignored = "--ignore=F401,F821"
    checked = run(
        ["ruff", "check", "--isolated", "--extend-select=I", ignored, "notebooks"], project
    )
    assert checked.returncode == 0, checked.stdout
    formatted = run(["ruff", "format", "--isolated", "--check", "notebooks"], project)
    assert formatted.returncode == 0, formatted.stdout


def test_a_step_imports_what_it_uses(case: Case) -> None:
    """In the whole notebooks, no import that was added is unused."""
    done = run(
        ["ruff", "check", "--isolated", "--select=F401", "--output-format=json", "notebooks"],
        case.project,
    )
    unused = [(each["cell"], each["filename"]) for each in json.loads(done.stdout)]
    for cell, filename in unused:
        code = [
            each
            for each in json.loads(Path(filename).read_text())["cells"]
            if each["cell_type"] == "code"
        ]
        assert "origin" in code[cell - 1]["metadata"]["nbrefine"]


def test_the_same_notebook_gives_the_same_bytes(case: Case, tmp_path: Path) -> None:
    """Written again into a folder of the same name, no file of the project differs."""
    shutil.copytree(case.folder, tmp_path / "sales", ignore=shutil.ignore_patterns("*_pipeline"))
    done = run(
        ["nbrefine", "refine", "notes/sales.ipynb", "--no-prove", *WITHOUT], tmp_path / "sales"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    again = tmp_path / "sales" / "notes" / "sales_pipeline"
    names = {
        path.relative_to(again).as_posix()
        for path in again.rglob("*")
        if path.is_file() and ".nbrefine" not in path.parts
    }
    assert {"pipeline.yaml", "notebooks/join.ipynb", "README.md", "helpers.py"} <= names
    for name in sorted(names):
        assert (again / name).read_bytes() == (case.project / name).read_bytes(), name


def test_later_steps_are_rebuilt_without_the_network(
    case: Case, server: Server, tmp_path: Path
) -> None:
    """A parameter and a module decide what runs again; what was fetched is not fetched again."""
    shutil.copytree(case.folder, tmp_path / "sales", symlinks=True)
    project = tmp_path / "sales" / "notes" / "sales_pipeline"
    missing = run(["ploomber", "build"], project)
    assert missing.returncode != 0
    assert "DB_PASSWORD" in missing.stdout + missing.stderr
    built = run(["ploomber", "build"], project, DB_PASSWORD=PASSWORD)
    assert built.returncode == 0, built.stdout[-2000:]
    first = shown(project, "model")
    asked = server.asked
    spec = (project / "pipeline.yaml").read_text()
    assert "alpha: 0.5" in spec
    (project / "pipeline.yaml").write_text(spec.replace("alpha: 0.5", "alpha: 500.0"))
    built = run(["ploomber", "build"], project, DB_PASSWORD=PASSWORD)
    assert built.returncode == 0, built.stdout[-2000:]
    assert shown(project, "model") != first
    assert 0 < asked == server.asked
    assert "rates.py" in case.task("join")["params"]["resources_"].values()
    assert "rates.py" not in case.task("model")["params"].get("resources_", {}).values()


def test_a_notebook_that_fails_tells_no_credential(tmp_path: Path) -> None:
    """Though the line that failed holds it."""
    source = f"password = '{PASSWORD}'\nraise ValueError(f'refused: {{password}}')"
    cell = {"cell_type": "code", "metadata": {}, "source": source, "id": "a", "outputs": []}
    document = {
        "cells": [{**cell, "execution_count": None}],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (tmp_path / "n.ipynb").write_text(json.dumps(document))
    done = run(["nbrefine", "refine", "n.ipynb"], tmp_path)
    assert done.returncode == 1
    assert "refused: •••" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
