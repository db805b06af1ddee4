"""Refine a messy little notebook for real, and work with the project as its author would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.slow

CELLS = [
    ("markdown", "# Late flights"),
    ("code", "%matplotlib inline\nimport pandas as pd\nimport matplotlib.pyplot as plt"),
    ("code", "plt.style.use('ggplot')\nLATE = 15"),
    ("markdown", "## Load"),
    ("code", "df = pd.read_csv('data/flights.csv')\ndf.head()"),
    ("code", "names = {'UA': 'United', 'AA': 'American'}"),
    ("markdown", "## Clean"),
    ("code", "df.dropna(subset=['delay'], inplace=True)\ndf['late'] = df['delay'] > LATE"),
    ("code", "def rate(column):\n    return df.groupby(column)['late'].mean()"),
    ("code", "rate('carrier')"),
    ("markdown", "## By carrier"),
    ("code", "by_carrier = rate('carrier').rename(index=names)\nprint(by_carrier.to_dict())"),
    ("code", "by_carrier.plot.bar();"),
    ("markdown", "## Sample"),
    ("code", "few = df.sample(frac=0.5, random_state=3)\nfew['delay'].sum()"),
    ("code", "few.to_csv('few.csv', index=False)"),
]


def write_notebook(path: Path) -> None:
    """Write the notebook and the data that it reads."""
    cells = [
        {"cell_type": kind, "metadata": {}, "source": source, "id": str(number)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source) in enumerate(CELLS)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document))
    (path.parent / "data").mkdir()
    rows = "".join(f"{'UA' if i % 3 else 'AA'},{i * 7 % 40}\n" for i in range(40))
    (path.parent / "data" / "flights.csv").write_text(f"carrier,delay\n{rows}UA,\n")


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in a folder."""
    environment = {**os.environ, "PLOOMBER_STATS_ENABLED": "false"}
    return subprocess.run(
        [str(Path(sys.executable).with_name(command[0])), *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def executed(project: Path, step: str) -> str:
    """All text that the cells of a built step show."""
    document = json.loads((project / "build" / step / f"{step}.ipynb").read_text())
    outputs = [each for cell in document["cells"] for each in cell.get("outputs", ())]
    return "".join(
        "".join(each.get("text", "")) + "".join(each.get("data", {}).get("text/plain", ""))
        for each in outputs
    )


@pytest.fixture(scope="module")
def refined(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """The project, and what `nbrefine refine --json` said."""
    folder = tmp_path_factory.mktemp("late")
    write_notebook(folder / "late.ipynb")
    before = sorted(path.name for path in folder.iterdir())
    done = run(["nbrefine", "refine", "late.ipynb", "--json"], folder)
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*before, "late_pipeline"])
    return folder / "late_pipeline", json.loads(done.stdout)


def test_the_steps_are_the_author_s_sections(
    refined: tuple[Path, dict[str, object]],
) -> None:
    """Each heading is a step, and independent sections do not wait for each other."""
    project, report = refined
    tasks = yaml.safe_load((project / "pipeline.yaml").read_text())["tasks"]
    assert [task["name"] for task in tasks] == ["load", "clean", "by_carrier", "sample"]
    upstream = {step["name"]: step["upstream"] for step in report["steps"]}  # type: ignore[attr-defined]  # JSON
    assert upstream["sample"] == ["clean"]
    assert "sample" not in upstream["by_carrier"]


def test_the_proof_holds_for_every_cell_and_variable(
    refined: tuple[Path, dict[str, object]],
) -> None:
    """Nothing differs, and nothing was given up on the way."""
    _, report = refined
    proof = report["proof"]
    assert proof["counts"]["cells"] == {"equal": 11}  # type: ignore[index]  # JSON
    # The one is a function that takes a frame now which it looked up before.
    assert proof["counts"]["variables"]["not-compared"] == 1  # type: ignore[index]  # JSON
    assert len(proof["counts"]["variables"]) == 2  # type: ignore[index]  # JSON
    assert report["retreats"] == []


def test_functions_are_in_modules(refined: tuple[Path, dict[str, object]]) -> None:
    """What a function looked up it takes as an argument, and a change of the module is noticed."""
    project, _ = refined
    [module] = [path for path in project.glob("src/*/*.py") if path.name != "__init__.py"]
    assert "def rate(column, df):" in module.read_text()
    assert "def sample_rows(df: pd.DataFrame, " in module.read_text()
    tasks = yaml.safe_load((project / "pipeline.yaml").read_text())["tasks"]
    using = [task["name"] for task in tasks if "src" in str(task["params"].get("resources_"))]
    assert using == ["clean", "by_carrier", "sample"]


def test_frames_cross_as_parquet(refined: tuple[Path, dict[str, object]]) -> None:
    """What crosses is in the plainest format, and the data file is declared."""
    tasks = yaml.safe_load((refined[0] / "pipeline.yaml").read_text())["tasks"]
    assert tasks[0]["product"]["df"] == "build/load/df.parquet"
    assert tasks[0]["params"]["resources_"] == {"flights_csv": "data/flights.csv"}
    assert tasks[3]["product"]["few_csv"] == "few.csv"


def test_the_project_lives_without_nbrefine(
    refined: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    """A parameter and the input file decide what `ploomber build` computes; a copy does it too."""
    project = tmp_path / "copy"
    shutil.copytree(refined[0], project, symlinks=False, ignore=shutil.ignore_patterns("build"))
    assert not any("nbrefine" in path.read_text() for path in project.glob("src/**/*.py"))
    built = run(["ploomber", "build"], project)
    assert built.returncode == 0, built.stdout[-2000:]
    first = executed(project, "by_carrier")
    spec = (project / "pipeline.yaml").read_text()
    assert "LATE: &LATE 15" in spec or "LATE: 15" in spec
    (project / "pipeline.yaml").write_text(
        spec.replace("LATE: &LATE 15", "LATE: &LATE 30").replace("LATE: 15", "LATE: 30")
    )
    assert run(["ploomber", "build"], project).returncode == 0
    assert executed(project, "by_carrier") != first


def test_the_folder_is_not_overwritten(refined: tuple[Path, dict[str, object]]) -> None:
    """A second run refuses to touch the project, and says how to allow it."""
    project, _ = refined
    done = run(["nbrefine", "refine", "late.ipynb"], project.parent)
    assert done.returncode == 2
    assert "--force" in done.stderr


def test_a_failing_notebook_is_refused_at_its_cell(tmp_path: Path) -> None:
    """Nothing is written, the exit code is 1, and the message says what is missing."""
    source = "import nothing_of_this_name"
    cells = [{"cell_type": "code", "metadata": {}, "source": source, "id": "a", "outputs": []}]
    cells[0]["execution_count"] = None  # type: ignore[assignment]  # JSON
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "bad.ipynb").write_text(json.dumps(document))
    done = run(["nbrefine", "refine", "bad.ipynb"], tmp_path)
    assert done.returncode == 1
    assert "cell 1" in done.stderr
    assert "pip install nothing_of_this_name" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bad.ipynb"]
