"""What an interrupted refine has found out counts as long as nothing has changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.recording.formats import Stored
from nbrefine.refine.draft import Wishes
from nbrefine.refine.flow.flow import Bond
from nbrefine.refine.inputs import asked
from nbrefine.refine.memory import MEMORY, Memory, is_unfinished
from nbrefine.refine.options import Options
from nbrefine.refine.plan.plan import Request


class Place:
    """A notebook with data, and the folder for its project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "project"
        self.notebook = folder / "a.ipynb"
        self.data = folder / "data.csv"
        self.notebook.write_text("{}")
        self.data.write_text("x\n1\n")
        python = folder / "venv" / "bin" / "python"
        self.packages = folder / "venv" / "lib" / "python3.11" / "site-packages"
        self.packages.mkdir(parents=True)
        cells = (CellRecord(0, files_read=(str(self.data),)),)
        self.recording = Recording(cells, {}, PythonFacts(str(python), "3.11"))

    def memory(self, **options: Any) -> Memory:  # noqa: ANN401  (any option)
        return Memory(self.root, self.folder, asked(self.notebook, Options(**options)))

    def begin(self, **options: Any) -> Memory:  # noqa: ANN401
        memory = self.memory(**options)
        kept = self.folder.parent / "kept"
        kept.mkdir(exist_ok=True)
        (kept / "0.csv").write_text("kept\n")
        memory.begin(self.recording, kept)
        return memory


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folder = tmp_path / "work"
    folder.mkdir()
    return Place(folder)


def test_a_recording_is_taken_up(place: Place) -> None:
    """With the copies of the files that the notebook wrote."""
    assert place.memory().recording is None
    assert not is_unfinished(place.root)
    place.begin()
    memory = place.memory()
    assert memory.recording == place.recording
    assert memory.unfinished
    assert is_unfinished(place.root)
    assert (place.root / ".nbrefine" / "files" / "0.csv").read_text() == "kept\n"


def test_a_touched_file_is_still_the_same(place: Place) -> None:
    """Content decides, not time."""
    place.begin()
    os.utime(place.data, (1, 1))
    (place.folder / "copy").write_bytes(place.data.read_bytes())
    (place.folder / "copy").replace(place.data)
    assert place.memory().recording is not None


def change_notebook(place: Place) -> None:
    place.notebook.write_text('{"cells": []}')


def change_data(place: Place) -> None:
    place.data.write_text("x\n2\n")


def remove_data(place: Place) -> None:
    place.data.unlink()
    (place.folder / "other.csv").write_text("x\n1\n")


def add_file(place: Place) -> None:
    (place.folder / "more.csv").write_text("x\n1\n")


def install(place: Place) -> None:
    (place.packages / "new").mkdir()
    os.utime(place.packages, (1, 1))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_notebook, "the notebook has changed"),
        (change_data, "data.csv has changed"),
        (remove_data, "what lies beside the notebook has changed"),
        (add_file, "what lies beside the notebook has changed"),
        (install, "the installed packages have changed"),
    ],
)
def test_a_change_is_noticed_and_named(place: Place, change: Any, reason: str) -> None:  # noqa: ANN401  (a function)
    """Whatever the run depended on."""
    place.begin()
    change(place)
    memory = place.memory()
    assert memory.recording is None
    assert memory.reason.endswith(reason)
    assert memory.unfinished


def test_other_threads_may_give_other_digits(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build with them would differ from a run without."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    place.begin()
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    memory = place.memory()
    assert memory.recording is None
    assert memory.reason == "how many threads libraries use has changed"


def test_what_refine_has_written_beside_the_notebook_is_no_change(place: Place) -> None:
    """With ``-o .`` the project's folder is the notebook's own."""
    place.root = place.folder
    memory = place.begin()
    memory.will_write({"pipeline.yaml": "tasks: []\n", "notebooks/load.ipynb": "{}"}, [])
    for path in ("pipeline.yaml", "notebooks/load.ipynb", "build/load/df.parquet"):
        (place.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (place.folder / path).write_text("tasks: []\n")
    assert place.memory().recording is not None
    (place.folder / "notebooks" / "mine.ipynb").write_text("{}")
    assert place.memory().recording is None


def test_a_missing_executed_copy_is_left_to_who_reads_it(place: Place) -> None:
    """It says where it is missing; to ask for it is no fault yet."""
    assert place.memory(record_from=place.folder / "gone.ipynb").recording is None


@pytest.mark.parametrize("options", [{"runs": 2}, {"timeout": 5.0}, {"static": True}])
def test_another_question_is_asked_anew(place: Place, options: dict[str, Any]) -> None:
    """But how many steps are wanted does not matter to a run."""
    place.begin()
    assert place.memory(**options).recording is None
    assert place.memory(steps=3, copy_data=True).recording is not None


def test_formats_are_not_tried_twice(place: Place) -> None:
    """Neither those that were found, nor those that are not there; the file keeps them all."""
    exact = Stored(("df",), "parquet", repair=("df = df.copy()",), held=("f",), bytes=10)
    answers: dict[Request, Stored | str] = {(3, ("df",)): exact, (4, ("gen",)): "a generator"}
    asked_for: list[Request] = []

    def find(requests: Any) -> dict[Request, Stored | str]:  # noqa: ANN401  (a sequence)
        asked_for.extend(requests)
        return {each: answers[each] for each in requests}

    first = place.begin().remembering(find)
    assert first([(3, ("df",))]) == {(3, ("df",)): exact}
    again = place.memory().remembering(find)
    assert again([*answers]) == answers
    assert asked_for == [*answers]


def test_what_was_given_up_stays_given_up(place: Place) -> None:
    """For the number of steps that it was given up for, and until the work is done."""
    wishes = Wishes(bonds=(Bond(1, 4, "it failed"),), parameters=False)
    memory = place.begin()
    memory.retreated(wishes, ["all steps were joined"])
    assert place.memory().retreat(None) == (wishes, ["all steps were joined"])
    assert place.memory().retreat(3) == (Wishes(steps=3), [])
    memory.finish()
    assert place.memory().retreat(None) == (Wishes(), [])


def test_what_was_left_half_written_is_ours_unless_touched(place: Place) -> None:
    """A file that somebody changed or added since is not overwritten."""
    memory = place.begin()
    memory.will_write({"pipeline.yaml": "tasks: []\n", "notebooks/load.ipynb": "{}"}, ["data"])
    assert place.memory().owns_all()
    (place.root / "pipeline.yaml").write_text("tasks: []\n")
    (place.root / "data").mkdir()
    (place.root / "data" / "a.csv").write_text("copied\n")
    assert place.memory().left_over() == {"pipeline.yaml"}
    assert place.memory().owns_all()
    (place.root / "mine.txt").write_text("note\n")
    assert not place.memory().owns_all()
    (place.root / "mine.txt").unlink()
    (place.root / "pipeline.yaml").write_text("tasks: [edited]\n")
    assert place.memory().left_over() == frozenset()
    assert not place.memory().owns_all()


def test_a_finished_project_is_its_user_s(place: Place) -> None:
    """Nothing in it is ours any more, though its recording may be taken up with --force."""
    memory = place.begin()
    memory.will_write({"pipeline.yaml": "tasks: []\n"}, [])
    (place.root / "pipeline.yaml").write_text("tasks: []\n")
    memory.finish()
    again = place.memory()
    assert not again.unfinished
    assert not again.owns_all()
    assert again.left_over() == frozenset()
    assert again.recording is not None
    place.begin()  # with --force, and interrupted again
    assert place.memory().left_over() == frozenset()
    assert not place.memory().owns_all()


def test_a_folder_of_somebody_else_is_not_ours(place: Place) -> None:
    """Though it holds nothing but what builds make, or another tool keeps."""
    for name in ("build", ".nbrefine"):
        (place.root / name).mkdir(parents=True)
        (place.root / name / "ledger.db").write_text("")
    assert not place.memory().owns_all()


def test_git_takes_what_a_proof_needs_and_nothing_of_this_machine(place: Place) -> None:
    """A clone can be proved; memory, digests and what builds keep stay here."""
    place.begin()
    kept = place.root / ".nbrefine"
    (kept / "ledger.db").write_text("")
    (kept / "staging" / "load").mkdir(parents=True)
    (kept / "staging" / "load" / "df.parquet").write_text("")
    subprocess.run(["git", "init", "-q", place.root], check=True)
    command = ["git", "-C", place.root, "ls-files", "--others", "--exclude-standard"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert found == [
        ".nbrefine/.gitignore",
        ".nbrefine/files/0.csv",
        ".nbrefine/recording.json",
    ]


@pytest.mark.parametrize("damage", ["", "[]", '{"question": {}}', "{"])
def test_a_damaged_note_counts_for_nothing(place: Place, damage: str) -> None:
    """The work begins anew."""
    place.begin()
    (place.root / MEMORY).write_text(damage)
    assert place.memory().recording is None
