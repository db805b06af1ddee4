"""The figures of the serving benchmark, and how an interrupted run goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.serving import rounds
from benchmarks.serving.figures import Measured, figures, medians


def measured(server: str, connections: int, cpu: float, throughput: float) -> Measured:
    """Return a round of requests of one row."""
    return Measured(server, connections, 1, cpu, 10.0, 20.0, 30.0 * cpu, throughput)


def test_ratios_are_ours_over_theirs() -> None:
    """Medians first, then the ratio; each other server has its own."""
    found = [
        *(measured("nbrefine", 16, cpu, 400.0) for cpu in (1.0, 2.0, 90.0)),
        *(measured("nbrefine", 1, cpu, 30.0) for cpu in (7.0, 8.0, 9.0)),
        *(measured("fastapi", 16, 20.0, each) for each in (30.0, 40.0, 50.0)),
        measured("fastapi", 1, 16.0, 25.0),
        measured("mlflow", 16, 40.0, 20.0),
        measured("mlflow", 1, 32.0, 10.0),
    ]
    said = figures(medians(found), 0.02)
    assert said["conn16.cpu_over_fastapi"] == 0.1
    assert said["conn16.throughput_over_fastapi"] == 10.0
    assert said["conn1.cpu_over_fastapi"] == 0.5
    assert said["conn1.p99_over_fastapi"] == 0.5
    assert said["conn1.cpu_over_mlflow"] == 0.25
    assert said["lookup3.cpu_ms"] == 0.02


def test_an_interrupted_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds that ended are kept, for the same servers and sources only."""
    monkeypatch.setattr(rounds, "FILE", tmp_path / "bench" / "rounds.jsonl")
    monkeypatch.setattr(rounds, "commit", lambda: "a")
    asked = {"servers": ["nbrefine"], "loads": ((1, 1, 30),)}
    assert rounds.kept(asked) == []
    rounds.begin(asked)
    first = [measured("nbrefine", 1, 2.0, 3.0)]
    rounds.keep(first)
    assert rounds.kept(asked) == [first]
    assert rounds.kept(asked | {"servers": ["fastapi"]}) == []
    monkeypatch.setattr(rounds, "commit", lambda: "b")
    assert rounds.kept(asked) == []
