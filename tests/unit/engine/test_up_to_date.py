"""A build with nothing to do is told without what builds, and anything else is left to that."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.pipeline.building import planner_of, publish_all
from tests.unit.pipeline.conftest import Project

from nbrefine.engine.outcome import Build
from nbrefine.engine.ploomber_records import agree
from nbrefine.engine.up_to_date import nothing_to_do
from nbrefine.errors import UnknownStepError
from nbrefine.pipeline.records import record_file
from nbrefine.pipeline.spec import read_pipeline

SPEC = """\
tasks:
  - {source: first.ipynb, product: out/first.txt}
  - {source: second.ipynb, product: out/second.txt, params: {n: 1}}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = Project(tmp_path)
    project.notebook("first.ipynb")
    project.notebook("second.ipynb", "upstream = ['first']")
    project.file("pipeline.yaml", SPEC)
    publish_all(tmp_path)
    planner = planner_of(tmp_path)
    agree(planner.pipeline.steps.values(), planner.survey)
    return tmp_path


def look(root: Path, *targets: str) -> Build | None:
    return nothing_to_do(read_pipeline(root), targets)


def test_what_is_up_to_date_is_said(root: Path) -> None:
    """With the steps that were asked for, and what they build on."""
    build = look(root)
    assert build is not None
    assert [*build.outcomes] == ["first", "second"]
    first = look(root, "first")
    assert first is not None
    assert [*first.outcomes] == ["first"]
    with pytest.raises(UnknownStepError):
        look(root, "third")


@pytest.mark.parametrize(
    "name", ["out/first.txt", "first.ipynb", "out/.first.txt.metadata", "pipeline.yaml"]
)
def test_anything_else_is_left_to_a_build(root: Path, name: str) -> None:
    """A product, a notebook, Ploomber's record or the spec that is another."""
    file = root / name
    text = file.read_text()
    file.write_text(text.replace("x = 1", "x = 2").replace("n: 1", "n: 2").replace("1", "7"))
    assert file.read_text() != text
    assert look(root) is None


def test_a_record_that_is_older_than_one_above_is_left_to_a_build(root: Path) -> None:
    """Ploomber would take the step for outdated."""
    planner = planner_of(root)
    record_file(root / "out/first.txt").unlink()
    assert look(root) is None
    agree([planner.pipeline.steps["first"]], planner.survey)
    assert look(root) is None
    agree(planner.pipeline.steps.values(), planner.survey)
    assert look(root) is not None


@pytest.mark.parametrize("name", ["publishing/first.json", "undo/first/x", "staging/first/x"])
def test_what_was_ended_is_left_to_a_build(root: Path, name: str) -> None:
    """It finishes or undoes it first."""
    file = root / ".nbrefine" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("{}")
    assert look(root) is None
