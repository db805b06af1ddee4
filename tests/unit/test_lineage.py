"""``nbrefine lineage`` as users see it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from tests.unit.pipeline.building import publish
from tests.unit.pipeline.conftest import Project

from nbrefine.cli.main import cli
from nbrefine.errors import InputError
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.ledger_rows import Run
from nbrefine.pipeline.observed import Observed

SPEC = """\
tasks:
  - source: load.ipynb
    product: {nb: out/load.ipynb, data: out/load.csv}
    params: {n: 15, password: s3cr3tvalue}
  - {source: fit.ipynb, product: {nb: out/fit.ipynb, model: out/fit.bin}}
"""


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Two steps, both published in a run of a tree that was not clean."""
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    monkeypatch.chdir(tmp_path)
    project = Project(tmp_path)
    project.file("pipeline.yaml", SPEC)
    project.file("raw.csv", "1")
    project.notebook("load.ipynb")
    project.notebook("fit.ipynb", 'upstream = ["load"]')
    facts = {"host": "lab-3", "python": "3.11.7", "commit": "a" * 40, "clean": False}
    with Ledger(project.root) as ledger:
        ledger.begin(Run("r1", 1.0, facts))
    publish(project.root, "load", Observed(read=("raw.csv",), network=True))
    publish(project.root, "fit")
    return project


def lineage(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["lineage", *arguments], catch_exceptions=True)


def test_the_text_says_what_made_it_and_what_depends_on_it(two: Project) -> None:
    """Steps, the nearest first, with what they used."""
    assert two.root.exists()
    said = lineage("out/fit.bin").output
    assert said.startswith("out/fit.bin: as it was made\n\nfit ran for 0.0 s, ")
    assert said.index("\nfit ") < said.index("\nload ")
    for line in (
        "  run       r1 on lab-3 at commit aaaaaaaaaaaa, with changes that are in no commit",
        "  params    n: 15",
        "  besides   it reached for the network: what it got from there is not recorded",
    ):
        assert line in said
    assert "  files     raw.csv  " in said
    assert said.endswith("Nothing depends on it.\n")
    assert "  fit (out/fit.bin, out/fit.ipynb)\n" in lineage("out/load.csv").output


@pytest.mark.parametrize("arguments", [("out/fit.bin",), ("out/fit.bin", "--json")])
def test_credentials_are_not_shown(two: Project, arguments: tuple[str, ...]) -> None:
    """A parameter that looks like one is shown as a digest."""
    assert two.root.exists()
    assert "s3cr3tvalue" not in lineage(*arguments).output


def test_a_program_reads_the_same(two: Project) -> None:
    """All that is recorded, as JSON."""
    assert two.root.exists()
    found = json.loads(lineage("out/load.csv", "--json").output)
    assert [each["step"] for each in found["steps"]] == ["load"]
    (step,) = found["steps"]
    assert step["run"] == {
        "id": "r1",
        "host": "lab-3",
        "python": "3.11.7",
        "commit": "a" * 40,
        "clean": False,
    }
    assert [*step["files"]] == ["raw.csv"]
    assert found["dependents"] == [
        {
            "step": "fit",
            "products": ["out/fit.bin", "out/fit.ipynb"],
            "through": None,
            "current": True,
        }
    ]


def test_the_picture_goes_from_inputs_to_the_product(two: Project) -> None:
    """As SVG, mermaid and page."""
    for suffix in (".svg", ".mmd", ".html", ".txt"):
        result = lineage("out/fit.bin", "-o", f"x{suffix}")
        assert result.output == f"Wrote x{suffix}.\n"
    drawn = (two.root / "x.mmd").read_text()
    names = {
        line.split('"')[1].split("<")[0]: line.split("[")[0].strip()
        for line in drawn.splitlines()
        if "[" in line
    }
    edges = {tuple(line.split(" --> ")) for line in drawn.splitlines() if "-->" in line}
    raw, data, model = (names[name] for name in ("raw.csv", "out/load.csv", "out/fit.bin"))
    assert {(start.strip(), end) for start, end in edges} == {(raw, data), (data, model)}
    ET.fromstring((two.root / "x.svg").read_text())  # noqa: S314  (drawn here)
    assert "with changes that are in no commit" in (two.root / "x.html").read_text()


def test_what_cannot_be_answered_is_said(two: Project) -> None:
    """An unknown product, and a picture of an unknown kind."""
    assert two.root.exists()
    for arguments in (("out/fitt.bin",), ("out/fit.bin", "-o", "x.png")):
        assert isinstance(lineage(*arguments).exception, InputError)
