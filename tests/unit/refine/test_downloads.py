"""What was fetched is kept by a step of its own."""

from __future__ import annotations

from pathlib import Path

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.downloads import needs_network, set_apart
from nbrefine.refine.facts import gather
from nbrefine.refine.segment import Boundaries, cut


def test_it_is_cut_behind_the_last_download() -> None:
    """Even in a small notebook, and though what follows looks at what was fetched."""
    sources = ("import pandas as pd", "df = fetch()", "other = fetch()", "df.head()", "y = 1")
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    records = tuple(CellRecord(origin, network=origin in {1, 2}) for origin in range(5))
    recording = Recording(records, {}, PythonFacts("", "3.11"))
    facts = gather(Notebook(Path("n.ipynb"), cells), recording)
    plain = Boundaries((0.0, 2.0, 3.0, 6.0, 2.0), (True, False, False, True, False))
    assert cut(plain, ()) == ((0, 1, 2, 3, 4),)
    assert cut(set_apart(plain, facts), ()) == ((0, 1, 2), (3, 4))


def test_without_a_run_the_code_tells() -> None:
    """By what it calls."""
    cells = tuple(
        Cell("code", source, index=index)
        for index, source in enumerate(
            ("import requests", "r = requests.get('https://example.org/a.csv')", "x = 1")
        )
    )
    facts = gather(Notebook(Path("n.ipynb"), cells), None)
    assert [needs_network(each) for each in facts] == [False, True, False]
