"""Transformers get a module of their own, with what they need and nothing else."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from nbrefine.refine.extract.extraction import Moved
from nbrefine.refine.generated_tests.calls import Outcome, RecordedCall, Value
from nbrefine.refine.generated_tests.transformers import (
    transformer_tests,
    transformers_of,
    write_module,
)

MODULE = '''\
"""Clean."""

import numpy as np
import pandas as pd

BINS = 4


def fill_age(df):
    df = df.copy()
    df["age"] = df["age"].fillna(df["age"].median())
    return df


def add_bands(df):
    return df.assign(band=pd.qcut(df["fare"], BINS, labels=False))


def add_log(df):
    return df.assign(log=np.log1p(df["fare"]))


def add_rank(df):
    return df.assign(rank=df["fare"].rank())
'''
HOME = "src/shop/cleaning.py"
NAMES = ("fill_age", "add_bands", "add_log", "add_rank")


@pytest.fixture
def moved(make_moved: Callable[..., Moved]) -> list[Moved]:
    return [make_moved(name) for name in NAMES]


def test_there_is_one_where_a_statistic_stands_for_the_rows(moved: list[Moved]) -> None:
    """Neither for what is row-wise, nor for a rank."""
    found = transformers_of(moved, {HOME: MODULE})
    assert {name: each.name for name, each in found.items()} == {
        "fill_age": "FillAge",
        "add_bands": "AddBands",
    }


def test_the_module_imports_what_its_classes_need(moved: list[Moved]) -> None:
    found = transformers_of(moved, {HOME: MODULE})
    text = write_module(found.values(), "shop")
    tree = ast.parse(text)
    imports = [
        ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imports == [
        "import pandas as pd",
        "from sklearn.base import BaseEstimator, TransformerMixin",
        "from shop.cleaning import BINS",
    ]
    assert all(len(line) <= 88 for line in text.splitlines())
    assert text.count("df = df.copy()") == 4


def test_names_that_are_taken_stay_whose_they_are(make_moved: Callable[..., Moved]) -> None:
    """Of a class, of a module, or of two functions."""
    modules = {HOME: f"{MODULE}\n\nclass FillAge:\n    pass\n"}
    taken = [make_moved("fill_age"), make_moved("FillAge", "class")]
    assert not transformers_of(taken, modules)
    twice = [make_moved("fill_age"), make_moved("fill_age")]
    assert not transformers_of(twice, modules)
    module = Moved("fill_age", "function", "shop.transformers", "n.ipynb", 0, 1)
    assert not transformers_of([module], {"src/shop/transformers.py": MODULE})


def test_a_test_s_own_names_stay_its_own(
    moved: list[Moved],
    make_record: Callable[..., RecordedCall],
    make_value: Callable[..., Value],
) -> None:
    """Whatever the function calls its frame; and lines are as long as a formatter lets them be."""
    table = make_value("pd.read_parquet(FIXTURES / 'fill_age_rows.parquet')", "frame")
    record = make_record("fill_age", {"rows": table}, Outcome(make_value("x", "frame")))
    transformer = transformers_of(moved, {HOME: MODULE})["fill_age"]
    same, alone = transformer_tests(transformer, record)
    assert same.lines == (
        "def test_fill_age_learns_what_the_function_takes():",
        '    rows_ = pd.read_parquet(FIXTURES / "fill_age_rows.parquet")',
        "",
        "    learnt = FillAge().fit_transform(rows_)",
        "",
        "    assert_frame_equal(learnt, fill_age(rows_.copy()))",
    )
    assert alone.lines[-4:] == (
        "    fitted = FillAge().fit(rows_)",
        "    rows = [fitted.transform(rows_.iloc[[place]]) for place in range(len(rows_))]",
        "",
        "    assert_frame_equal(pd.concat(rows), fitted.transform(rows_), check_dtype=False)",
    )
