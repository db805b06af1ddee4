"""Look-up tables as Parquet files in a folder: what a pipeline's step writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from nbrefine.errors import FeatureTableError, Place
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.features.view import FeatureView


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write look-up tables.

    Parameters
    ----------
    tables
        By name.
    folder
        Where to; it is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)


def read_tables(folder: Path, view: FeatureView) -> dict[str, pd.DataFrame]:
    """Read the tables that a view looks into.

    Parameters
    ----------
    folder
        Where they are, ``NAME.parquet`` each.
    view
        The declaration.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name.

    Raises
    ------
    FeatureTableError
        If one is missing or cannot be read.
    """
    if not folder.is_dir():
        raise FeatureTableError(
            f"There is no folder {shown(folder)} with look-up tables.",
            hint="Build the pipeline's step that writes them first.",
        )
    names = dict.fromkeys(lookup.table for lookup in view.lookups)
    return {name: _read(folder / f"{name}.parquet") for name in names}


def _read(file: Path) -> pd.DataFrame:
    if not file.is_file():
        raise FeatureTableError(
            f"There is no table {file.name}.",
            where=Place(shown(file.parent)),
            hint="The step that writes the tables and the declaration must name them alike.",
        )
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        message = f"It cannot be read as Parquet: {str(error).splitlines()[0]}"
        raise FeatureTableError(message, where=Place(shown(file))) from None
