from __future__ import annotations

import json

import pytest

from nbrefine.notebook.document import read_notebook
from nbrefine.recording.formats import FORMATS, Stored
from nbrefine.recording.trial import Request, Trial, try_formats

CELL = """
import numpy as np, pandas as pd
from collections import defaultdict
from functools import lru_cache
from scipy import sparse as sp
from sklearn.linear_model import LinearRegression
import helpers
dated = pd.DataFrame({'a': range(5), 'b': list('xyzab')},
                     index=pd.date_range('2020', periods=5, freq='D'))
same = dated
mixed = pd.DataFrame({'l': [[1], [2]]})
twins = pd.DataFrame([[1, 2]], columns=['a', 'a'])
grid = pd.DataFrame(np.eye(3))
named, nameless = pd.Series([1, 2.5], name='s'), pd.Series([1, 2])
levels = pd.DataFrame({'x': [1, 2]}, index=pd.MultiIndex.from_tuples([('a', 1), ('b', 2)]))
array, objects = np.eye(3), np.array([1, 'a'], dtype=object)
view = array[1:]
share, count = np.float64(.1), np.int64(4)
plain, nested, pair = [1, 2.5, 'x', None], {'a': [1, {'b': True}]}, (1, 2)
by_number, unique, twice = {1: 2}, {1, 2}, [[1]] * 2
inner = [1]
holder = {'inner': inner}
matrix = sp.csr_matrix(np.eye(3))
model = LinearRegression().fit(np.eye(3), [1, 2, 3])
moment = pd.Timestamp('2020')
anonymous = lambda x: x + 1
stream = (n for n in [])
tool = helpers.Tool()
@lru_cache
def cached(n):
    return n
class Own:
    def __init__(self):
        self.kept = [1]
own = Own()
def scripted(n):
    return n + len(plain)
def square(n):
    return n * n
jobs = [square]
"""
FIRST = [
    *("dated", "mixed", "twins", "grid", "named", "nameless", "levels", "array", "objects"),
    *("share", "count", "plain", "nested", "pair", "by_number", "unique", "twice", "matrix"),
    *(
        "model",
        "moment",
        "anonymous",
        "stream",
        "tool",
        "cached",
        "own",
        "scripted",
        "jobs",
    ),
    "missing",
]
DEFINITIONS = "class Own:\n    pass\n"
SQUARE = "def square(n):\n    return n * n\n"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """All values tried in one run of a notebook."""
    folder = tmp_path_factory.mktemp("formats")
    (folder / "helpers.py").write_text("class Tool:\n    size = 3\n")
    path = folder / "n.ipynb"
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
        for source in (CELL, "plain.append(5)", "raise ValueError")
    ]
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    path.write_text(json.dumps(document))
    requests: list[Request] = [(0, (name,)) for name in FIRST]
    requests += [(0, ("dated", "same")), (0, ("array", "view")), (0, ("inner", "holder"))]
    requests += [(1, ("plain",)), (2, ("plain",))]
    definitions: dict[Request, str] = {(0, ("own",)): DEFINITIONS, (0, ("jobs",)): SQUARE}
    return try_formats(read_notebook(path), requests, folder=folder, definitions=definitions)


@pytest.mark.parametrize(
    ("names", "form", "repair"),
    [
        ("dated", "parquet", ("dated.index.freq = 'D'",)),
        ("mixed", "pandas-pickle", ()),
        ("twins", "pandas-pickle", ()),
        ("grid", "parquet", ("grid.columns = range(3)",)),
        ("named", "parquet-series", ()),
        ("nameless", "parquet-series", ("nameless.name = None",)),
        ("levels", "parquet", ()),
        ("array", "npy", ()),
        ("objects", "joblib", ()),
        ("share", "npy", ("share = share[()]",)),
        ("count", "npy", ("count = count[()]",)),
        ("plain", "json", ()),
        ("nested", "json", ()),
        ("pair", "json", ("pair = tuple(pair)",)),
        ("by_number", "joblib", ()),
        ("unique", "joblib", ()),
        ("twice", "joblib", ()),
        ("matrix", "npz", ()),
        ("model", "joblib", ()),
        ("moment", "joblib", ()),
        ("anonymous", "cloudpickle", ()),
        ("tool", "joblib", ()),
        ("own", "joblib", ()),
        ("scripted", "cloudpickle", ()),  # nothing defines it in the fresh process
        ("jobs", "joblib", ()),
        ("dated same", "parquet", ("dated.index.freq = 'D'", "same = dated")),
        ("inner holder", "pickle-bundle", ()),
    ],
)
def test_the_plainest_exact_format_is_found(
    trial: Trial, names: str, form: str, repair: tuple[str, ...]
) -> None:
    """Each value crosses in the plainest file that a fresh process reads back exactly."""
    stored = trial.stored[0, tuple(names.split())]
    assert stored is not None
    assert (stored.format, stored.repair) == (form, repair)
    assert stored.bytes > 0


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        ("stream", "stream holds something that cannot be looked into: builtins.generator"),
        ("missing", "missing is not bound"),
        ("array view", "what is read back is not what was written"),
        ("cached", "Can't get attribute 'cached'"),
    ],
)
def test_what_no_format_keeps_is_said_why(trial: Trial, names: str, reason: str) -> None:
    """Generators, views of one array, and functions that pickle by name of a step not theirs."""
    request = (0, tuple(names.split()))
    assert trial.stored[request] is None
    assert reason in trial.reasons[request]


def test_code_of_the_users_in_a_value_is_named(trial: Trial) -> None:
    """What a file holds by name has to be defined where it is read, and be the same there."""
    held = {name: trial.stored[0, (name,)] for name in ("own", "jobs", "plain")}
    assert {name: how and how.held for name, how in held.items()} == {
        "own": ("Own",),
        "jobs": ("square",),
        "plain": (),
    }
    scripted, own = trial.stored[0, ("scripted",)], held["own"]
    assert scripted is not None
    assert scripted.reads == ("len", "plain")
    assert own is not None
    assert (own.format, own.copying) == ("joblib", "cloudpickle")


def test_values_are_stored_as_they_are_after_their_cell(trial: Trial) -> None:
    """A later cell's change is in the later file."""
    first, second = trial.stored[0, ("plain",)], trial.stored[1, ("plain",)]
    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert second.bytes == first.bytes + len(", 5")


def test_a_cell_that_is_not_reached_stores_nothing(trial: Trial) -> None:
    """The last cell fails: what is asked for after it was never there."""
    assert trial.stored[2, ("plain",)] is None
    assert trial.reasons[2, ("plain",)] == "the cell was not reached"


def test_reasons_say_what_was_passed_over_and_are_the_same_in_each_run(trial: Trial) -> None:
    """Why a plainer format was not taken is kept, without addresses."""
    stored = trial.stored[0, ("twins",)]
    assert stored is not None
    assert stored.reason.startswith("parquet: ValueError: Duplicate column names found")
    reasons = [*trial.reasons.values(), *(each.reason for each in trial.stored.values() if each)]
    assert not any("0x" in reason or "nbrefine-" in reason for reason in reasons)
    assert "Can't get attribute 'cached' on the notebook" in trial.reasons[0, ("cached",)]


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_lines_are_python(form: object) -> None:
    """Each template gives lines that compile, for one name and for several."""
    fields = {"name": "a", "names": '"a": a, "b": b', "targets": "a, b", "path": "upstream['x']"}
    for line in (form.write, form.read, *form.imports):  # type: ignore[attr-defined]
        compile(line.format(**fields), "line", "exec")
