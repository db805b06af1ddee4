"""What a recorded run says of the names of a step."""

from __future__ import annotations

import json

from nbrefine.recording.facts import CellRecord, PythonFacts, Recording, ValueFacts
from nbrefine.refine.inline.in_steps import frame_names, name_in_steps

FRAME = ValueFacts("pandas.core.frame.DataFrame", "1", 10)
NEWER = ValueFacts("pandas.DataFrame", "1", 10)
SERIES = ValueFacts("pandas.core.series.Series", "2", 10)
WARNING = {"output_type": "stream", "name": "stderr", "text": "x.py:1: Pandas4Warning: old\n"}
PATH = "notebooks/clean.ipynb"


def recording(*cells: CellRecord, **final: ValueFacts) -> Recording:
    return Recording(cells, final, PythonFacts("python", "3.11"))


def content(source: str) -> dict[str, str]:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {"nbrefine": {"origin": 3}},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return {PATH: json.dumps(notebook), "pipeline.yaml": "tasks: []\n"}


def test_a_name_holds_frames_if_it_never_held_anything_else() -> None:
    """After each cell that set it, and at the end, whatever pandas calls its frames."""
    run = recording(
        CellRecord(0, values={"a": FRAME, "b": SERIES}),
        CellRecord(1, values={"a": NEWER, "b": FRAME, "c": FRAME}),
        a=FRAME,
        b=FRAME,
    )
    assert frame_names(run) == {"a", "c"}


def test_the_run_tells_which_names_hold_frames() -> None:
    """The code alone does not show what comes out of a dictionary."""
    files = content('df["c"] = df["a"] / df["b"]')
    unchanged, nothing = name_in_steps([PATH], files, None)
    assert (unchanged, nothing.transforms) == (files, ())
    changed, naming = name_in_steps([PATH], files, recording(CellRecord(3), df=FRAME))
    assert [each.name for each in naming.transforms] == ["add_c"]
    assert "df = add_c(df)" in changed[PATH]
    assert changed["pipeline.yaml"] == files["pipeline.yaml"]


def test_a_cell_that_showed_a_warning_stays() -> None:
    """Some warnings are shown of the notebook's own code alone, not of a module's."""
    files = content('df["c"] = df["a"].dt.dayofweek')
    warned = recording(CellRecord(3, outputs=(WARNING,)), df=FRAME)
    assert name_in_steps([PATH], files, warned)[0] == files
