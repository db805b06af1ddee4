"""Paths that lead out of the notebook's folder lead to the same files from the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.observer import walk
from nbrefine.observer.kinds import handler_of
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.place.relocate import Relocation, relocate
from nbrefine.refine.prove.build import BuildRun
from nbrefine.refine.prove.case import StepRun
from nbrefine.refine.prove.relocated_paths import as_before, read_paths, remember_paths

HERE = Path("/project/notebooks")
READ = (
    *("/project/data/a.csv", "/project/data/deep/b.csv", "/project/notebooks/own/c.csv"),
    "/kaggle/input/d.csv",
)


def moved(*sources: str, folder: Path = HERE) -> Relocation:
    """Relocate cells of a notebook that has read some files."""
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    records = tuple(
        CellRecord(origin, files_read=READ, files_written=("/project/out/x.csv",))
        for origin in range(len(cells))
    )
    notebook = Notebook(folder / "n.ipynb", cells)
    facts = gather(notebook, Recording(records, {}, PythonFacts("", "3.11")))
    return relocate(notebook, facts, folder / "n_pipeline")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("read('../data/a.csv')", "read('../../data/a.csv')"),
        ('read("./../data/a.csv")', 'read("../../data/a.csv")'),
        ("DATA = '../data'", "DATA = '../../data'"),
        ("DATA = '../data/'", "DATA = '../../data/'"),
        ("f = f'../data/{name}.csv'", "f = f'../../data/{name}.csv'"),
        ("f = rf'''../data/{name}'''", "f = rf'''../../data/{name}'''"),
        ("f = '../data/' + name + '.csv'", "f = '../../data/' + name + '.csv'"),
        ("f = '../' + name", "f = '../../' + name"),
        ("glob('../data/*.csv')", "glob('../../data/*.csv')"),
        ("join('..', 'data', x)", "join('../..', 'data', x)"),
        ("p = Path('..') / 'data'", "p = Path('../..') / 'data'"),
        (
            "def f(n):\n    return read(f'../data/{n}')",
            "def f(n):\n    return read(f'../../data/{n}')",
        ),
        ("ö = 'ä'; read('../data/a.csv')", "ö = 'ä'; read('../../data/a.csv')"),
        ("%time x = read('../data/a.csv')", "%time x = read('../../data/a.csv')"),
        ("save('../out/x.csv')", "save('../../out/x.csv')"),
        ("read('/project/data/a.csv')", "read('../../data/a.csv')"),
        ("read('/project/notebooks/own/c.csv')", "read('own/c.csv')"),
        ("f = f'/project/data/{name}.csv'", "f = f'../../data/{name}.csv'"),
    ],
)
def test_paths_lead_to_the_same_place(source: str, expected: str) -> None:
    """However they are put together, and wherever they stand."""
    found = moved(source)
    assert found.notebook.cells[0].source == expected
    assert found.cells[0].files.read == READ
    assert found.cells[0].cell.source == expected


@pytest.mark.parametrize(
    "source",
    [
        "read('own/c.csv')",
        "write('../gone/x.csv')",
        "print('../data/a.csv')",
        "parts = text.split('..')",
        "'..'.join(parts)",
        "x == '..'",
        "table['../data']",
        "'''../data is a folder'''",
        "text = '../data of the\\nfirst'",
        "url = 'https://example.org/../data/a.csv'",
        "read('../elsewhere/a.csv')",
        "read('/kaggle/input/d.csv')",
        "read(f'/kaggle/input/{name}.csv')",
    ],
)
def test_other_texts_stay(source: str) -> None:
    """What is no path, or leads to no file that was read."""
    found = moved(source)
    assert found.notebook.cells[0].source == source
    assert found.paths == ()


def test_it_is_known_what_changed() -> None:
    """The longest new beginning comes first, so that none hides another."""
    found = moved("read('../data/a.csv')", "read('../../project/data/a.csv')")
    assert found.paths == (("../../..", "../.."), ("../..", ".."))


def test_a_proof_tells_such_paths_the_same(tmp_path: Path) -> None:
    """In what cells show, and in variables: texts, lists of them and `Path`s."""
    paths = (("../..", ".."),)
    (tmp_path / ".nbrefine").mkdir()
    assert read_paths(tmp_path) == ()
    remember_paths(tmp_path, paths)
    assert read_paths(tmp_path) == paths
    shown = ({"data": {"text/plain": "['../../data/a.csv', 'x../../b', 1.5, '...']"}},)
    run = BuildRun({Path("a"): StepRun(({"outputs": shown, "source": "'../..'"},))})
    cell = as_before(run, paths).steps[Path("a")].cells[0]
    assert cell["source"] == "'../..'"
    assert cell["outputs"][0]["data"]["text/plain"] == "['../data/a.csv', 'x../../b', 1.5, '...']"


def test_digests_of_such_paths_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of texts that begin so."""

    def digest(value: object) -> str | None:
        return walk.Walk((), handler_of, {}, {}, 1e12).digest(value)

    pairs = [
        ("../data", "../../data"),
        ("..", "../.."),
        (["../data/a.csv", "b"], ["../../data/a.csv", "b"]),
        (Path("../data"), Path("../../data")),
        ({"path": "../data", "n": 1.5}, {"path": "../../data", "n": 1.5}),
    ]
    before = [digest(old) for old, _ in pairs]
    other = digest("../.../data")
    assert all(digest(new) != old for (_, new), old in zip(pairs, before, strict=True))
    monkeypatch.setattr(walk, "RELOCATED", [("../..", "..")])
    assert [digest(new) for _, new in pairs] == before
    assert digest("../.../data") == other


def test_two_dots_are_data_where_nothing_above_the_notebook_is_read() -> None:
    """The World Bank writes ``..`` for what is missing; files beside the notebook are no hint."""
    cells = (Cell("code", "frame = frame.replace(to_replace='..', value='')", index=0),)
    record = CellRecord(0, files_read=("/project/notebooks/own/c.csv",))
    notebook = Notebook(HERE / "n.ipynb", cells)
    facts = gather(notebook, Recording((record,), {}, PythonFacts("", "3.11")))
    assert relocate(notebook, facts, HERE / "n_pipeline").notebook is notebook


def test_a_way_out_and_back_into_the_notebooks_folder_is_a_path() -> None:
    """What is read lies beside the notebook; from a step's folder the way is another."""
    cells = (Cell("code", f"read('../{HERE.name}/own/c.csv'); folder = '../{HERE.name}'", index=0),)
    record = CellRecord(0, files_read=(f"{HERE}/own/c.csv",))
    notebook = Notebook(HERE / "n.ipynb", cells)
    facts = gather(notebook, Recording((record,), {}, PythonFacts("", "3.11")))
    found = relocate(notebook, facts, HERE / "n_pipeline").notebook.cells[0].source
    assert f"'../{HERE.name}" not in found
