"""Whether two results hold the same values, row by row."""

from __future__ import annotations

from typing import Any

__all__ = ["difference"]

TOLERANCE = 1e-9  # relative: sums over more rows are rounded in another order


def difference(left: Any, right: Any) -> str | None:  # noqa: ANN401 - results of any kind
    """Return what differs between two results; None if nothing does.

    Dtypes and labels of rows may differ: a column of integers becomes floats where another
    row has a gap, and rows are numbered anew. Columns and values may not.

    Parameters
    ----------
    left, right : DataFrame, Series, array, or anything
        The results.

    Returns
    -------
    str or None
        In words, for a report.
    """
    import pandas as pd  # noqa: PLC0415 - heavy

    if isinstance(left, pd.DataFrame) and isinstance(right, pd.DataFrame):
        return _of_frames(left, right)
    if isinstance(left, pd.Series) and isinstance(right, pd.Series):
        return None if _same(left, right) else "the values are not the same"
    if hasattr(left, "toarray") and hasattr(right, "toarray"):
        left, right = left.toarray(), right.toarray()
    if hasattr(left, "ndim") and hasattr(right, "ndim"):
        return _of_arrays(left, right)
    if type(left) is type(right) and isinstance(left, list):
        return None if _same(pd.Series(left), pd.Series(right)) else "the values are not the same"
    return None if type(left) is type(right) and left == right else "the values are not the same"


def _of_frames(left: Any, right: Any) -> str | None:  # noqa: ANN401 - pandas is heavy
    if list(left.columns) != list(right.columns):
        either = set(left.columns) ^ set(right.columns)
        named = ", ".join(sorted(map(str, either))[:3])
        return f"the columns are not the same ({named})" if named else "the columns are reordered"
    for place, name in enumerate(left.columns):
        if not _same(left.iloc[:, place], right.iloc[:, place]):
            return f"column `{name}` is not the same"
    return None


def _of_arrays(left: Any, right: Any) -> str | None:  # noqa: ANN401 - numpy is heavy
    import numpy as np  # noqa: PLC0415 - heavy
    import pandas as pd  # noqa: PLC0415

    left, right = np.asarray(left), np.asarray(right)
    if left.shape != right.shape:
        return f"shapes are {left.shape} and {right.shape}"
    same = _same(pd.Series(left.ravel()), pd.Series(right.ravel()))
    return None if same else "the values are not the same"


def _same(left: Any, right: Any) -> bool:  # noqa: ANN401 - series
    import numpy as np  # noqa: PLC0415 - heavy
    import pandas as pd  # noqa: PLC0415

    if len(left) != len(right):
        return False
    gaps = left.isna().to_numpy()
    if (gaps != right.isna().to_numpy()).any():
        return False
    if gaps.all():
        return True
    kept_left, kept_right = left[~gaps], right[~gaps]
    try:
        if pd.api.types.is_numeric_dtype(left) and pd.api.types.is_numeric_dtype(right):
            ours, theirs = (np.asarray(each, dtype=complex) for each in (kept_left, kept_right))
            return bool(np.allclose(ours, theirs, rtol=TOLERANCE, atol=1e-12, equal_nan=True))
        pairs = zip(kept_left.tolist(), kept_right.tolist(), strict=True)
        return all(_equal(a, b) for a, b in pairs)
    except (TypeError, ValueError):
        return bool(kept_left.astype(str).tolist() == kept_right.astype(str).tolist())


def _equal(left: Any, right: Any) -> bool:  # noqa: ANN401 - entries of any kind
    """Return whether two entries are equal; gaps within them are."""
    import numpy as np  # noqa: PLC0415 - heavy

    if isinstance(left, (tuple, list)) and type(left) is type(right):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, float) and isinstance(right, float) and np.isnan(left):
        return bool(np.isnan(right))
    return bool(np.all(left == right))
