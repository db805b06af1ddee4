"""Modules beside the notebook are found, copied, and named by the steps that import them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.recording.formats import Stored
from nbrefine.refine.flow.facts import CellFacts, gather
from nbrefine.refine.flow.recipes import Recipe
from nbrefine.refine.place.local_modules import (
    LocalModules,
    copied,
    find_local_modules,
    with_modules,
)
from nbrefine.refine.place.sources import find_sources
from nbrefine.refine.plan.steps import Product, Read, Step

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "helpers.py": "import numpy\nfrom deeper import change\n",
    "deeper.py": "def change():\n    import lazily\n",
    "lazily.py": "",
    "unused.py": "",
    "pack/__init__.py": "from .one import x\n",
    "pack/one.py": "from . import two\nfrom ..outside import x\n",
    "pack/two.py": "x = (\n",
    "pack/data.csv": "a\n1\n",
    "lib/far.py": "import near\n",
    "lib/near.py": "",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook's folder with modules."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def facts_of(folder: Path, *sources: str, read: tuple[str, ...] = ()) -> tuple[CellFacts, ...]:
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    files = tuple(str(folder / path) for path in read)
    records = tuple(
        CellRecord(origin, files_read=files if origin == 0 else ()) for origin in range(len(cells))
    )
    recording = Recording(records, {}, PythonFacts("python", "3.11"))
    return gather(Notebook(folder / "n.ipynb", cells), recording)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import helpers", ["deeper.py", "helpers.py", "lazily.py"]),
        ("def f():\n    from deeper import change", ["deeper.py", "lazily.py"]),
        ("from pack import two", ["pack/__init__.py", "pack/one.py", "pack/two.py"]),
        ("import pack.one as o", ["pack/__init__.py", "pack/one.py", "pack/two.py"]),
        ("import pandas", []),
        ("import far", []),
    ],
)
def test_imports_are_followed(folder: Path, code: str, found: list[str]) -> None:
    """Through modules, packages and functions; what is not there is no module of the user's."""
    modules = LocalModules(folder, (folder,))
    reached = modules.reached([ast.parse(code)])
    assert sorted(path.relative_to(folder).as_posix() for path in reached) == found


def test_a_module_that_was_read_shows_where_modules_lie(folder: Path) -> None:
    """As after `sys.path.append("lib")`, whatever way it got there."""
    cells = facts_of(folder, "import far", read=("lib/far.py", "lib/near.py", "pack/data.csv"))
    modules = find_local_modules(cells, folder)
    reached = modules.reached(facts.tree for facts in cells)
    assert reached == {folder / "lib/far.py", folder / "lib/near.py"}


def test_modules_are_copied_and_data_is_linked(folder: Path) -> None:
    """No folder is linked that the project has modules of its own in."""
    cells = facts_of(folder, "import pack", read=("pack/__init__.py", "pack/data.csv"))
    modules = find_local_modules(cells, folder)
    files = modules.reached(facts.tree for facts in cells)
    root = folder / "n_pipeline"
    assert copied(modules, files, root) == {
        path: FILES[path] for path in ("pack/__init__.py", "pack/one.py", "pack/two.py")
    }
    sources = find_sources(cells, folder, root, modules=files)
    assert sources.links == {"pack/data.csv": folder / "pack/data.csv"}
    assert copied(modules, files, folder) == {}


def test_steps_name_the_modules_that_they_import(folder: Path) -> None:
    """By their cells, by what they repeat, and by the classes of what they read."""
    cells = facts_of(folder, "import pack.two", "x = 1", "x", "x")
    modules = find_local_modules(cells, folder)
    again = Recipe(0, 1, 1, "import", "import lazily", frozenset({"lazily"}))
    product = Product("x", "build/one/x.pickle", Stored(("x",), "pickle-bundle"))
    plain = Product("y", "build/one/y.parquet", Stored(("y",), "parquet"))
    steps = (
        Step("one", "One", (0,), products=(product, plain), resources={"a_csv": "a.csv"}),
        Step("two", "Two", (1,), recipes=(again,)),
        Step("three", "Three", (2,), reads=(Read("one", product, ("x",)),)),
        Step("four", "Four", (3,), reads=(Read("one", plain, ("y",)),)),
    )
    one, two, three, four = with_modules(steps, cells, modules, folder / "n_pipeline")
    pack = {
        "pack_py": "pack/__init__.py",
        "one_py": "pack/one.py",
        "two_py": "pack/two.py",
    }
    assert one.resources == {"a_csv": "a.csv", **pack}
    assert two.resources == {"lazily_py": "lazily.py"}
    assert three.resources == pack
    assert four.resources == {}
