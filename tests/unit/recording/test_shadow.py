from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbrefine.observer.protect import Protection
from nbrefine.recording.shadow import Shadow
from nbrefine.recording.written import changed, look


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for path, text in {
        "notebooks/helpers.py": "X = 1\n",
        "notebooks/own.csv": "own",
        "data/deep/far.csv": "far",
        "data/near.csv": "near",
        ".git/config": "secret",
    }.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return root


def contents(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_text() for path in files}


def test_a_shadow_reads_as_the_folder_does(project: Path) -> None:
    """All files are there, under the same relative paths, up to where the cells' paths climb."""
    with Shadow(project / "notebooks", ["open('../data/near.csv')"]) as shadow:
        assert (shadow.folder / "own.csv").read_text() == "own"
        assert (shadow.folder / "../data/deep/far.csv").read_text() == "far"
        assert not (shadow.root / ".git").exists()
        assert not (shadow.folder / "helpers.py").is_symlink()
        assert shadow.original(f"in {shadow.folder}/x") == f"in {project}/notebooks/x"
        assert shadow.original(f"'{shadow.root}"[:-3]) == f"'{project}"[:-3]
        place = shadow.folder
    assert not place.exists()


def test_a_shadow_without_climbing_is_the_folder_alone(project: Path) -> None:
    """Where no path climbs, nothing above the folder is mirrored."""
    with Shadow(project / "notebooks", ["x = 1"]) as shadow:
        assert shadow.top == project / "notebooks"


def test_what_cannot_be_mirrored_is_linked(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders that may not be read, environments, and what exceeds a number of entries."""
    (project / "venv").mkdir()
    (project / "venv/pyvenv.cfg").touch()
    monkeypatch.setattr(os, "access", lambda path, _: "far" not in path and "deep" not in path)
    with Shadow(project) as shadow:
        assert (shadow.root / "venv").is_symlink()
        assert (shadow.root / "data/deep").is_symlink()
        assert not (shadow.root / "data").is_symlink()
    monkeypatch.setattr("nbrefine.recording.shadow._MOST_ENTRIES", 0)
    with Shadow(project) as shadow:
        assert (shadow.root / "data").is_symlink()
        assert (shadow.root / "data/deep/far.csv").read_text() == "far"


@pytest.mark.parametrize(
    ("source", "copied"),
    [
        ("x = 1", False),
        ("a != b", False),
        ("!ls data", True),
        ("files = !ls", True),
        ("%%bash\nls", True),
        ("import subprocess", True),
        ("with h5py.File('own.csv', 'a') as file:\n    pass", True),
    ],
)
def test_data_are_copied_where_python_does_not_tell_who_writes(
    project: Path, source: str, *, copied: bool
) -> None:
    """A shell or a library in C would write through a link to the user's own file."""
    with Shadow(project, [source]) as shadow:
        assert (shadow.root / "data/near.csv").is_symlink() is not copied
        assert (shadow.root / "data/near.csv").read_text() == "near"


def test_large_data_are_linked_all_the_same(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies have a limit, each and together."""
    monkeypatch.setattr("nbrefine.recording.shadow._LARGEST_COPY", 3)
    with Shadow(project, ["!ls"]) as shadow:
        assert (shadow.root / "data/near.csv").is_symlink()
        assert not (shadow.root / "data/deep/far.csv").is_symlink()
    monkeypatch.setattr("nbrefine.recording.shadow._MOST_COPIED", 4)
    with Shadow(project, ["!ls"]) as shadow:
        links = [path.is_symlink() for path in shadow.root.rglob("*.csv")]
        assert sorted(links) == [False, True, True]


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("own.csv", "w"),
        ("own.csv", "a"),
        ("../data/near.csv", "r+"),
        ("../data/deep/far.csv", "w"),
        ("helpers.py", "w"),
        ("new.csv", "w"),
    ],
)
def test_writing_in_the_shadow_leaves_the_original(project: Path, path: str, mode: str) -> None:
    """Whatever is written where, the user's files are as they were, and reads see the new."""
    before = contents(project)
    with Shadow(project / "notebooks", ["../data"]) as shadow:
        protection = Protection(str(shadow.root), str(shadow.backup), [])
        target = os.path.normpath(shadow.folder / path)
        protection.before_write(target)
        with open(target, mode) as file:  # noqa: PTH123  (as the user's code does)
            file.write("CHANGED")
        assert "CHANGED" in Path(target).read_text()
        assert contents(project) == before
    assert contents(project) == before


def test_links_to_folders_are_parted_down_to_the_file(project: Path) -> None:
    """Where a whole folder is a link, its files still cannot be written through it."""
    before = contents(project)
    with Shadow(project / "notebooks") as shadow:
        (shadow.folder / "linked").symlink_to(project / "data")
        target = shadow.folder / "linked/deep/far.csv"
        Protection(str(shadow.root), str(shadow.backup), []).before_write(str(target))
        target.write_text("CHANGED")
        assert (shadow.folder / "linked/near.csv").read_text() == "near"
    assert contents(project) == before


def test_a_file_elsewhere_is_put_back(project: Path, tmp_path: Path) -> None:
    """What the notebook overwrites outside of its folder is as before when the shadow goes."""
    outside = tmp_path / "outside.txt"
    outside.write_text("before")
    with Shadow(project / "notebooks") as shadow:
        Protection(str(shadow.root), str(shadow.backup), []).before_write(str(outside))
        outside.write_text("after")
    assert outside.read_text() == "before"


def test_folders_for_temporary_files_are_free(project: Path, tmp_path: Path) -> None:
    """Where the notebook may do as it likes, nothing is kept."""
    outside = tmp_path / "free" / "x"
    outside.parent.mkdir()
    outside.write_text("before")
    with Shadow(project / "notebooks") as shadow:
        free = [str(outside.parent)]
        Protection(str(shadow.root), str(shadow.backup), free).before_write(str(outside))
        outside.write_text("after")
    assert outside.read_text() == "after"


def test_files_that_appear_change_or_go_are_seen(tmp_path: Path) -> None:
    """By whatever means a file was written, looking twice shows it; links are left out."""
    (tmp_path / "kept").write_text("1")
    (tmp_path / "gone").write_text("1")
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    before = look(tmp_path)
    (tmp_path / "kept").write_text("22")
    (tmp_path / "gone").unlink()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/new").write_text("1")
    names = {Path(path).name for path in changed(before, look(tmp_path))}
    assert names == {"kept", "gone", "new"}


def test_files_may_go_while_they_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that a notebook has started removes its temporary files when it likes."""
    (tmp_path / "gone").mkdir()
    for name in ("kept", "removed", "gone/inside"):
        (tmp_path / name).write_text("text")
    original = os.scandir

    @contextlib.contextmanager
    def listed_before(folder: str) -> Iterator[list[os.DirEntry[str]]]:
        with original(folder) as entries:
            listed = list(entries)
        with contextlib.suppress(FileNotFoundError):
            (tmp_path / "removed").unlink()
            (tmp_path / "gone/inside").unlink()
            (tmp_path / "gone").rmdir()
        yield listed

    monkeypatch.setattr(os, "scandir", listed_before)
    assert [Path(path).name for path in look(tmp_path)] == ["kept"]
