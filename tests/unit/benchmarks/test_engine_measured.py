"""What the engine's benchmark has measured is kept, for the sources that it was measured of."""

from __future__ import annotations

from pathlib import Path

from benchmarks.engine.measured import Measured, state
from benchmarks.engine.project import Shape
from benchmarks.engine.spent import Spent
from benchmarks.engine.table import figures, noop_figures


def test_a_run_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    """Unless the sources are others, or the file is damaged."""
    kept = tmp_path / "measured.json"
    first = Measured(kept, "a b")
    first.add("chain10", "scripts", Spent(1.5, 2.0))
    first.add("chain10", "scripts", Spent(1.25, 3.0))
    again = Measured(kept, "a b")
    assert again.times("chain10", "scripts") == [Spent(1.5, 2.0), Spent(1.25, 3.0)]
    assert again.times("fan10", "scripts") == []
    assert Measured(kept, "a c").times("chain10", "scripts") == []
    kept.write_text("{")
    assert Measured(kept, "a b").times("chain10", "scripts") == []


def test_sources_are_known_by_what_decides() -> None:
    """By the trees of the packages that a build goes through, and of the benchmark."""
    trees = state().split()
    assert len(trees) == len({*trees}) == 5
    assert all(len(tree) == 40 for tree in trees)


def test_figures_have_the_names_that_were_agreed_on() -> None:
    """Of a chain, and of a pipeline in which nothing is to do."""
    times = {
        "cells in one process": [Spent(2.0, 2.0)],
        "nbrefine build": [Spent(5.0, 5.0)],
        "ploomber build": [Spent(20.0, 20.0)],
    }
    again = {"nbrefine build": [Spent(0.1, 0.1)], "ploomber build": [Spent(2.0, 2.0)]}
    assert figures(Shape("chain", 10), times, again) == {
        "chain10.nbrefine_over_ploomber": 0.25,
        "chain10.overhead_cpu_s": 0.3,
        "noop10.nbrefine_cpu_s": 0.1,
        "noop10.nbrefine_over_ploomber": 0.05,
    }
    idle = {"nbrefine build": [Spent(0.5, 1.0)], "nbrefine status": [Spent(0.25, 1.0)]}
    assert noop_figures(500, idle) == {
        "noop500.nbrefine_cpu_s": 0.5,
        "noop500.status_cpu_s": 0.25,
    }
