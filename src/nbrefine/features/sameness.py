"""Whether two columns hold the same values, to the last bit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd


def differing(one: pd.Series, other: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which rows of two columns differ; missing is the same as missing.

    Parameters
    ----------
    one, other
        Of the same length; they are compared row by row, whatever their indices are.

    Returns
    -------
    numpy.ndarray
        True where the values differ, or everywhere if the dtypes do.
    """
    if one.dtype != other.dtype:
        return np.ones(len(one), bool)
    gone, also_gone = one.isna().to_numpy(), other.isna().to_numpy()
    if one.dtype == np.float64:
        # Bit by bit: nought has a sign.
        bits = one.to_numpy().view(np.int64) != other.to_numpy().view(np.int64)
        return np.asarray((bits | (gone != also_gone)) & ~(gone & also_gone))
    unequal = (one.to_numpy(object) != other.to_numpy(object)) & ~gone & ~also_gone
    return np.asarray(unequal | (gone != also_gone), bool)
