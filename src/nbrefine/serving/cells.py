"""The cells of a frame as plain values: numbers in one go, since each column costs as much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd


def floats_of(frame: pd.DataFrame, names: Collection[str]) -> dict[str, list[float]]:
    """Take the columns of a frame that hold floats.

    Parameters
    ----------
    frame
        The frame.
    names
        Which columns to look at.

    Returns
    -------
    dict of str to list of float
        By name, as far as their dtype is ``float64``; missing is NaN.
    """
    chosen = [
        name
        for name, dtype in zip(frame.columns, frame.dtypes.tolist(), strict=True)
        if dtype == np.float64 and name in names
    ]
    if not chosen:
        return {}
    return dict(zip(chosen, frame[chosen].to_numpy(np.float64).T.tolist(), strict=True))
