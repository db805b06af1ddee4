"""The files of a step are called as its parameters call them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.place.sources import find_sources, named


def test_a_file_has_one_name() -> None:
    """That of the parameter, else its own; two files of one name are told apart."""
    paths = ("data/a.csv", "b/a.csv", "Export of all (2021).csv", "src/late/__init__.py")
    assert named(paths, {"Export of all (2021).csv": "flats_csv"}) == {
        "a_csv": "data/a.csv",
        "a_csv_": "b/a.csv",
        "flats_csv": "Export of all (2021).csv",
        "late_py": "src/late/__init__.py",
    }


def test_a_file_that_shares_no_folder_with_the_project_has_its_whole_path(tmp_path: Path) -> None:
    """A path that climbs to the top would end elsewhere once the project is moved."""
    near = tmp_path / "data" / "a.csv"
    far = Path(sys.executable)
    near.parent.mkdir()
    near.write_text("a")
    folder = tmp_path / "notes"
    cell = Cell("code", "read()", index=0)
    record = CellRecord(0, files_read=(str(near), str(far)))
    recording = Recording((record,), {}, PythonFacts("", "3.11"))
    cells = gather(Notebook(folder / "n.ipynb", (cell,)), recording)
    (found,) = find_sources(cells, folder, folder / "n_pipeline").inputs.values()
    apart = os.path.commonpath([far, tmp_path]) == far.anchor
    assert found == (
        "../../data/a.csv",
        str(far) if apart else os.path.relpath(far, folder / "n_pipeline"),
    )
