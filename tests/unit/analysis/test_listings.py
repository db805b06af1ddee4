"""Cells that do nothing but list folders."""

from __future__ import annotations

import ast

import pytest

from nbrefine.analysis.listings import OWN, UNKNOWN, listed_folders
from nbrefine.notebook.syntax import to_python

KAGGLE = """\
import numpy as np # linear algebra
import pandas as pd

import os
for dirname, _, filenames in os.walk('.'):
    for filename in filenames:
        if filename.endswith('.csv'):
            print(os.path.join(dirname, filename))
"""


def listed(source: str) -> frozenset[str]:
    return listed_folders(ast.parse(to_python(source).code))


@pytest.mark.parametrize(
    "source",
    [
        "!ls",
        "%ls",
        "!ls -l *.csv | head -3",
        "files = !ls ..\nprint(len(files))",
        "import os\nos.listdir()",
        "print(os.listdir(os.getcwd()))",
        "files = [f for f in sorted(os.listdir('.')) if f.endswith('.csv')]",
        "import glob\nglob.glob('*.csv')",
        "from pathlib import Path\nlist(Path('.').glob('*.csv'))",
        "[each for each in Path.cwd().iterdir() if each.is_file()]",
        KAGGLE,
    ],
)
def test_what_only_lists_its_own_folder(source: str) -> None:
    assert listed(source) == {OWN}


@pytest.mark.parametrize(
    ("source", "folder"),
    [
        ("!ls data", "data"),
        ("!ls -R data/*.csv", "data/*.csv"),
        ("os.listdir('data')", "data"),
        ("os.listdir(folder)", None),
        ("folder = 'data'\nos.listdir(folder)", UNKNOWN),
        ("glob.glob('data/*.csv')", "data"),
        ("list(Path('/kaggle/input').iterdir())", "/kaggle/input"),
        (KAGGLE.replace("'.'", "'/kaggle/input'"), "/kaggle/input"),
    ],
)
def test_other_folders_are_named(source: str, folder: str | None) -> None:
    """What lies in them is the notebook's data."""
    assert listed(source) == (frozenset() if folder is None else {folder})


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "import os",
        "!ls && rm x",
        "!ls > files.txt",
        "!ls | xargs rm",
        "!cat a.csv",
        "!ls 'a",
        "print(os.listdir(), df.shape)",
        "os.listdir()\ndf.head()",
        "df = pd.concat(pd.read_csv(f) for f in os.listdir())",
        "os.remove('.')",
    ],
)
def test_what_does_more_lists_nothing(source: str) -> None:
    assert listed(source) == frozenset()
