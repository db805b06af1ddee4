"""Nothing that is kept tells a credential."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.recording.facts import (
    CellRecord,
    Failure,
    PythonFacts,
    Recording,
    ValueFacts,
    WrittenFile,
)
from nbrefine.refine.prove.case import StepRun
from nbrefine.refine.prove.redact import Redaction

if TYPE_CHECKING:
    from pathlib import Path

VALUE = "k3'st&Rel/9"
REDACTION = Redaction([VALUE])


def test_texts_are_masked_in_all_their_forms() -> None:
    """As Python, JSON, HTML and addresses write it, and where it is cut off."""
    for text in (VALUE, repr(VALUE), "k3&#x27;st&amp;Rel/9", "db://k3%27st%26Rel%2F9@h"):
        assert "Rel" not in REDACTION.text(text)
        assert "•••" in REDACTION.text(text)
    assert REDACTION.text("url = 'db://ada:k3'st&R...") == "url = 'db://ada:•••..."
    assert REDACTION.text("k3 is short… and") == "k3 is short… and"


def test_without_values_nothing_changes() -> None:
    """The very same objects come back."""
    recording = Recording((), {}, PythonFacts("python", "3.11"))
    assert Redaction([]).recording(recording) is recording
    assert Redaction([]).text("...") == "..."


def test_a_recording_tells_nothing(tmp_path: Path) -> None:
    """Outputs are masked, a value that shows it has the digest of the rest, a copied file goes."""
    facts = ValueFacts("builtins.str", "digest", 9, summary=repr(VALUE))
    other = ValueFacts("builtins.int", "other", 9, summary="5")
    outputs = ({"output_type": "stream", "text": f"with {VALUE}\n"},)
    cell = CellRecord(0, outputs=outputs, values={"password": facts, "n": other})
    (tmp_path / "0.ini").write_text(f"password = {VALUE}")
    (tmp_path / "1.ini").write_text("n = 5")
    files = {
        "/a/0.ini": WrittenFile("sha", 9, "0.ini"),
        "/a/1.ini": WrittenFile("sha", 5, "1.ini"),
    }
    recording = Recording(
        (cell,),
        {"password": facts},
        PythonFacts("python", "3.11"),
        reruns=(((*outputs,),),),
        rerun_finals=({"password": facts},),
        files=files,
    )
    failed = Failure(0, 1, "E", f"no {VALUE}", (f"f({VALUE!r})",))
    recording = replace(recording, failed=failed)
    redacted = REDACTION.files(REDACTION.recording(recording), tmp_path)
    assert VALUE not in repr(redacted)
    assert repr(VALUE) not in repr(redacted)
    assert redacted.cells[0].values["n"] == other
    assert redacted.final["password"].digest == 'of "•••"'
    assert [each.kept for each in redacted.files.values()] == ["", "1.ini"]
    assert [path.name for path in tmp_path.iterdir()] == ["1.ini"]
    run = REDACTION.run(StepRun(({"outputs": outputs},), {"password": facts}))
    assert run.cells == ({"outputs": redacted.cells[0].outputs},)
    assert run.values == redacted.final


def test_a_word_is_hidden_as_a_word() -> None:
    """Not within others; and no file is suspected for having it."""
    redaction = Redaction(["gopher"])
    assert redaction.text("gopher, gophers and 'gopher'") == "•••, gophers and '•••'"
    assert not redaction.holds(b"gopher")
    assert Redaction([VALUE]).holds(VALUE.encode())
