"""What training saw of each column, and what a request has that training did not."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbrefine.features.columns import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from nbrefine.features.online import LookedUp
    from nbrefine.features.view import FeatureView
    from nbrefine.serving.cells import Cells

Warned = dict[str, Any]
# A text with more values than this is a name, not a category.
MOST_VALUES = 20_000


@dataclass(frozen=True)
class Seen:
    """What training saw of a column.

    Parameters
    ----------
    missing
        Whether values were missing.
    low, high
        The least and the greatest number.
    texts
        All texts.
    """

    missing: bool
    low: float | None = None
    high: float | None = None
    texts: frozenset[str] | None = None


@dataclass(frozen=True)
class Contract:
    """What training saw of the columns of requests and of the features.

    Parameters
    ----------
    columns
        By name.
    """

    columns: Mapping[str, Seen]

    @classmethod
    def of(cls, frames: Iterable[pd.DataFrame]) -> Contract:
        """Look at what training is given.

        Parameters
        ----------
        frames
            Requests, and features; instants are not looked at, since all to come are new.
        """
        seen: dict[str, Seen] = {}
        for frame in frames:
            for name in frame.columns:
                if name not in seen and (found := _look(frame[name])) is not None:
                    seen[str(name)] = found
        return cls(seen)

    def as_json(self) -> str:
        """Write it down."""
        said = {
            name: asdict(each) | {"texts": None if each.texts is None else sorted(each.texts)}
            for name, each in self.columns.items()
        }
        return json.dumps(said, indent=1, ensure_ascii=False, sort_keys=True) + "\n"

    @classmethod
    def read(cls, file: Path) -> Contract:
        """Read what `as_json` wrote."""
        said = json.loads(file.read_bytes())
        return cls(
            {
                name: Seen(
                    each["missing"],
                    each["low"],
                    each["high"],
                    None if each["texts"] is None else frozenset(each["texts"]),
                )
                for name, each in said.items()
            }
        )


def _look(values: pd.Series) -> Seen | None:
    missing = bool(values.isna().any())
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(np.float64, na_value=np.nan)
        finite = numbers[np.isfinite(numbers)]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
        return Seen(missing, low, high)
    if isinstance(values.dtype, pd.StringDtype):
        texts = values.dropna().unique()
        known = frozenset(map(str, texts)) if len(texts) <= MOST_VALUES else None
        return Seen(missing, texts=known)
    return None


def warnings_of(
    view: FeatureView, contract: Contract, found: LookedUp, requests: Cells, features: Cells
) -> list[list[Warned]]:
    """Say of each request what training did not see, and what the store does not have.

    Parameters
    ----------
    view
        The declaration.
    contract
        What training saw.
    found
        What was looked up for them.
    requests
        What they carry.
    features
        What was made of both.

    Returns
    -------
    list of list of dict
        By request: ``kind`` (``unseen``, ``out_of_range``, ``null``, ``missing``, ``stale``), the
        column or look-up, and the value.
    """
    warned: list[list[Warned]] = [[] for _ in range(len(found.frame))]
    own = [name for name in features if name not in view.request]
    for cells, names in ((requests, view.request), (features, own)):
        for name in names:
            if (seen := contract.columns.get(name)) is not None:
                warn = _warn_of_numbers if seen.texts is None else _warn_of_texts
                warn(warned, name, cells[name], seen)
    keys = {lookup.name: lookup.key for lookup in view.lookups}
    for kind, flags in (("missing", found.missing), ("stale", found.stale)):
        for name, rows in flags.items():
            for row in np.flatnonzero(rows).tolist():
                key = {each: requests[each][row] for each in keys[name]}
                warned[row].append({"kind": kind, "lookup": name, "key": key})
    return warned


def _warn_of_texts(warned: list[list[Warned]], name: str, cells: list[Any], seen: Seen) -> None:
    for row, value in enumerate(cells):
        if value is None:
            if not seen.missing:
                warned[row].append({"kind": "null", "column": name})
        elif value not in (seen.texts or ()):
            warned[row].append({"kind": "unseen", "column": name, "value": value})


def _warn_of_numbers(warned: list[list[Warned]], name: str, cells: list[Any], seen: Seen) -> None:
    low = -math.inf if seen.low is None else seen.low
    high = math.inf if seen.high is None else seen.high
    # A loop over a few numbers costs a tenth of what NumPy takes to be called.
    for row, value in enumerate(cells):
        if value is None:
            if not seen.missing:
                warned[row].append({"kind": "null", "column": name})
        elif isinstance(value, str) or not low <= value <= high:
            # JSON has no infinity.
            plain = isinstance(value, str) or math.isfinite(value)
            said: Warned = {"value": value if plain else str(value)}
            bounds = {"low": seen.low, "high": seen.high}
            warned[row].append({"kind": "out_of_range", "column": name, **said, **bounds})


def refused(view: FeatureView, warned: list[Warned]) -> list[Warned]:
    """Return what the reviewed declaration does not let pass with a warning."""
    return [each for each in warned if _refuses(view, each)]


def _refuses(view: FeatureView, said: Warned) -> bool:
    field = view.request.get(str(said.get("column")))
    return field is not None and field.refuse and field.kind is not Kind.INSTANT
