"""The faults that the benchmark puts into notebooks, and its figures."""

from __future__ import annotations

import ast

from benchmarks.notebook_tests.__main__ import figures
from benchmarks.notebook_tests.faults import faults
from benchmarks.notebook_tests.ten_steps import STEPS
from benchmarks.notebook_tests.truth import steady


def test_faults_of_all_kinds_are_found_and_are_python() -> None:
    """Each changes one cell, and no cell that sets parameters or writes products."""
    found = []
    for _, cells in STEPS.values():
        sources = ["# parameters\nn = 1", *cells]
        for fault in faults(sources, 50):
            found.append(fault)
            ast.parse(fault.source)
            assert fault.source != sources[fault.cell]
            assert "product[" not in sources[fault.cell]
            assert fault.cell > 0
    kinds = {fault.kind for fault in found}
    assert kinds == {"constant", "column", "order", "row", "label", "colour", "scale"}


def test_the_same_faults_are_chosen_each_time() -> None:
    """A run that was interrupted goes on with those that are left."""
    cells = STEPS["by_hour"][1]
    assert faults(cells, 5) == faults(cells, 5)
    assert len(faults(cells, 5)) == 5


def test_only_what_is_steady_can_tell_a_fault() -> None:
    """A cell that shows another thing in each run says nothing."""
    assert steady([{"a": "1", "b": "1"}, {"a": "1", "b": "2"}]) == {"a": "1"}


def test_figures_are_named_as_agreed() -> None:
    """Counted over the cases that could be measured."""
    tools = ("ours", "nbval", "nbval_sanitized", "pytest_notebook")
    caught = dict.fromkeys(tools, False) | {"ours": True}
    known = {
        "ten steps": {
            "refused": "",
            "alarms": {tool: [0, 2] for tool in tools} | {"ours": [0, 0], "nbval": [3, -1]},
            "cpu": {
                "ours": [10.0, 12.0, 11.0],
                "ours_in_pytest": [14.0, 13.2, 10.0],
                "nbval": [40.0, 44.0, 48.0],
            },
            "tried": ["load 0 constant", "load 1 constant", "load 2 row"],
            "faults": [{"caught": caught}, {"caught": caught | {"nbval": True}}],
        },
        "other": {"refused": "no"},
    }
    found = figures(known)
    assert found["ours.false_alarms"] == 0
    assert (found["nbval.false_alarms"], found["nbval.broken"]) == (3, 1)
    assert (found["ours.faults_caught"], found["nbval.faults_caught"]) == (1.0, 0.5)
    assert (found["faults.tried"], found["faults"]) == (3, 2)
    assert found["ours_over_nbval.cpu"] == 0.25
    assert found["ours_in_pytest_over_nbval.cpu"] == 0.3
    assert (found["cases"], found["cases.refused"]) == (1, 1)
