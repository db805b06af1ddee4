"""A sample stands for its table: edges, rare values, missing ones, rows that belong together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbrefine.observer.call_sample import MOST_ROWS, sample


def flights(count: int = 50_000) -> pd.DataFrame:
    """A long table with a rare value, a missing one and an outlier."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "delay": rng.normal(0, 30, count).round(1),
            "origin": rng.choice(["EWR", "JFK", "LGA"], count),
            "hour": rng.integers(5, 24, count),
        }
    )
    frame.loc[count // 3, "delay"] = np.nan
    frame.loc[count // 2, "origin"] = "HPN"
    frame.loc[count // 5, "delay"] = 1300.0
    return frame


def test_few_rows_keep_what_is_rare() -> None:
    """The outlier, the missing value and the rare category are there, in the table's order."""
    frame = flights()
    copies, kept = sample({"df": frame}, [])
    part = copies["df"]
    assert kept == (len(part), len(frame))
    assert len(part) <= MOST_ROWS
    assert part["delay"].isna().any()
    assert part["delay"].max() == 1300.0
    assert set(part["origin"]) == {"EWR", "JFK", "LGA", "HPN"}
    assert part.index.is_monotonic_increasing
    pd.testing.assert_frame_equal(part, frame.loc[part.index])


@pytest.mark.parametrize("columns", [3, 64, 99, 150])
def test_a_sample_fits_into_a_fixture(tmp_path: Path, columns: int) -> None:
    """Less than 100 kB of fractions, which no format makes smaller; of small ones, all rows."""
    array = np.random.default_rng(0).normal(size=(5_000, columns))
    frame = pd.DataFrame(array).rename(columns="x{}".format)
    (table, _), (part, kept) = sample({"x": frame}, []), sample({"x": array}, [])
    table["x"].to_parquet(tmp_path / "x.parquet") if columns < 100 else table["x"].to_pickle(
        tmp_path / "x.pickle"
    )
    np.save(tmp_path / "x.npy", part["x"])
    assert all(file.stat().st_size < 100_000 for file in tmp_path.iterdir())
    assert kept is not None
    assert kept[0] > 20


def test_rows_at_and_beside_a_constant_are_kept() -> None:
    """`> 15` and `>= 15` differ on the sample if they do on the table."""
    frame = flights()
    constants = [15.0, 22.2, "HPN"]
    part = sample({"df": frame}, constants)[0]["df"]
    for constant in (15.0, 22.2):
        assert (frame["delay"] == constant).any() == (part["delay"] == constant).any()
        above = frame["delay"][frame["delay"] > constant].min()
        below = frame["delay"][frame["delay"] < constant].max()
        assert {above, below} <= set(part["delay"])


def test_tables_of_one_length_keep_the_same_rows() -> None:
    """Features and target stay together."""
    frame = flights()
    copies, _ = sample(
        {"X": frame[["hour"]], "y": frame["delay"], "a": frame["hour"].to_numpy()}, []
    )
    assert copies["X"].index.equals(copies["y"].index)
    assert copies["X"]["hour"].tolist() == copies["a"].tolist()


def test_a_lookup_keeps_the_keys_that_are_looked_up() -> None:
    """A merge of the samples still finds its rows."""
    count = 40_000
    rng = np.random.default_rng(1)
    left = pd.DataFrame({"tail": rng.integers(0, 5000, count), "x": rng.normal(size=count)})
    right = pd.DataFrame({"tail": np.arange(5000), "seats": rng.integers(50, 300, 5000)})
    copies, _ = sample({"left": left, "right": right}, [])
    merged = copies["left"].merge(copies["right"], on="tail")
    assert len(merged) >= 20


def test_nothing_done_to_a_copy_reaches_the_original() -> None:
    """Also where the table is small and kept whole, or lies in a container."""
    frame = pd.DataFrame({"a": [1, 2]})
    values = {"df": frame, "parts": {"one": frame}, "names": ["a"]}
    copies, kept = sample(values, [])
    assert kept is None
    copies["df"]["a"] = 0
    copies["parts"]["one"].loc[0, "a"] = 5
    copies["names"].append("b")
    assert frame["a"].tolist() == [1, 2]
    assert values["names"] == ["a"]


def test_tables_in_containers_are_sampled_too() -> None:
    """A dict of large tables would not fit."""
    copies, kept = sample({"raw": {"flights": flights(), "n": 3}}, [])
    assert kept is not None
    assert kept[1] == 50_000
    assert len(copies["raw"]["flights"]) == kept[0]
    assert copies["raw"]["n"] == 3
