"""The copy that is built has all that the project finds, and nothing of its products."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nbrefine.pipeline.spec import read_pipeline
from nbrefine.refine.prove.stage import LARGE, staged

FIXTURE = Path(__file__).parents[3] / "fixtures" / "projects" / "delays"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with products and data, beside a folder with more data."""
    root = shutil.copytree(FIXTURE, tmp_path / "work" / "delays")
    built = root / "build" / "load"
    built.mkdir(parents=True)
    for name in ("load.ipynb", ".load.ipynb.metadata", "delays.npy", "notes.txt"):
        (built / name).write_text("built")
    (root / ".git").mkdir()
    (root / "small.csv").write_text("1\n")
    with (root / "large.csv").open("wb") as file:
        file.truncate(LARGE + 1)
    beside = tmp_path / "work" / "data"
    beside.mkdir()
    (beside / "flights.csv").write_text("2\n")
    return root


def test_products_and_their_records_are_left_behind(project: Path) -> None:
    """So that all is built anew; other files in the same folder are the user's."""
    with staged(read_pipeline(project)) as root:
        names = {str(path.relative_to(root)) for path in (root / "build").rglob("*")}
        assert names == {"build/load", "build/load/notes.txt"}
        assert not (root / ".git").exists()
        assert (root / "notebooks" / "load.ipynb").is_file()
    assert not root.exists()


def test_a_product_that_is_an_input_too_is_copied(project: Path) -> None:
    """A step that reads a file and writes the same one finds it; its record is left behind."""
    spec = project / "pipeline.yaml"
    spec.write_text(
        spec.read_text()
        + "    params:\n      resources_:\n        small: small.csv\n"
        + "  - source: notebooks/load.ipynb\n    name: update\n"
        + "    product:\n      nb: build/update.ipynb\n      small: small.csv\n"
    )
    (project / ".small.csv.metadata").write_text("{}")
    with staged(read_pipeline(project)) as root:
        assert (root / "small.csv").read_text() == "1\n"
        assert not (root / ".small.csv.metadata").exists()


def test_writing_in_the_copy_changes_nothing_of_the_users(project: Path) -> None:
    """Small files are copies; large ones are links, unless the pipeline writes to them."""
    with staged(read_pipeline(project)) as root:
        (root / "small.csv").write_text("changed")
        assert (root / "large.csv").is_symlink()
        assert (root / "large.csv").stat().st_size == LARGE + 1
    with staged(read_pipeline(project), [project / "large.csv"]) as root:
        (root / "large.csv").write_text("changed")
    assert (project / "small.csv").read_text() == "1\n"
    assert (project / "large.csv").stat().st_size == LARGE + 1


@pytest.mark.parametrize("levels", [1, 2])
def test_paths_that_lead_out_of_the_project_lead_to_the_same_files(
    project: Path, levels: int
) -> None:
    """``../data`` is found from the copy too, as far up as the project's files reach."""
    path = {1: "../data/flights.csv", 2: "../../work/data/flights.csv"}[levels]
    spec = project / "pipeline.yaml"
    spec.write_text(spec.read_text() + f"    params:\n      file: {path}\n")
    with staged(read_pipeline(project)) as root:
        assert (root / path).read_text() == "2\n"
        assert root.name == "delays"


def test_what_is_written_elsewhere_is_a_copy(project: Path) -> None:
    """Also outside of the project, and behind its links; the rest of such a folder is linked."""
    beside = project.parent / "data"
    (beside / "other.csv").write_text("3\n")
    (project / "link.csv").symlink_to(beside / "flights.csv")
    spec = project / "pipeline.yaml"
    spec.write_text(spec.read_text() + "    params:\n      file: ../data/flights.csv\n")
    written = [beside / "flights.csv", beside / "new.csv"]
    with staged(read_pipeline(project), written) as root:
        for path in ("../data/flights.csv", "../data/new.csv", "link.csv"):
            (root / path).write_text("changed")
        assert (root / "../data/other.csv").is_symlink()
    assert (beside / "flights.csv").read_text() == "2\n"
    assert not (beside / "new.csv").exists()
