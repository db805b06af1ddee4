"""Data that a moved project does not reach is told before anything is built."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.errors import InputError
from nbrefine.refine.place.links import check_links


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that links to a folder and a file beside it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "more.csv").write_text("x\n")
    root = tmp_path / "work" / "project"
    root.mkdir(parents=True)
    (root / "data").symlink_to("../../data")
    (root / "more.csv").symlink_to("../../more.csv")
    return root


def test_links_that_lead_somewhere_are_fine(project: Path) -> None:
    """Also if the notebook's folder and the project moved together."""
    check_links(project)
    moved = project.parents[1].rename(project.parents[1].with_name("elsewhere"))
    check_links(moved / "work" / "project")


def test_a_link_that_leads_nowhere_is_named(project: Path, tmp_path: Path) -> None:
    """With what it leads to, and how to link it again."""
    moved = project.rename(tmp_path / "project")
    with pytest.raises(InputError, match=r"leads to \.\./\.\./data, where nothing is") as caught:
        check_links(moved)
    assert caught.value.where is not None
    assert caught.value.where.file.endswith("project/data")
    assert "ln -sfn" in caught.value.hint


def test_what_a_build_has_made_does_not_count(project: Path) -> None:
    """A product may be a link, to whatever."""
    (project / "build").mkdir()
    (project / "build" / "latest").symlink_to("gone")
    check_links(project)
