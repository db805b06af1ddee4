"""Products appear together, and an earlier build that was ended is finished or undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from nbrefine.engine import publish as module
from nbrefine.engine.publish import publish, recover
from nbrefine.engine.undo import prepare_undo, undo_folder
from nbrefine.files.digest import digest_file
from nbrefine.pipeline.ledger_rows import Made, Published


class Ledger(list[Published]):
    """Takes rows, as the real one does."""

    def publish(self, row: Published) -> None:
        """Take one."""
        self.append(row)


@pytest.fixture
def ledger() -> Ledger:
    """A ledger without a row."""
    return Ledger()


def staged(root: Path, text: str = "new") -> tuple[dict[Path, Path], Published]:
    """Stage two files of a step, one product of which was there before."""
    files = {}
    for name in ("a.txt", "b.txt"):
        here, there = root / f".nbrefine/staging/step/out/{name}", root / f"out/{name}"
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_text(f"{text} {name}")
        files[here] = there
    made = {
        there.name: Made(f"out/{there.name}", digest_file(here), digest_file(here))
        for here, there in files.items()
    }
    row = Published(step="step", key="k", static={}, seen={}, source="s", products=made)
    return files, row


def test_files_are_moved_and_the_row_is_written(tmp_path: Path, ledger: Ledger) -> None:
    """Nothing is left of the way there, and Ploomber's record of what was before is gone."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.txt").write_text("old")
    (tmp_path / "out/.a.txt.metadata").write_text("{}")
    files, row = staged(tmp_path)
    publish(tmp_path, files, row, ledger.publish)
    assert (tmp_path / "out/a.txt").read_text() == "new a.txt"
    assert (tmp_path / "out/b.txt").read_text() == "new b.txt"
    assert not (tmp_path / "out/.a.txt.metadata").exists()
    assert ledger == [row]
    assert recover(tmp_path, ledger.publish) == ()


@pytest.mark.parametrize("calls", [0, 1, 2])
def test_a_build_that_was_ended_while_it_published_is_finished(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    """However many files had been moved: then all are, and the row is written once."""
    files, row = staged(tmp_path)
    end_after(monkeypatch, calls)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, files, row, ledger.publish)
    assert ledger == []
    monkeypatch.undo()
    (said,) = recover(tmp_path, ledger.publish)
    assert "step: its products were published" in said
    assert {path.read_text() for path in files.values()} == {"new a.txt", "new b.txt"}
    assert ledger == [row]


def end_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> None:
    """End the builder after some files were moved; after both, when it writes the row."""
    original: Callable[[Path, Path], None] = module._move
    moved: list[Path] = []

    def move(staged: Path, final: Path) -> None:
        if len(moved) == calls:
            raise KeyboardInterrupt
        moved.append(final)
        original(staged, final)

    def settle(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_move", move)
    monkeypatch.setattr(module, "_settle", settle)


def test_a_product_that_was_changed_meanwhile_gets_no_row(
    tmp_path: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody vouches for it."""
    files, row = staged(tmp_path)
    end_after(monkeypatch, 2)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path, files, row, ledger.publish)
    monkeypatch.undo()
    (tmp_path / "out/a.txt").write_text("by hand")
    (said,) = recover(tmp_path, ledger.publish)
    assert "cannot be trusted" in said
    assert ledger == []
    assert (tmp_path / "out/a.txt").read_text() == "by hand"


def test_a_product_that_is_a_folder_keeps_nothing_from_earlier(
    tmp_path: Path, ledger: Ledger
) -> None:
    """It holds what this run has written; its neighbours stay."""
    for name in ("out/model/old.txt", "out/model/same.txt", "out/other.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("old")
    here = tmp_path / ".nbrefine/staging/step/out/model/same.txt"
    here.parent.mkdir(parents=True)
    here.write_text("new")
    folder = tmp_path / "out/model"
    made = {"model": Made("out/model", digest_file(here.parent), digest_file(here.parent))}
    row = Published(step="step", key="k", static={}, seen={}, source="s", products=made)
    publish(tmp_path, {here: folder / "same.txt"}, row, ledger.publish)
    assert [path.name for path in folder.iterdir()] == ["same.txt"]
    assert digest_file(folder) == made["model"].digest
    assert (tmp_path / "out/other.txt").read_text() == "old"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"moves": [], "row": {"step": 3}}'])
def test_a_damaged_intent_is_put_aside(tmp_path: Path, ledger: Ledger, text: str) -> None:
    """Its digests would not have matched."""
    file = tmp_path / ".nbrefine/publishing/step.json"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert recover(tmp_path, ledger.publish) == ()
    assert not file.exists()
    assert ledger == []


def test_what_a_step_has_overwritten_elsewhere_is_put_back(tmp_path: Path, ledger: Ledger) -> None:
    """There is no intent: it did not end well."""
    undo = undo_folder(tmp_path, "step")
    prepare_undo(undo)
    (undo / "0").write_text("before")
    lines = [
        {"path": str(tmp_path / "log.txt"), "copy": "0"},
        {"path": str(tmp_path / "new.txt"), "copy": None},
    ]
    (undo / "journal").write_text("".join(json.dumps(line) + "\n" for line in lines))
    for name in ("log.txt", "new.txt"):
        (tmp_path / name).write_text("half")
    (said,) = recover(tmp_path, ledger.publish)
    assert said == "step: log.txt, new.txt put back: an earlier build had been ended"
    assert (tmp_path / "log.txt").read_text() == "before"
    assert not (tmp_path / "new.txt").exists()
