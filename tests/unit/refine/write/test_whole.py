"""Several files are written together or not at all, also where the writing is killed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrefine.errors import InputError
from nbrefine.refine.write.whole import put_back_unfinished, write_whole

WRITING = ".nbrefine/writing"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.txt").write_text("one")
    (tmp_path / "two.txt").write_text("two")
    return tmp_path


def test_files_are_changed_made_and_removed(root: Path) -> None:
    write_whole(root, {"a/one.txt": None, "two.txt": b"2", "b/three.txt": b"3"})
    assert not (root / "a").exists()
    assert (root / "two.txt").read_bytes() == b"2"
    assert (root / "b" / "three.txt").read_bytes() == b"3"
    assert not (root / WRITING).exists()


def test_if_one_file_cannot_be_written_all_are_as_they_were(root: Path) -> None:
    (root / "taken").write_text("no folder")
    with pytest.raises(InputError, match="Nothing was changed") as caught:
        write_whole(root, {"two.txt": b"2", "a/one.txt": None, "taken/file": b"3"})
    assert str(caught.value.where).endswith("taken/file")
    assert (root / "two.txt").read_text() == "two"
    assert (root / "a" / "one.txt").read_text() == "one"
    assert not (root / WRITING).exists()


def test_a_killed_writing_is_put_back(root: Path) -> None:
    """As a kill leaves it: what was there is kept, one file of two is new."""
    folder = root / WRITING
    folder.mkdir(parents=True)
    (folder / "0").write_text("two")
    (folder / "plan.json").write_text(json.dumps({"two.txt": "0", "new.txt": None}))
    (root / "two.txt").write_text("2")
    (root / "new.txt").write_text("new")
    assert put_back_unfinished(root)
    assert (root / "two.txt").read_text() == "two"
    assert not (root / "new.txt").exists()
    assert not put_back_unfinished(root)


def test_a_writing_that_was_killed_while_it_kept_copies_has_changed_nothing(root: Path) -> None:
    (root / WRITING).mkdir(parents=True)
    (root / WRITING / "0").write_text("half")
    assert not put_back_unfinished(root)
    write_whole(root, {"two.txt": b"2"})
    assert (root / "two.txt").read_text() == "2"
    assert not (root / WRITING).exists()
