"""Values as Python writes them, where that gives the very same again."""

from __future__ import annotations

import math
import sys
from typing import Any

_MOST_ITEMS = 4000
_PLAIN = (bool, int, str, bytes, type(None), type(Ellipsis))


def literal(value: Any, *, exact: bool = True) -> str | None:
    """Return an expression for a plain value, or for a container of such.

    Parameters
    ----------
    value
        Anything.
    exact
        Whether numbers of numpy stay of its types; otherwise they become Python's.

    Returns
    -------
    str, optional
        Evaluated where ``np``, ``pd``, ``datetime`` and ``decimal`` are imported it gives an equal
        value of the same type. None if there is no such expression.
    """
    if type(value) in _PLAIN:
        return repr(value)
    if type(value) is float:
        return repr(value) if math.isfinite(value) else f'float("{value}")'
    if type(value) in (list, tuple, set, frozenset, dict):
        return _container(value, exact=exact)
    return _of_a_library(value, exact=exact)


def _container(value: Any, *, exact: bool) -> str | None:  # noqa: PLR0911  (one a type)
    if len(value) > _MOST_ITEMS:
        return None
    if type(value) is dict:
        pairs = [
            (literal(key, exact=exact), literal(each, exact=exact)) for key, each in value.items()
        ]
        if any(key is None or each is None for key, each in pairs):
            return None
        return "{" + ", ".join(f"{key}: {each}" for key, each in pairs) + "}"
    parts = [literal(each, exact=exact) for each in value]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if type(value) in (set, frozenset):
        inside = ", ".join(sorted(known))
        if type(value) is frozenset:
            return f"frozenset({{{inside}}})" if known else "frozenset()"
        return f"{{{inside}}}" if known else "set()"
    inside = ", ".join(known)
    if type(value) is tuple:
        return f"({inside},)" if len(known) == 1 else f"({inside})"
    return f"[{inside}]"


def _of_a_library(value: Any, *, exact: bool) -> str | None:  # noqa: PLR0911  (one a type)
    numpy, pandas = sys.modules.get("numpy"), sys.modules.get("pandas")
    if numpy is not None and isinstance(value, numpy.generic):
        if value.dtype.kind not in "biufU":
            return None
        plain = literal(value.item())
        return f"np.{type(value).__name__}({plain})" if exact else plain
    if pandas is not None:
        if value is getattr(pandas, "NaT", None):
            return "pd.NaT"
        if value is getattr(pandas, "NA", None):
            return "pd.NA"
        for name in ("Timestamp", "Timedelta", "Interval"):
            if type(value) is getattr(pandas, name, None):
                return f"pd.{value!r}"
    for module in ("datetime", "decimal"):
        if type(value).__module__ == module and module in sys.modules:
            return repr(value) if module == "datetime" else f"{module}.{value!r}"
    return value_of_range(value)


def value_of_range(value: Any) -> str | None:
    """Return an expression for a range or slice of plain numbers."""
    return repr(value) if type(value) in (range, slice) else None
