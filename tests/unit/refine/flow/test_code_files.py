"""Files are told from the code where no run has shown which are read and written."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.flow.code_files import SOMEWHERE, FileUse, name_files
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.place.sources import find_sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook's folder with data, and with what an earlier run of it has left."""
    for name in ("data/a.csv", "data/b.csv", "more.csv", "out/result.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x\n1\n")
    return tmp_path


def uses_of(folder: Path, *sources: str) -> list[tuple[list[str], list[str]]]:
    """What each cell reads and writes, relative to the notebook's folder."""

    def names(paths: tuple[str, ...]) -> list[str]:
        return sorted(path.removeprefix(f"{folder.resolve()}/") for path in paths)

    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    facts = gather(Notebook(folder / "a.ipynb", cells), None)
    return [(names(each.files.read), names(each.files.written)) for each in facts]


@pytest.mark.parametrize(
    ("source", "read", "written"),
    [
        ("df = pd.read_csv('more.csv')", ["more.csv"], []),
        ("df = mylib.fetch('more.csv')", ["more.csv"], []),
        ("df = pd.read_csv(Path('data') / 'a.csv')", ["data/a.csv"], []),
        ("df = pd.read_csv(os.path.join('data', 'b.csv'))", ["data/b.csv"], []),
        (
            "for f in glob.glob('data/*.csv'):\n    use(f)",
            [SOMEWHERE, "data/a.csv", "data/b.csv"],
            [],
        ),
        ("names = os.listdir('data')", ["data/a.csv", "data/b.csv"], []),
        ("df.to_csv('out/result.csv')", [], ["out/result.csv"]),
        ("with open('log.txt', 'w') as f:\n    f.write('x')", [], ["log.txt"]),
        ("joblib.dump(model, 'model.joblib')", [], ["model.joblib"]),
        ("df.to_csv(name())", [], [SOMEWHERE]),
        ("with open('a.json', 'w') as f:\n    json.dump(data, f)", [], ["a.json"]),
        ("f = open('more.csv')\ndata = json.load(f)", ["more.csv"], []),
        ("json.dump(data, other)", [], [SOMEWHERE]),
        ("os.makedirs('new', exist_ok=True)", [], []),
        ("Path('new').mkdir()", [], []),
        ("with open('a.txt', 'w') as f:\n    os.mkdir('new')", [], ["a.txt"]),
        ("!sort more.csv > sorted.csv", [SOMEWHERE], [SOMEWHERE]),
        ("print('nothing here')", [], []),
    ],
)
def test_what_a_cell_names_is_read_or_written(
    folder: Path, source: str, read: list[str], written: list[str]
) -> None:
    """What the text is given to decides; what cannot be told counts as some file."""
    found = uses_of(folder, f"import glob, json, os, joblib\nimport pandas as pd\n{source}")[0]
    assert found == (read, written)


def test_names_stand_for_the_texts_that_earlier_cells_gave_them(folder: Path) -> None:
    """Also where a path is put together from several."""
    found = uses_of(
        folder,
        "import pandas as pd\nDATA = 'data'\nOUT = 'out'",
        "RAW = f'{DATA}/a.csv'",
        "df = pd.read_csv(RAW)",
        "df.to_csv(OUT + '/new.csv')",
    )
    assert found[2] == (["data/a.csv"], [])
    assert found[3] == ([], ["out/new.csv"])


def test_a_name_that_is_bound_otherwise_stands_for_no_text(folder: Path) -> None:
    """What is written then is some file."""
    for again in (
        "for path in names():\n    pass",
        "path = names()[0]",
        "path = 'b.csv'\npath += x",
    ):
        found = uses_of(folder, "path = 'more.csv'", again, "df.to_csv(path)")
        assert found[2] == ([], [SOMEWHERE])


def test_a_folder_that_is_written_to_is_no_input(folder: Path) -> None:
    """What an earlier run of the notebook left in it would be overwritten through a link."""
    sources = ("OUT = 'out'\nos.makedirs(OUT, exist_ok=True)", "df.to_csv(f'{OUT}/{name}.csv')")
    found = uses_of(folder, f"import os\n{sources[0]}", sources[1])
    assert [read for read, _ in found] == [[], []]


def test_links_are_single_files_where_it_is_not_known_what_is_written(folder: Path) -> None:
    """Else a folder is linked as a whole, and something may be written through it."""
    sources = ["import pandas as pd\ndf = pd.read_csv('data/a.csv')"]
    for more, expected in (("", {"data"}), ("df.to_csv(name())", {"data/a.csv"})):
        cells = tuple(Cell("code", text, index=i) for i, text in enumerate([*sources, more]))
        facts = gather(Notebook(folder / "a.ipynb", cells), None)
        assert set(find_sources(facts, folder, folder / "project").links) == expected


def test_a_file_that_is_not_spelt_out_may_be_any_that_was_written() -> None:
    """So a cell that reads some file comes after all that write."""
    uses = [
        FileUse(written=("/d/a.csv",)),
        FileUse(read=(SOMEWHERE,)),
        FileUse(written=(SOMEWHERE,)),
        FileUse(read=("/d/b.csv",)),
    ]
    read = [names for names, _ in name_files(uses)]
    assert read == [
        frozenset(),
        {"<file:?>", "<file:/d/a.csv>"},
        frozenset(),
        {"<file:?>", "<file:/d/b.csv>"},
    ]
