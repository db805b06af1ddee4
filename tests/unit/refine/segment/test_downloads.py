"""What was fetched is kept by a step of its own."""

from __future__ import annotations

from pathlib import Path

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.draft import Wishes, make_draft
from nbrefine.refine.findings.outside import NetworkRead
from nbrefine.refine.findings.subject import Subject
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.expected import expected_formats
from nbrefine.refine.segment.downloads import needs_network, needs_of, set_apart
from nbrefine.refine.segment.segment import Boundaries, cut


def test_it_is_cut_behind_the_last_download() -> None:
    """Even in a small notebook, and though what follows looks at what was fetched."""
    sources = ("import pandas as pd", "df = fetch()", "other = fetch()", "df.head()", "y = 1")
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    records = tuple(CellRecord(origin, network=origin in {1, 2}) for origin in range(5))
    recording = Recording(records, {}, PythonFacts("", "3.11"))
    facts = gather(Notebook(Path("n.ipynb"), cells), recording)
    plain = Boundaries((0.0, 2.0, 3.0, 6.0, 2.0), (True, False, False, True, False))
    assert cut(plain, ()) == ((0, 1, 2, 3, 4),)
    assert cut(set_apart(plain, facts, build_flow(facts)), ()) == ((0, 1, 2), (3, 4))


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


BEFORE = (
    "df = pd.read_csv('a.csv')\ndf = df.dropna()",
    "df['x'] = df['a'] / df['b']\ndf['y'] = df['a'] * 2\nprint(df)",
    "names = list(df['name'])\nprint(names)\nprint(len(names))",
)
AFTER = (
    "both = df.merge(weather)\nboth = both.dropna()\nprint(both)",
    "both['z'] = both['x'] * both['t']\nprint(both)\nboth.plot()",
    "model = fit(both)\nprint(model)\nprint(model.score(both))",
)

URL = "https://example.org/w.csv"
HEAD = "import pandas as pd\nurl = '" + URL + "'"


def steps_of(*sources: str) -> list[tuple[tuple[int, ...], tuple[str, ...]]]:
    """The cells of each step, and the steps that it takes something from."""
    notebook = Notebook(
        Path("n.ipynb"), tuple(Cell("code", each, index=i) for i, each in enumerate(sources))
    )
    cells = gather(notebook, None)
    draft = make_draft(notebook, cells, Path("n_pipeline"), expected_formats(cells), Wishes())
    return [(step.cells, step.upstream) for step in draft.steps]


def test_a_download_in_the_middle_is_a_first_step_if_what_it_needs_is_constant() -> None:
    """It waits for nothing, and what changes before it does not make it run again."""
    middle = "weather = pd.read_csv(url)"
    assert steps_of(HEAD, *BEFORE, middle, *AFTER)[1:2] == [((4,), ())]


def test_what_a_download_needs_is_told() -> None:
    """A part of a step it stays, and the finding says what for."""
    sources = (HEAD, *BEFORE, "weather = pd.read_csv(url + names[0])", *AFTER)
    cells = gather(
        Notebook(Path("n.ipynb"), tuple(Cell("code", s, index=i) for i, s in enumerate(sources))),
        None,
    )
    assert needs_of(build_flow(cells), 4) == {"names": 3}
    notebook = Notebook(Path("n.ipynb"), tuple(facts.cell for facts in cells))
    subject = Subject(notebook, cells, flow=build_flow(cells))
    (finding,) = NetworkRead().check(subject)
    assert "takes `names` from cell 4" in finding.hint
