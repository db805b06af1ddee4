"""What is opened is heard, whoever opens it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from nbrefine.recording.opened import Openings, opened_unseen

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a file, and a shadow of it that holds links."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "far.csv").write_text("a\n1\n")
    (tmp_path / "data" / "near.csv").write_text("a\n1\n")
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "near.csv").symlink_to(tmp_path / "data" / "near.csv")
    (shadow / "folder").symlink_to(tmp_path / "data")
    (shadow / "code.py").write_text("x = 1\n")
    return shadow


def test_an_opening_by_c_code_is_heard(data: Path) -> None:
    """No audit event tells of a file that Arrow maps into memory; its link is named."""
    with Openings(data) as openings:
        assert openings.take() == set()
        pa.memory_map(str(data / "near.csv")).close()
        assert str(data / "near.csv") in openings.take()
        assert openings.take() == set()


def test_a_process_behind_is_heard_too(data: Path) -> None:
    """Whatever reads a file in a linked folder."""
    with Openings(data) as openings:
        subprocess.run(["cat", "folder/far.csv"], cwd=data, check=True, capture_output=True)
        assert openings.take() == {str(data / "folder" / "far.csv")}


def test_files_elsewhere_are_heard_where_the_code_names_them(data: Path, tmp_path: Path) -> None:
    """The file itself, or the folder that it lies in."""
    near, far = (data.parent / "data" / name for name in ("near.csv", "far.csv"))
    empty = tmp_path / "empty"
    empty.mkdir()
    for source in (f"f('{near}')", f'f("{near.parent}/" + name)', f"x = '{near.parent}'"):
        with Openings(empty, [source, "'/no/such/file'", "a / b"]) as openings:
            near.read_text()
            assert openings.take() == {str(near)}
    with Openings(empty, [f"f('{near}')"]) as openings:
        far.read_text()
        assert openings.take() == set()


def test_new_folders_are_listened_to(data: Path) -> None:
    """Those that are made while it listens; a file is read when it was there before."""
    with Openings(data) as openings:
        (data / "new").mkdir()
        assert openings.take() == set()
        (data / "new" / "file.csv").write_text("a")
        assert openings.take() == set()
        assert (data / "new" / "file.csv").read_text() == "a"
        assert openings.take() == {str(data / "new" / "file.csv")}


def test_a_refined_project_beside_is_not_heard(data: Path) -> None:
    """It links to the same file, which is no other input."""
    project = data.parent / "study_pipeline"
    (project / ".nbrefine").mkdir(parents=True)
    (project / "near.csv").symlink_to(data.parent / "data" / "near.csv")
    (data / "study_pipeline").symlink_to(project)
    with Openings(data) as openings:
        pa.memory_map(str(data / "near.csv")).close()
        heard = openings.take()
    assert str(data / "near.csv") in heard
    assert not any("study_pipeline" in path for path in heard)


def test_looking_and_code_are_not_openings(data: Path) -> None:
    """A file's size and time are not its content; Python itself tells of code."""
    with Openings(data) as openings:
        assert (data / "near.csv").stat().st_size == 4
        assert (data / "code.py").read_text() == "x = 1\n"
        assert openings.take() == set()
    (data / "near.csv").read_text()
    assert openings.take() == set()


def test_what_python_told_of_is_not_told_twice(data: Path) -> None:
    """Nor a file by two of its names; what was opened to be written is not read."""
    near, far = data / "near.csv", data / "folder" / "far.csv"
    both = {str(near), str(data / "folder" / "near.csv"), str(far)}
    assert opened_unseen(both, {}) == {str(near), str(far)}
    assert opened_unseen(both, {"files_read": [str(near)]}) == {str(far)}
    assert opened_unseen(both, {"files_written": {str(far): None}}) == {str(near)}
