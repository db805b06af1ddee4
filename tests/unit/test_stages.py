"""A long command says on stderr what it is at."""

from __future__ import annotations

import sys

import pytest

from nbrefine.cli.stages import Progress


def run_through(progress: Progress) -> None:
    for stage in ("observed", "plain 1", "something new"):
        for done in range(3):
            progress(stage, done, 2)
    progress.end()


def test_a_file_gets_one_line_a_stage(capsys: pytest.CaptureFixture[str]) -> None:
    """In words; nothing goes to stdout, which programs read."""
    run_through(Progress())
    out, err = capsys.readouterr()
    assert not out
    assert err.splitlines() == [
        "running the notebook, observed ...",
        "running it again, as it is (1) ...",
        "something new ...",
    ]


def test_a_terminal_sees_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line changes in place, and what comes next begins on a line of its own."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr("nbrefine.cli.stages.time.monotonic", lambda: float(next(clock)))
    run_through(Progress())
    lines = capsys.readouterr().err.split("\n")
    assert lines[-1] == ""
    assert lines[0].split("\r\x1b[K")[1:] == [
        "running the notebook, observed: 0 of 2",
        "running the notebook, observed: 1 of 2, about 4 s left",
        "running the notebook, observed: 2 of 2",
    ]


def test_the_time_left_is_that_of_all_stages(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run of the notebook says how long the others will take."""
    now = 0.0
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("nbrefine.cli.stages.time.monotonic", lambda: now)
    progress = Progress(["observed", "proving", "testing"])
    for stage, done, total, seconds in (
        ("observed", 0, 4, 0),
        ("observed", 1, 4, 30),
        ("observed", 4, 4, 90),
        ("plain 1", 0, 4, 10),
        ("proving", 0, 2, 0),
        ("proving", 1, 2, 90),
        ("testing", 0, 1, 110),
    ):
        now += seconds
        progress(stage, done, total)
    progress.end()
    shown = [line.rpartition("\x1b[K")[2] for line in capsys.readouterr().err.split("\r")[1:]]
    assert [line.strip().partition(", about ")[2] for line in shown] == [
        "",
        "6 min left",
        "4 min left",
        "6 min left",
        "4 min left",
        "4 min left",
        "2 min left",
    ]
