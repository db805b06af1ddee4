"""The faults that the benchmark puts into notebooks, and its figures."""

from __future__ import annotations

import ast
import json
from pathlib import Path

from benchmarks.notebook_tests.__main__ import figures
from benchmarks.notebook_tests.faults import faults
from benchmarks.notebook_tests.ten_steps import STEPS
from benchmarks.notebook_tests.truth import first_changed, shown, steady


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


def test_few_faults_in_each_of_many_notebooks_are_of_many_kinds() -> None:
    """And what a step writes to is no column."""
    found = [fault for _, cells in STEPS.values() for fault in faults(cells, 1)]
    assert len({fault.kind for fault in found}) >= 4
    assert not any(
        "data" in fault.what for _, cells in STEPS.values() for fault in faults(cells, 50)
    )


def test_texts_are_found_in_any_quotes_and_wherever_they_label() -> None:
    """Most notebooks are written with double quotes, and label the axes rather than the plot."""
    cells = (
        'shown = data["age"].groupby(data["party"])',
        'ax.set_title("Age", fontsize=9)',
        'ax.plot(shown, color="navy", label="mean")',
    )
    made = {fault.source for fault in faults(cells, 20)}
    assert made >= {
        'shown = data["party"].groupby(data["party"])',
        'ax.set_title("Age (?)", fontsize=9)',
        'ax.plot(shown, color="black", label="mean")',
        'ax.plot(shown, color="navy", label="mean (?)")',
    }


def test_the_same_faults_are_chosen_each_time() -> None:
    """A run that was interrupted goes on with those that are left."""
    cells = STEPS["by_hour"][1]
    assert faults(cells, 5) == faults(cells, 5)
    assert len(faults(cells, 5)) == 5


def executed(tmp_path: Path, **cells: str) -> Path:
    """Write an executed notebook: a cell's name, and the table that it shows."""
    made = [
        {
            "cell_type": "code",
            "id": name,
            "outputs": [{"output_type": "execute_result", "data": {"text/html": text}}],
        }
        for name, text in cells.items()
    ]
    file = tmp_path / "executed.ipynb"
    file.write_text(json.dumps({"cells": made}))
    return file


def test_a_fault_is_told_by_the_lines_that_are_the_same_in_each_run(tmp_path: Path) -> None:
    """A table with the time of the day in it tells the faults in its other rows."""
    runs = [
        shown(executed(tmp_path, table=f"Time: {time}\nR2: 0.5", rows="x\n" * number, last="end"))
        for number, time in enumerate(("12:00:01", "12:00:09"))
    ]
    before, order = steady(runs), ["table", "rows", "last"]

    def changed(**cells: str) -> str | None:
        texts = {"table": "Time: 13:00:00\nR2: 0.5", "rows": "y", "last": "end"}
        return first_changed(executed(tmp_path, **(texts | cells)), before, order)

    assert changed() is None
    assert changed(table="Time: 13:00:00\nR2: 0.6") == "table"
    assert changed(table="Time: 13:00:00\nR2: 0.5\n") == "table"
    assert changed(last="ends") == "last"


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
