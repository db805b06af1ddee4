"""What the benchmark of refine keeps and counts."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.refine.extracted import count_definitions, extract_figures, run_tests
from benchmarks.refine.figures import figures
from benchmarks.refine.hidden_headings import headed, without_headings
from benchmarks.refine.original import why_it_failed
from benchmarks.refine.ours import NO_MODEL, Outcome
from benchmarks.refine.rows import Failing, Headings, Row, keep, kept
from benchmarks.refine.soorgeon import Attempt
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.write.project import Environment, project_files

GOOD = Outcome(
    exit_code=0,
    message="",
    report={"steps": []},
    seconds=25.0,
    built=True,
    steps=((0, 1, 2, 3), (4, 5, 6), (7, 8, 9)),
    crossing=(1, 3, 9),
    formats={".parquet": 3, NO_MODEL: 1},
    observing=(1.0, 4.0),
)
ROW = Row("a.ipynb", 10, 5.0, GOOD, Attempt(converted=True, steps=2), hidden=Headings(2, 2, 3, 9))


def share(*rows: Row) -> float:
    """The share that the yardstick asks for."""
    found: float = figures(rows)["equal_in_3_steps"]
    return found


def test_a_row_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    """Whatever was measured before an interruption counts as if there had been none."""
    row = replace(ROW, ours=replace(GOOD, faults={3: "missing"}))
    keep(row, tmp_path)
    keep(Failing("b.ipynb", "no network"), tmp_path)
    assert kept("a.ipynb", tmp_path) == row
    assert kept("b.ipynb", tmp_path) == Failing("b.ipynb", "no network")
    assert kept("c.ipynb", tmp_path) is None


def test_equal_in_three_steps_asks_for_all_of_it() -> None:
    """Equal, three steps, none over half of the cells, three names at the median edge."""
    assert share(ROW) == 1
    assert share(replace(ROW, ours=replace(GOOD, faults={3: "missing"}))) == 0
    assert share(replace(ROW, ours=replace(GOOD, exit_code=1))) == 0
    assert share(replace(ROW, ours=replace(GOOD, steps=((0, 1, 2, 3, 4), (5, 6, 7, 8, 9))))) == 0
    uneven = ((0, 1, 2, 3, 4, 5), (6, 7), (8, 9))
    assert share(replace(ROW, ours=replace(GOOD, steps=uneven))) == 0
    assert share(replace(ROW, ours=replace(GOOD, crossing=(1, 4, 9)))) == 0


def test_small_notebooks_are_not_asked_for_three_steps() -> None:
    """With fewer than ten cells the yardstick does not count them."""
    assert figures([replace(ROW, cells=9)])["equal_in_3_steps"] is None


def test_a_difference_that_is_not_said_is_counted() -> None:
    """Exit 0 and a fault of our own finding is the worst that can be."""
    silent = replace(ROW, ours=replace(GOOD, faults={3: "shows 2 instead of 1"}))
    assert figures([silent])["silently_different"] == 1
    assert figures([silent])["equal"] == 0
    assert figures([ROW])["silently_different"] == 0


def test_ratios_and_shares_are_of_what_was_measured() -> None:
    """Three of four names are plain; a quarter of the time went into observing; twice its run."""
    found = figures([ROW])
    assert found["plain_format_share"] == 0.75
    assert found["observing_ratio_median"] == 0.25
    assert found["time_ratio_median"] == 2.0
    assert found["names_crossing_median"] == 3
    assert found["headings"] == {"notebooks": 1, "share": 1.0, "chance": 0.333}
    assert found["soorgeon"]["converted"] == 1
    assert found["soorgeon"]["equal"] == 0


def test_without_rows_there_are_no_figures() -> None:
    """Nothing measured is nothing, not zero."""
    assert figures([])["equal"] is None
    assert figures([])["headings"]["share"] is None


def test_headings_are_hidden_and_what_they_stood_before_is_known() -> None:
    """Of markdown the headings go, of all kinds; the text and the code stay."""
    sources = [
        *("# Title", "a = 1  # not one", "## Load", "b = 2", "Text\n\n### Clean\nmore", "c = 3"),
        *("Plots\n-----\n", "d = 4", "<h2>End</h2>", "", "e = 5", "Only #text\n---", "f = 6"),
    ]
    kinds = ["code" if " = " in source or not source else "markdown" for source in sources]
    cells = [Cell(kind, source) for kind, source in zip(kinds, sources, strict=True)]
    notebook = Notebook(Path("n.ipynb"), tuple(cells))
    hidden = without_headings(notebook)
    assert headed(notebook) == {1, 2, 3, 4, 5}
    assert headed(hidden) == frozenset()
    assert [cell.source for cell in hidden.cells if cell.kind == "code"] == [
        source for source in sources if " = " in source or not source
    ]
    assert [cell.source.split() for cell in hidden.cells if cell.kind == "markdown"] == [
        ["Text", "more"]
    ]


def test_only_the_author_s_definitions_are_counted() -> None:
    """What refine made a function of a run of statements is not one that the author wrote."""
    sources = [
        "def area(r):\n    return r",
        "class Ring:\n    pass",
        "x = 1",
        "if x:\n  def g(): 1",
    ]
    moved = [{"cell": 0, "name": "area"}, {"cell": 2, "name": "add_x"}, {"cell": 1, "name": "Ring"}]
    report = {"moved": moved, "left": [{"cell": 3, "name": "g"}]}
    assert count_definitions(report, sources) == (2, 3)
    assert count_definitions({}, sources) == (0, 0)


def test_shares_of_what_was_moved() -> None:
    """Each of the notebooks counts where it has something to count."""
    moved = replace(GOOD, report={"moved": ["f"]}, definitions=(3, 3), tests=(4, 4))
    half = replace(moved, definitions=(1, 3), tests=(3, 4), faults={3: "missing"})
    found = extract_figures([GOOD, moved, half])
    assert found["extract.definitions_moved"] == 0.667
    assert found["extract.notebooks_equal"] == 0.5
    assert found["extract.all_moved_and_equal"] == 0.667
    assert found["extract.tests_passed"] == 0.875
    assert extract_figures([GOOD])["extract.definitions_moved"] is None


def test_a_project_s_tests_are_run_twice(tmp_path: Path) -> None:
    """Failures count; a project without tests has none; settings around a project do not matter."""
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --of-another-project\n")
    project, python = tmp_path / "project", Path(sys.executable)
    (project / "tests").mkdir(parents=True)
    assert run_tests(project, python) == (0, 0)
    files = project_files("project", "n.ipynb", (), Environment())
    (project / "pyproject.toml").write_text(files["pyproject.toml"])
    code = "def test_a():\n    pass\n\n\ndef test_b():\n    assert 0\n"
    (project / "tests" / "test_it.py").write_text(code)
    assert run_tests(project, python) == (2, 4)


def test_the_error_is_named_whatever_follows_it() -> None:
    """A timeout ends with the cell's text, an error of the kernel is coloured."""
    late = "Traceback\n  F\nnbclient.exceptions.CellTimeoutError: after 9 s\n-----\nfit()\n"
    assert why_it_failed(late) == "nbclient.exceptions.CellTimeoutError: after 9 s"
    assert why_it_failed("a\n\x1b[31mURLError\x1b[39m: no name\n") == "URLError: no name"
    assert why_it_failed("killed\n\n") == "killed"
    assert why_it_failed("") == ""
