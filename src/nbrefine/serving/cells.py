"""The cells of a frame as plain values, in one go: column by column it costs ten times more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection


def cells_of(frame: pd.DataFrame, names: Collection[str]) -> dict[str, list[Any]]:
    """Take the cells of a frame by column.

    Parameters
    ----------
    frame
        The frame.
    names
        Which columns.

    Returns
    -------
    dict of str to list
        By name in the order of the frame: texts, numbers and flags as Python's own, instants in
        ISO 8601, None for what is missing.
    """
    values = frame.to_numpy(object)
    return {
        name: [_plain(cell) for cell in values[:, place].tolist()]
        for place, name in enumerate(frame.columns)
        if name in names
    }


def _plain(cell: Any) -> Any:  # noqa: ANN401  (a cell)
    if isinstance(cell, float):
        return cell if cell == cell else None  # noqa: PLR0124  (NaN is not itself)
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, pd.Timestamp | pd.Timedelta):
        return cell.isoformat()
    return cell.item() if isinstance(cell, np.generic) else cell
