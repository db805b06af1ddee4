"""Edited steps, and those that build on them, are known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from nbrefine.pipeline.spec import read_pipeline
from nbrefine.refine.prove.edits import WRITTEN, edited_steps, remember_steps

FIXTURE = Path(__file__).parents[3] / "fixtures" / "projects" / "delays"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose steps were noted when they were written."""
    root = shutil.copytree(FIXTURE, tmp_path / "delays")
    (root / "src" / "delays").mkdir(parents=True)
    (root / "src" / "delays" / "late.py").write_text("LIMIT = 15\n")
    remember_steps(root)
    return root


def change(notebook: Path, kind: str) -> None:
    """Append to the last cell of a kind."""
    document = json.loads(notebook.read_text())
    cell = [cell for cell in document["cells"] if cell["cell_type"] == kind][-1]
    cell["source"] = [*cell["source"], "\n# more"]
    notebook.write_text(json.dumps(document))


def test_an_untouched_project_has_no_edited_steps(project: Path) -> None:
    """Nor has one whose markdown changed, or that moved to another folder."""
    change(project / "notebooks" / "load.ipynb", "markdown")
    moved = project.rename(project.with_name("moved"))
    assert edited_steps(read_pipeline(moved)) == frozenset()


def test_steps_below_an_edited_one_count_as_edited(project: Path) -> None:
    """They compute from what it gives; a step above does not."""
    change(project / "notebooks" / "summarise.ipynb", "code")
    assert edited_steps(read_pipeline(project)) == {"summarise"}
    change(project / "notebooks" / "load.ipynb", "code")
    assert edited_steps(read_pipeline(project)) == {"load", "summarise"}


def test_a_changed_parameter_edits_its_step(project: Path) -> None:
    """The pipeline is asked something else."""
    spec = project / "pipeline.yaml"
    spec.write_text(spec.read_text() + "    params:\n      limit: 20\n")
    assert edited_steps(read_pipeline(project)) == {"summarise"}


def test_a_changed_module_edits_all_steps(project: Path) -> None:
    """Whichever of them uses it."""
    (project / "src" / "delays" / "late.py").write_text("LIMIT = 20\n")
    assert edited_steps(read_pipeline(project)) == {"load", "summarise"}


def test_without_a_note_no_step_counts_as_edited(project: Path) -> None:
    """Then every difference is told."""
    change(project / "notebooks" / "load.ipynb", "code")
    (project / WRITTEN).unlink()
    assert edited_steps(read_pipeline(project)) == frozenset()
