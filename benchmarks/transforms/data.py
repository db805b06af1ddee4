"""The frame that the labelled transforms are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cities", "passengers"]

ROWS = 60
NAMES = (
    "Smith, Mr. John",
    "Doe, Mrs. Jane",
    " Brown, Miss. Ann",
    "Berg, Dr. Olaf",
    "Rossi, Mr. Ugo",
)


def passengers() -> pd.DataFrame:
    """Return rows with numbers, gaps, texts, dates and categories, none of them sorted."""
    import pandas as pd  # noqa: PLC0415 - heavy

    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "age": np.round(rng.uniform(1, 90, ROWS)),
            "fare": np.round(rng.lognormal(3, 1, ROWS), 2),
            "sex": rng.choice(["male", "female"], ROWS),
            "city": rng.choice(["London", "Oslo", "Paris", "Rome"], ROWS, p=[0.4, 0.3, 0.2, 0.1]),
            "name": rng.choice(NAMES, ROWS),
            "signup": pd.Timestamp("2020-01-01")
            + pd.to_timedelta(rng.integers(0, 900, ROWS), unit="D"),
            "day": [f"2021-{m:02d}-{d:02d}" for m, d in rng.integers(1, 13, (ROWS, 2))],
            "clicks": rng.integers(0, 40, ROWS),
            "visits": rng.integers(1, 8, ROWS),
            "tags": rng.choice(["a|b", "b", "a|c|d", "d"], ROWS),
            "target": rng.integers(0, 2, ROWS),
        }
    )
    frame["grade"] = pd.Categorical(rng.choice(["low", "high"], ROWS), ["low", "mid", "high"])
    frame.loc[rng.choice(ROWS, 9, replace=False), "age"] = np.nan
    frame.loc[rng.choice(ROWS, 5, replace=False), "city"] = None
    return frame


def cities() -> pd.DataFrame:
    """Return a table with one row a city."""
    import pandas as pd  # noqa: PLC0415 - heavy

    return pd.DataFrame(
        {"city": ["London", "Oslo", "Paris", "Rome"], "population": [8.9, 0.7, 2.1, 2.8]}
    )
