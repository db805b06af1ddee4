"""The inputs of an earlier run are found by their digests, or said to be gone."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from nbrefine.engine.recorded_inputs import RecordedInputs
from nbrefine.pipeline.fingerprint import ABSENT, CHANGED_MEANWHILE
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.ledger_rows import Published, Run


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def inputs(tmp_path: Path) -> RecordedInputs:
    """Those of a project with one input, which says "old"."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "raw.csv").write_text("old")
    return RecordedInputs(Ledger(root), root / ".nbrefine" / "cache")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "again"
    target.mkdir()
    return target


def put(inputs: RecordedInputs, folder: Path, run: Run | None = None) -> str:
    return inputs.put_file("raw.csv", digest_of("old"), run, folder)


def test_an_input_that_stayed_is_taken_from_the_project(
    inputs: RecordedInputs, folder: Path
) -> None:
    """It is copied."""
    assert put(inputs, folder) == ""
    assert (folder / "raw.csv").read_text() == "old"


def test_an_input_that_changed_is_taken_from_the_cache(
    inputs: RecordedInputs, folder: Path
) -> None:
    """If its blob is what its name says."""
    (inputs.ledger.root / "raw.csv").write_text("new")
    blob = inputs.cache / "blobs" / digest_of("old")
    blob.parent.mkdir(parents=True)
    blob.write_text("tampered with")
    assert "is another now" in put(inputs, folder)
    blob.write_text("old")
    assert put(inputs, folder) == ""
    assert (folder / "raw.csv").read_text() == "old"


def test_an_input_that_is_gone_is_taken_from_the_commit(
    inputs: RecordedInputs, folder: Path
) -> None:
    """Of the run that read it; from a commit that has it otherwise it is not taken."""
    root = inputs.ledger.root
    git = ["git", "-C", str(root), "-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    commits = []
    for text in ("old", "new"):
        (root / "raw.csv").write_text(text)
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "-q", "-m", text], check=True)
        done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True)
        commits.append(done.stdout.decode().strip())
    (root / "raw.csv").unlink()
    first, second = (Run("r", 1.0, {"commit": commit}) for commit in commits)
    assert "is gone" in put(inputs, folder)
    assert "is gone" in put(inputs, folder, second)
    assert put(inputs, folder, first) == ""
    assert (folder / "raw.csv").read_text() == "old"


@pytest.mark.parametrize(
    ("digest", "said"), [(ABSENT, ""), (CHANGED_MEANWHILE, "nobody knows which state")]
)
def test_what_has_no_digest_is_not_looked_for(
    inputs: RecordedInputs, folder: Path, digest: str, said: str
) -> None:
    """A file that was not there needs nothing; one that was being written is a loss."""
    assert said in inputs.put_file("raw.csv", digest, None, folder)
    assert not [*folder.iterdir()]


def test_an_input_elsewhere_stays_where_it_is(
    inputs: RecordedInputs, folder: Path, tmp_path: Path
) -> None:
    """It is compared, and never written."""
    outside = tmp_path / "outside.csv"
    outside.write_text("old")
    assert inputs.put_file(str(outside), digest_of("old"), None, folder) == ""
    outside.write_text("new")
    assert "lies outside" in inputs.put_file(str(outside), digest_of("old"), None, folder)
    assert outside.read_text() == "new"
    assert "lies outside" in inputs.put_file("../outside.csv", digest_of("old"), None, folder)


def test_texts_that_are_not_kept_any_more_are_said(inputs: RecordedInputs, folder: Path) -> None:
    """One that the project still has as it was is taken from there."""
    root, kept = inputs.ledger.root, inputs.ledger.keep(b"x = 1")
    (root / "own.py").write_text("y = 1")
    sources = {"a.py": kept, "own.py": digest_of("y = 1"), "gone.py": digest_of("z = 1")}
    row = Published("s", "k", {}, {}, "", {}, sources=sources)
    assert inputs.put_sources(row, folder) == ["`gone.py` as it was is not kept any more"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "a.py": "x = 1",
        "own.py": "y = 1",
    }
