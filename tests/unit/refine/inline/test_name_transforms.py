"""Inline transforms become functions, and nothing else changes."""

from __future__ import annotations

import ast
import contextlib
import io
import warnings
from typing import Any

import pandas as pd
import pytest

from nbrefine.refine.inline.name_transforms import Naming, name_transforms

PATH = "notebooks/prepare.ipynb"
OPENING = """\
import numpy as np
import pandas as pd

df = pd.DataFrame({
    "a": [1.0, 2.0, None, 4.0],
    "b": [2, 2, 5, 8],
    "k": ["x", "y", "x", "z"],
    "d": ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-03"],
})
other = pd.DataFrame({"k": ["x", "y"], "v": [10, 20]})"""


def notebook(*cells: str) -> dict[str, Any]:
    """Return a step notebook with some code cells."""
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {"nbrefine": {"origin": number}},
                "outputs": [],
                "source": source.splitlines(keepends=True),
            }
            for number, source in enumerate((OPENING, *cells))
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def named(*cells: str) -> Naming:
    return name_transforms({PATH: notebook(*cells)})


def run(content: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Run the cells; return the variables, and what each cell of the author's showed."""
    names: dict[str, Any] = {}
    shown: list[str] = []
    for cell in content["cells"]:
        body = ast.parse("".join(cell["source"])).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        out = io.StringIO()
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # pandas' own, of `inplace`
            exec(compile(ast.Module(body, []), "<cell>", "exec"), names)  # noqa: S102 - a test's cell
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)  # noqa: S307
                print(*[] if value is None else [repr(value)], end="")  # noqa: T201
        if "origin" in cell["metadata"].get("nbrefine", {}):
            shown.append(out.getvalue())
    return names, shown


def check_same(naming: Naming, *cells: str) -> dict[str, Any]:
    """Run both notebooks; they show the same, and leave the same variables."""
    before, shown_before = run(notebook(*cells))
    after, shown_after = run(naming.notebooks[PATH])
    assert shown_after == shown_before
    made = {each.name for each in naming.transforms}
    assert after.keys() - made == before.keys() - naming.gone().keys()
    frames = [name for name, value in before.items() if isinstance(value, pd.DataFrame)]
    for name in frames:
        pd.testing.assert_frame_equal(after[name], before[name])
    shared = {(a, b) for a in frames for b in frames if before[a] is before[b]}
    assert {(a, b) for a in frames for b in frames if after[a] is after[b]} == shared
    return after


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ('df["c"] = df["a"] / df["b"]', ["add_c"]),
        ('df["a"] = df["a"].fillna(0)', ["fill_a"]),
        ('df["a"] = df["a"].fillna(df["a"].mean())', ["fill_a"]),
        ('df = df.drop(columns=["d"])', ["drop_d"]),
        ('df.drop("d", axis=1, inplace=True)', ["drop_d"]),
        ('df = df.rename(columns={"a": "amount"})', ["rename_amount"]),
        ('df["b"] = df["b"].astype(float)', ["convert_b"]),
        ('df["d"] = pd.to_datetime(df["d"])', ["convert_d"]),
        ('df["k"] = df["k"].map({"x": 1, "y": 2})', ["encode_k"]),
        ('df["k"] = df["k"].str.upper()', ["clean_k"]),
        ('df = df[df["b"] > 2]', ["select_by_b"]),
        ("df.dropna(inplace=True)", ["drop_missing_rows"]),
        ('df = df.dropna(subset=["a"])', ["drop_missing_a"]),
        ('df = df.drop(labels="d", axis="columns")', ["drop_d"]),
        ('df = df.drop("d", 1) if False else df.drop(labels="d", axis=1)', []),
        ("df = df.sample(frac=1, random_state=3).reset_index(drop=True)", ["shuffle_rows"]),
        ('df = df[df["b"] > 2].reset_index(drop=True)', ["select_by_b"]),
        ('big = df.query("b > 2")', ["select_big"]),
        ('df = df.merge(other, on="k", how="left")', ["join_other"]),
        ('means = df.groupby("k", as_index=False)["a"].mean()', []),
        ('means = df.groupby("k").agg(m=("a", "mean")).reset_index()', ["aggregate_by_k"]),
        ('df = pd.get_dummies(df, columns=["k"])', ["encode_columns"]),
        ('df = df[["a", "b"]].sort_values("b", ascending=False)', ["select_a_and_b"]),
        ('df.loc[df["a"].isna(), "a"] = -1', ["set_a"]),
        ('df["b"] *= 2', ["update_b"]),
        ('del df["d"]', ["drop_d"]),
        ("df.columns = [c.upper() for c in df.columns]", ["rename_columns"]),
        ('wide = df[["a", "b"]]', ["select_wide"]),
    ],
)
def test_a_statement_becomes_a_function(cell: str, names: list[str]) -> None:
    """Each common pattern has a name, and does what it did."""
    naming = named(cell)
    assert [each.name for each in naming.transforms] == names
    if names:
        check_same(naming, cell)


@pytest.mark.parametrize(
    "cell",
    [
        "mean = df['a'].mean()",
        "a = df['a']",
        "copy = df.copy()",
        "df = df.reset_index(drop=True)",
        "df.set_index('k', inplace=True)",
        "df = df.sort_values('b', ascending=False)",
        "df.sort_index(inplace=True)",
        "alias = df",
        "df.head()",
        "print(df.shape)",
        "for c in ['a', 'b']:\n    df[c] = df[c] * 2\nprint(c)",
        "for c in ['a', 'b']:\n    df[c] = df[c] * 2\nlast = lambda: c",
        "for c in ['a', 'b']:\n    df[c] = df[c] * 2\nlocals()",
        "for c in ['a', 'b']:\n    df[c] = df[c] * 2\n    print(c)",
        "for c in ['a', 'b']:\n    df[c] = df[c] * 2\nelse:\n    df['a'] = 1",
        "for df in [df, df.copy()]:\n    df['c'] = df['a'] * 2",
        "values = df.to_numpy()",
        "both = pd.concat([df['a'], df['b']])",
        "d = {}\nd['x'] = 1",
        "df['n'] = np.random.rand(len(df))",
        "x = 3; df['c'] = df['b'] * x",
        'df["t"] = """two\nlines"""',
        "df['c'] = (y := df['b'] * 2)",
    ],
)
def test_what_is_no_transform_stays(cell: str) -> None:
    """Variables, outputs, loops that leave a variable, chance: they stay as they are."""
    assert named(cell).notebooks == {}


@pytest.mark.parametrize(
    ("cell", "name", "kind", "makes"),
    [
        (
            'for c in ["a", "b"]:\n    df[c] = df[c].fillna(0)',
            "fill_a_and_b",
            "row-wise",
            ("a", "b"),
        ),
        (
            'for c in ["a", "b"]:\n    df[c + "_x"] = df[c] * 2\n    df[f"{c}_y"] = df[c] / 2',
            "add_a_x_a_y_b_x_and_b_y",
            "row-wise",
            ("a_x", "a_y", "b_x", "b_y"),
        ),
        (
            'for c in df.select_dtypes("number").columns:\n    df[c] = df[c].fillna(df[c].mean())',
            "fill_missing_values",
            "fitted",
            (),
        ),
        ('for c in "ab":\n    df = df[df[c].notna()]', "select_rows", "reshaping", ()),
    ],
)
def test_a_loop_over_columns_is_a_function(
    cell: str, name: str, kind: str, makes: tuple[str, ...]
) -> None:
    """Its variable is gone, which nothing reads, and that is said."""
    naming = named(cell)
    (transform,) = naming.transforms
    assert (transform.name, str(transform.kind.kind), transform.makes) == (name, kind, makes)
    assert naming.gone() == {"c": f"it was the variable of a loop, which is in `{name}` now"}
    check_same(naming, cell)


def test_statements_next_to_each_other_are_one_function() -> None:
    """A run is a function; its comments go with it, and others stay."""
    cell = """\
# ratios
df["c"] = df["a"] / df["b"]   # per b
# and their logarithm
df["l"] = np.log1p(df["c"])
print(len(df))"""
    naming = named(cell)
    [transform] = naming.transforms
    assert transform.name == "add_c_and_l"
    assert "# per b\\n    # and their logarithm" in repr(transform.source)
    source = "".join(naming.notebooks[PATH]["cells"][-1]["source"])
    assert source == "# ratios\ndf = add_c_and_l(df)\nprint(len(df))"
    check_same(naming, cell)


def test_a_run_is_parted_where_its_kind_changes() -> None:
    """What serves as it is must not be mixed with what does not."""
    cell = """\
df = df.dropna()
df["c"] = df["a"] / df["b"]
df["s"] = df["c"] / df["c"].sum()"""
    naming = named(cell)
    kinds = [(each.name, str(each.kind.kind)) for each in naming.transforms]
    assert kinds == [
        ("drop_missing_rows", "reshaping"),
        ("add_c", "row-wise"),
        ("add_s", "fitted"),
    ]
    assert [each.line for each in naming.transforms] == [1, 2, 3]
    assert naming.transforms[2].kind.line == 3
    check_same(naming, cell)


def test_a_second_way_to_the_same_frame_is_numbered() -> None:
    """Its name does not say the frame twice."""
    cells = ('old = df[df["a"] > 2]', 'old = df[df["a"] >= 3]')
    names = [each.name for each in named(*cells).transforms]
    assert names == ["select_old", "select_old_2"]


def test_what_is_done_to_two_frames_alike_is_one_function() -> None:
    """Whatever they are called; what reads another column, or another variable, is another one."""
    cells = (
        "n = 2\nfirst = df.copy()\nsecond = df.copy()",
        'first.drop(labels="d", axis=1, inplace=True)',
        'second.drop(labels="d", axis=1, inplace=True)',
        'first["c"] = first["a"] * n',
        'second["c"] = second["b"] * n',
    )
    naming = named(*cells)
    names = [each.name for each in naming.transforms]
    assert names == ["drop_d", "drop_d", "add_c", "add_c_of_second"]
    sources = ["".join(cell["source"]) for cell in naming.notebooks[PATH]["cells"]]
    assert "second = drop_d(second)" in sources
    assert sum("def drop_d(" in source for source in sources) == 1
    after = check_same(naming, *cells)
    assert list(after["second"].columns) == ["a", "b", "k", "c"]


def test_a_text_that_has_a_frames_name_tells_functions_apart() -> None:
    """What differs in more than the frames' names is not one function."""
    cells = (
        "a = df.copy()\nb = df.copy()",
        'a = a.drop(columns=["a"])',
        'b = b.drop(columns=["b"])',
    )
    naming = named(*cells)
    assert [each.name for each in naming.transforms] == ["drop_a", "drop_b"]
    check_same(naming, *cells)


def test_a_frame_with_two_names_stays_one_frame() -> None:
    """What is changed in place is changed under both names, and what is not is not."""
    cells = (
        'again = df\nagain["c"] = again["b"] + 1',
        'df = df.assign(e=1)\ndf["f"] = 2',
        "again is df, list(again.columns)",
    )
    naming = named(*cells)
    after = check_same(naming, *cells)
    assert list(after["again"].columns) == ["a", "b", "k", "d", "c"]


def test_variables_become_arguments_and_constants_are_typed() -> None:
    """A function says what it takes, and of which type where the notebook shows it."""
    cell = "LIMIT = 3\nscale = len(df)\ndf['c'] = (df['b'] > LIMIT) / scale"
    naming = named(cell)
    [transform] = naming.transforms
    assert transform.arguments == ("LIMIT", "scale")
    assert "def add_c(df: pd.DataFrame, LIMIT: int, scale) -> pd.DataFrame:" in transform.source
    check_same(naming, cell)


def test_frames_beside_the_one_that_changes_are_typed() -> None:
    """What the run saw to hold nothing but frames is said to be one."""
    cell = "other = pd.DataFrame({'a': [7.0], 'b': [1]})\nboth = pd.concat([df, other])"
    naming = name_transforms({PATH: notebook(cell)}, {PATH: {"df", "other", "both"}})
    [transform] = naming.transforms
    assert "(df: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:" in transform.source
    assert "other : pd.DataFrame\n        Another table." in transform.source


def test_names_in_texts_are_arguments_too() -> None:
    """``query`` finds a variable where the function is, not where the notebook is."""
    cell = 'limit = 2\ndf = df.query("b > @limit")'
    naming = named(cell)
    assert naming.transforms[0].arguments == ("limit",)
    check_same(naming, cell)


def test_functions_of_the_notebook_are_called_unless_they_read_the_frame() -> None:
    """A function that reads a frame by its name would not see the one that is being made."""
    cell = """\
def double(values):
    return values * 2

def last():
    return df["b"].iloc[-1]

df["c"] = double(df["b"])
df["e"] = last()"""
    naming = named(cell)
    assert [each.name for each in naming.transforms] == ["add_c"]
    assert naming.transforms[0].arguments == ()
    check_same(naming, cell)


def test_a_named_lambda_is_an_argument() -> None:
    """It is a variable, and means what it means when it is called."""
    cell = 'EARLY = 3\npart = lambda h: h < EARLY\ndf["p"] = df["b"].map(part)\nEARLY = 4'
    naming = named(cell)
    assert naming.transforms[0].arguments == ("part",)
    check_same(naming, cell)


def test_what_a_cell_shows_stays() -> None:
    """The last expression is still shown, and a frame that is returned is not."""
    cells = ("df['c'] = df['b'] + 1\ndf['c'].sum()", "df = df.dropna()")
    check_same(named(*cells), *cells)


def test_the_docstring_says_what_is_read_and_made() -> None:
    """Columns, rows and the kind are to be seen without reading the code."""
    [transform] = named('df["c"] = df["a"] / df["b"]').transforms
    assert transform.reads == ("a", "b")
    assert transform.makes == ("c",)
    tree = ast.parse(transform.source).body[0]
    assert isinstance(tree, ast.FunctionDef)
    told = ast.get_docstring(tree)
    assert told is not None
    assert told.startswith("Add `c`.")
    assert "With the columns `a`, `b`; it is changed itself." in told
    [transform] = named('df = df.assign(c=df["a"])').transforms
    assert "With the column `a`.\n" in transform.source
    [transform] = named('df["a"] = df["a"].fillna(0)').transforms
    assert "With the column `a` filled.\n" in transform.source
    assert "With the column `c` added." in told
    assert "each row is made of that row alone" in told


def test_the_same_statements_are_one_function() -> None:
    """A transform that is repeated is defined once, and called twice."""
    cell = 'df["a"] = df["a"].fillna(0)'
    naming = named(cell, "df['a'].iloc[0] = None", cell)
    assert [each.name for each in naming.transforms] == ["fill_a", "fill_a"]
    text = "".join("".join(cell["source"]) for cell in naming.notebooks[PATH]["cells"])
    assert text.count("def fill_a(") == 1


def test_names_of_the_notebook_are_not_taken() -> None:
    """A function never hides a variable."""
    naming = named("add_c = 1", 'df["c"] = df["b"] + 1')
    assert naming.transforms[0].name == "add_c_2"


def test_a_notebook_without_pandas_gets_it() -> None:
    """The annotation of a frame needs a name; frames may come from a file."""
    content = notebook('df["c"] = df["b"] + 1')
    content["cells"][0]["source"] = ["from pickle import load\n", "df = load(open('f', 'rb'))"]
    naming = name_transforms({PATH: content}, {PATH: ["df"]})
    definitions = naming.notebooks[PATH]["cells"][1]
    assert definitions["metadata"]["nbrefine"]["role"] == "definitions"
    assert "".join(definitions["source"]).startswith("import pandas as pd\n\n\ndef add_c(df: pd.")


def test_an_import_in_the_same_cell_comes_too_late() -> None:
    """A function is defined before the cell that calls it, which may be the one that imports."""
    content = notebook()
    content["cells"][0]["source"] = (OPENING + '\ndf["c"] = df["b"] + 1').splitlines(keepends=True)
    naming = name_transforms({PATH: content})
    assert "".join(naming.notebooks[PATH]["cells"][0]["source"]).startswith("import pandas as pd")
    names, _ = run(naming.notebooks[PATH])
    assert list(names["df"]["c"]) == [3, 3, 6, 9]


def test_cells_that_refine_added_and_magics_are_left_alone() -> None:
    """Reading and writing is not the author's; IPython's syntax cannot be moved."""
    content = notebook('df["c"] = df["b"] + 1', '%time df["e"] = df["b"] + 1')
    content["cells"][1]["metadata"] = {"nbrefine": {"role": "read"}}
    assert name_transforms({PATH: content}).notebooks == {}


def test_the_input_is_not_changed() -> None:
    """The function is pure."""
    content = notebook('df["c"] = df["b"] + 1')
    name_transforms({PATH: content})
    assert content == notebook('df["c"] = df["b"] + 1')
