"""What the columns of a request hold, told by the products that the pipeline has made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import FeatureTableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_ANNOTATIONS = {
    "text": "str",
    "whole": "int",
    "number": "float",
    "flag": "bool",
    "instant": "dt.datetime",
}


@dataclass(frozen=True)
class Column:
    """A column of the request.

    Parameters
    ----------
    name
        Its name.
    annotation
        What it holds, as Python.
    open
        What is to be decided; empty if nothing is.
    """

    name: str
    annotation: str
    open: str = ""


def recorded(products: Iterable[Path], names: Sequence[str]) -> tuple[Path | None, list[Column]]:
    """Find the product that holds most of the columns, and what they hold.

    Parameters
    ----------
    products
        Parquet files, the first to be made first.
    names
        The columns.

    Returns
    -------
    tuple
        The file, None where no product has any; and the columns.
    """
    import pyarrow.parquet as pq  # noqa: PLC0415  (half a second to import)

    best, most = None, 0
    for file in products:
        try:
            held = {*pq.read_schema(file).names}
        except (OSError, ValueError):
            continue
        # Of equals the latest: its rows have gone through the most of the cleaning.
        if (count := len(held.intersection(names))) and count >= most:
            best, most = file, count
    return best, _columns(best, names)


def _columns(file: Path | None, names: Sequence[str]) -> list[Column]:
    import pandas as pd  # noqa: PLC0415  (a second to import)

    from nbrefine.features.columns import kind_of  # noqa: PLC0415

    frame = pd.DataFrame() if file is None else pd.read_parquet(file)
    found = []
    for name in names:
        if name not in frame.columns:
            found.append(Column(name, "str | None", "no product holds it: say what it is"))
            continue
        values = frame[name]
        missing = " | None" if values.isna().any() else ""
        try:
            found.append(Column(name, _ANNOTATIONS[kind_of(values)] + missing))
        except FeatureTableError:
            time = pd.api.types.is_datetime64_dtype(values.dtype)
            said = "its times have no time zone" if time else f"its dtype is {values.dtype}"
            annotation = "dt.datetime" if time else "str"
            found.append(Column(name, annotation + missing, f"{said}: convert it"))
    return found
