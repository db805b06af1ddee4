"""A notebook that says something of its own place: no way to refine it says the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

MAKE = "df = pd.DataFrame({'a': range(40), 'k': list('xyzw') * 10})"
CELLS = [
    f"# Load\nimport os\nimport pandas as pd\n{MAKE}",
    "df.head(3)",
    "# Clean\ndf = df[df['a'] > 3]\ndf['b'] = df['a'] * 2\ndf['c'] = df['b'] + 1",
    "df.info()",
    "# Report\nprint(df.groupby('k')['c'].sum())",
    "!ls",
    "os.path.exists('pipeline.yaml')",
]


def tags(source: str) -> list[str]:
    return [f"step:{source[2:].split(maxsplit=1)[0].lower()}"] if source.startswith("#") else []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("placed")
    cells = [
        {
            "cell_type": "code",
            "metadata": {"tags": tags(source)},
            "source": source,
            "id": str(number),
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(CELLS)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "placed.ipynb").write_text(json.dumps(document))
    nbrefine = str(Path(sys.executable).with_name("nbrefine"))
    done = subprocess.run(
        [nbrefine, "refine", "placed.ipynb", "-o", "out", "--no-baselines", "--json"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1, done.stderr[-2000:]
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_nothing_is_given_up_for_what_cannot_be_mended(report: dict) -> None:
    """It differs in one step, too; so the steps, the modules and the tests stay."""
    assert report["unmendable"] == ["code cell 7"]
    assert report["retreats"] == []
    assert [step["name"] for step in report["steps"]] == ["load", "clean", "report"]
    assert report["tests"]["cases_passed"] > 0
    verdicts = [cell["verdict"] for cell in report["proof"]["cells"]]
    assert verdicts[:3] == ["equal"] * 3
    assert verdicts[4:] == ["equal", "nondeterministic", "different"]


def test_a_listing_of_the_folder_is_told_apart(report: dict) -> None:
    """The project's folder holds other files; that is no fault."""
    listing = report["proof"]["cells"][5]
    assert listing["cause"].startswith("It lists the notebook's folder")
