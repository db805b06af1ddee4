"""A function is called what its author would call it: by a comment, by columns, by groups."""

from __future__ import annotations

import pytest
from tests.unit.refine.inline.test_name_transforms import check_same, named

DATES = """\
df["d"] = pd.to_datetime(df["d"])"""
PARTS = """\
df["date"] = df["d"].dt.day
df["dow"] = df["d"].dt.dayofweek
df["hour"] = df["d"].dt.hour
df["month"] = df["d"].dt.month"""


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('x = 1\n# ratios\ndf["c"] = df["a"] / df["b"]', "add_ratios"),
        ('x = 1\n# 2. Adding the ratio of both\ndf["c"] = df["a"] / df["b"]', "add_ratio_both"),
        ('x = 1\n# Drop useless columns.\ndf = df.drop(columns=["d"])', "drop_useless_columns"),
        ('x = 1\n# Missing values\ndf["a"] = df["a"].fillna(0)', "fill_missing_values"),
        ('x = 1\n# Split x and y\ndf = df.drop(columns="d")\ny = 2', "drop_d"),
        ('x = 1\n# Drop noise\ndf = df.drop(columns="d")\nlen(df)', "drop_noise"),
        ('x = 1\n# Drop noise\ndf = df.drop(columns="d")\n\ny = 2', "drop_noise"),
        ('x = 1\n# TODO ratios\ndf["c"] = df["a"] / df["b"]', "add_c"),
        ('x = 1\n# is this right?\ndf["c"] = df["a"] / df["b"]', "add_c"),
        ('x = 1\n# df["c"] = 3\ndf["c"] = df["a"] / df["b"]', "add_c"),
        ('x = 1\n# a long story, first line\n# and more\ndf["c"] = df["a"] / 2', "add_c"),
        ('x = 1\n# ratios\n\ndf["c"] = df["a"] / df["b"]', "add_c"),
        ('x = 1\n# ratios\ndf["c"] = df["a"] / 2\n# doubles\ndf["e"] = df["a"] * 2', "add_c_and_e"),
        (
            'df["t_a"] = df["a"]\ndf["t_b"] = df["b"]\ndf["t_c"] = df["b"] + 1',
            "add_t_a_t_b_and_t_c",
        ),
        (
            'df["is_a"] = df["a"] > 1\ndf["is_b"] = df["b"] > 1\ndf["is_c"] = df["b"] > 2',
            "add_is_columns",
        ),
        ('df = df.drop_duplicates("k")\ndf = df.dropna()', "drop_duplicates_and_missing"),
        ('df = df.drop_duplicates("k")\ndf = df[df["a"] > 1]', "select_by_a"),
        ('df["k"] = df["k"].str.strip()\ndf["a"] = df["a"].fillna(0)', "clean_k_and_a"),
        ('df["k"] = df["k"].fillna("x")\ndf["d"] = pd.to_datetime(df["d"])', "clean_k_and_d"),
        ('m = df.groupby("k")[["a"]].mean()', "mean_a_by_k"),
        ('df = df.replace("x", "z")', "replace_values"),
        ('df["a"] = df["a"].round()', "round_a"),
        ('df["a"] = pd.cut(df["a"], [0, 2, 9], labels=[0, 1])', "bin_a"),
        ('late = df.drop(columns="d")[df["b"] > 2]', "select_late"),
        ('df = df.drop(columns=["a", "b", "d"])', "drop_a_b_and_d"),
        ('df = df.merge(other, on="k")\ndf = df.dropna()', "join_other"),
        (
            'p = pd.DataFrame({"k": ["x"]})\ndf = df.merge(other, on="k").merge(p, on="k")',
            "join_other_and_p",
        ),
        (f'{DATES}\n{PARTS}\ndf["is_rest"] = df["d"].isin([1]) * 1', "add_d_parts"),
        ('late_df = df.query("b > 2")', "select_late"),
        ('df_late = df.query("b > 2")', "select_late"),
        ('late = df[df["b"] > 2][["a", "k"]]', "select_late"),
        ('df = df[["a", "b"]]', "select_a_and_b"),
        ("top = df.sort_values('a').head(2)", "select_top"),
        ('df.loc[df["a"] > 1, "k"] = "At Risk"', "set_k_to_at_risk"),
        ('df["% of a"] = df["a"] / 2', "add_percent_of_a"),
        ('df_numbers = df.select_dtypes(include="number")', "select_numbers"),
        ('df.loc[:, "d"] = pd.to_datetime(df["d"]).dt.strftime("%Y")', "convert_d"),
        ('m = df.groupby(["k", "b", "d"])[["a"]].agg("sum").reset_index()', "sum_a"),
        ('m = df.groupby(["k", "b", "d"]).max()', "max_by_k_and_more"),
        ('m = df.groupby("k").agg({"a": "sum"})', "sum_a_by_k"),
        (
            'm = (df.groupby("k")["a"].max() - df.groupby("k")["a"].min()).reset_index()',
            "aggregate_a_by_k",
        ),
        ('m = df[["a", "b"]] - df[["a", "b"]].shift(1)', "take_differences"),
        ('n = df[["a", "b"]].diff()', "take_differences"),
        ('m = df.groupby("k").agg({"a": pd.Series.nunique})', "distinct_a_by_k"),
        ('m = df.pivot_table(values="a", index=["k", "b", "d"])', "pivot_a"),
        ('lateAFiltered = df.query("b > 2")', "select_late_a_filtered"),
        ("df = df.dropna()\ndf = df.reset_index(drop=True)", "drop_missing_rows"),
        (
            'df["first_long"] = df["a"]\ndf["second_name"] = df["b"]\ndf["third"] = df["b"] + 1',
            "add_first_long_and_more",
        ),
        ('m = df.groupby(["k", "b"], as_index=False).agg(n=("a", "sum"))', "aggregate_by_k_and_b"),
        ('m = df.groupby(by="k")[["a", "b"]].median()', "median_by_k"),
        ("df_fill = df.ffill()", "fill_missing_values"),
        ("df_late = df.ffill()", "fill_late"),
        ("x = df.iloc[:, :-1]", "select_columns"),
        ("x = df.iloc[::2, :]", "select_rows"),
        ('pv = df.pivot_table(index="k", columns="d", values="a")', "pivot_a_by_k"),
    ],
)
def test_names(cell: str, name: str) -> None:
    naming = named(cell)
    assert [each.name for each in naming.transforms] == [name]
    check_same(naming, cell)


@pytest.mark.parametrize(
    ("estimator", "name"),
    [
        ("LabelEncoder()", "encode_k"),
        ("le", "encode_k"),
        ("label_quality", "encode_k"),
        ("StandardScaler()", "scale_k"),
        ("SimpleImputer()", "fill_k"),
        ("KBinsDiscretizer(3)", "bin_k"),
        ("thing", "transform_k"),
    ],
)
def test_an_estimator_is_told_by_its_name(estimator: str, name: str) -> None:
    """What is encoded is not scaled."""
    naming = named(f'df["k"] = {estimator}.fit_transform(df[["k"]])')
    assert [each.name for each in naming.transforms] == [name]


def test_parts_of_a_date_are_named_after_it() -> None:
    naming = named(DATES, PARTS)
    assert [each.name for each in naming.transforms] == ["convert_d", "add_d_parts"]


def test_each_argument_is_described() -> None:
    """By its value where that never changes, by its part in a join, by its name."""
    cells = (
        'limit = 3\nmap_ = dict(zip("xyz", "abc"))',
        'df["c"] = df["b"] > limit\ndf["e"] = df["k"].map(map_)',
        'df = df.merge(other, on="k", how="left")',
    )
    add, join = named(*cells).transforms
    assert "    limit : int\n        `3` in the notebook.\n" in add.source
    assert "    map_\n        What the notebook has as `map_`.\n" in add.source
    assert "    other\n        The table that is joined.\n" in join.source


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('m = df.groupby("k")[["a", "b"]].mean()', "Mean of `a`, `b` by `k`."),
        ('m = df.groupby("k").agg(m=("a", "mean"))', "Aggregate by `k`."),
        ('m = df.pivot_table(index="k", columns="d", values="a")', "Pivot `a` by `k`."),
        ("keys = [*'k']\nm = df.groupby(keys).agg(m=('a', 'mean'))", "Aggregate rows."),
    ],
)
def test_an_aggregate_says_of_what_and_by_what(cell: str, words: str) -> None:
    (transform,) = named(cell).transforms
    assert f'"""{words}' in transform.source
