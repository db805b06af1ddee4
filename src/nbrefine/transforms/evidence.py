"""Let the data speak: run a transform on a batch, on single rows, and on the batch reordered."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from nbrefine.transforms.alikeness import difference
from nbrefine.transforms.model import Kind

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Evidence", "observe"]

Transform = Callable[[Any], Any]
BATCH = 200  # rows of the batch that the transform is run on
SINGLES = 16  # of them, run on by themselves
SEED = 20


@dataclass(frozen=True)
class Evidence:
    """What runs of a transform showed.

    Attributes
    ----------
    kind : Kind or None
        What they speak for; None where they say nothing.
    reason : str
        What was seen, for a report.
    runs : int
        How often the transform was run.
    """

    kind: Kind | None
    reason: str
    runs: int = 0


@dataclass
class _Runs:
    """A transform, run on copies and in silence, and how often it was run."""

    transform: Transform
    count: int = 0

    def __call__(self, batch: Any) -> Any:  # noqa: ANN401 - a frame, a series or an array
        self.count += 1
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            return self.transform(batch.copy())


def observe(transform: Transform, batch: Any, *, rows: int = BATCH) -> Evidence:  # noqa: ANN401
    """Run a transform on parts of a batch, and compare each row's result.

    Parameters
    ----------
    transform : callable
        Takes a batch, and returns what it makes of it. It gets copies.
    batch : DataFrame, Series or array
        Data of the kind that it is made for.
    rows : int
        At most so many rows of them are used, evenly spread.

    Returns
    -------
    Evidence
        Row-wise where each row gives the same by itself, in halves, and in another order,
        also with gaps in it; fitted where the rows stay but not their values; reshaping
        where rows go, come or are moved.
    """
    import numpy as np  # noqa: PLC0415 - heavy

    if len(batch) < 4:  # noqa: PLR2004 - nothing to compare
        return Evidence(None, "there are too few rows to tell")
    if len(batch) > rows:
        batch = _take(batch, np.unique(np.linspace(0, len(batch) - 1, rows).astype(int)))
    runs = _Runs(transform)
    try:
        kind, reason = _seen(runs, batch)
    except Exception as error:  # noqa: BLE001 - of the user's code
        part = "on a part of the data" if runs.count > 2 else "on the data"  # noqa: PLR2004
        kind, reason = None, f"it fails {part}: {_said(error)}"
    return Evidence(kind, reason, runs.count)


def _seen(runs: _Runs, batch: Any) -> tuple[Kind | None, str]:  # noqa: ANN401 - of any kind
    """Return what runs on a batch and on parts of it speak for, and why."""
    import numpy as np  # noqa: PLC0415 - heavy

    whole = runs(batch)
    if difference(whole, runs(batch)) is not None:
        return None, "two runs on the same data differ"
    changed = _rows_kept(batch, whole)
    if changed is not None:
        return Kind.RESHAPING, changed
    found = _compare(runs, batch, whole, np.random.default_rng(SEED)) or _with_gaps(runs, batch)
    if found is not None:
        return found
    return Kind.ROW_WISE, "each row gives the same by itself, in halves and in another order"


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:160]


def _take(values: Any, places: Any) -> Any:  # noqa: ANN401 - a frame, a series or an array
    return values.iloc[places] if hasattr(values, "iloc") else values[places]


def _rows_kept(batch: Any, result: Any) -> str | None:  # noqa: ANN401
    """Return why the rows of a result are not those of its batch; None if they are."""
    if not hasattr(result, "__len__") or isinstance(result, (str, dict, tuple)):
        return "what comes out is not one entry a row"
    if len(result) != len(batch):
        return f"{len(batch)} rows go in, {len(result)} come out"
    index, before = getattr(result, "index", None), getattr(batch, "index", None)
    if index is None or before is None or callable(index) or index.equals(before):
        return None
    numbered = type(index).__name__ == "RangeIndex" and index.start == 0
    if numbered or set(index).isdisjoint(before):  # numbered anew, or another column
        return None
    return "the rows come out in another order, or with other labels"


def _compare(
    runs: _Runs,
    batch: Any,  # noqa: ANN401
    whole: Any,  # noqa: ANN401
    rng: np.random.Generator,
) -> tuple[Kind, str] | None:
    """Compare parts of a batch with the whole; None if all is the same."""
    import numpy as np  # noqa: PLC0415 - heavy

    count = len(batch)
    half = count // 2
    parts: list[tuple[str, Sequence[int] | Any]] = [
        *(("by itself", [place]) for place in _spread(count)),
        ("in the first half", np.arange(half)),
        ("in the second half", np.arange(half, count)),
        ("in another order", rng.permutation(count)),
        ("backwards", np.arange(count)[::-1]),
    ]
    for name, places in parts:
        part = runs(_take(batch, places))
        if not hasattr(part, "__len__") or len(part) != len(places):
            return Kind.RESHAPING, f"the number of rows changes when they come {name}"
        differs = difference(_take(whole, places), part)
        if differs is not None:
            where = f"row {places[0]}" if len(places) == 1 else "the rows"
            return Kind.FITTED, f"{where} {name} gives another result: {differs}"
    return None


def _spread(count: int) -> list[int]:
    """Return the places of some rows, in pairs of neighbours."""
    import numpy as np  # noqa: PLC0415 - heavy

    starts = np.linspace(0, count - 1, min(SINGLES // 2, count)).astype(int)
    return sorted({int(each) for each in (*starts, *np.minimum(starts + 1, count - 1))})


def _with_gaps(runs: _Runs, batch: Any) -> tuple[Kind, str] | None:  # noqa: ANN401
    """Compare rows with gaps in them, and beside rows that are far away."""
    for name, changed in (("with gaps", _gaps(batch)), ("beside extremes", _extremes(batch))):
        if changed is None:
            continue
        try:
            whole = runs(changed)
            if _rows_kept(changed, whole) is not None:
                return Kind.RESHAPING, f"rows are dropped or moved {name}"
            for place in _spread(len(batch)):
                part = runs(_take(changed, [place]))
                differs = difference(_take(whole, [place]), part)
                if len(part) != 1 or differs is not None:
                    reason = f"row {place} {name} gives another result by itself: {differs}"
                    return Kind.FITTED, reason
        except Exception:  # noqa: BLE001, S112 - the transform is not made for such data
            continue
    return None


def _gaps(batch: Any) -> Any:  # noqa: ANN401 - a frame, a series or an array
    """Return the batch with a value missing in every third row of each column."""
    if not hasattr(batch, "iloc"):
        return None
    import numpy as np  # noqa: PLC0415 - heavy

    gaps = np.arange(len(batch)) % 3 == 0
    if not hasattr(batch, "columns"):
        return batch.mask(gaps)
    changed = batch.copy()
    for name in changed.columns:
        changed[name] = changed[name].mask(gaps)
    return changed


def _extremes(batch: Any) -> Any:  # noqa: ANN401 - a frame, a series or an array
    """Return the batch with numbers of every fourth row a thousand times as large."""
    import numpy as np  # noqa: PLC0415 - heavy

    changed = batch.copy()
    far = np.arange(len(batch)) % 4 == 1
    if hasattr(changed, "select_dtypes"):
        for name in changed.select_dtypes("number").columns:
            changed[name] = changed[name].where(~far, changed[name] * 1000)
        return changed
    return (
        changed
        if not hasattr(batch, "dtype") or batch.dtype.kind not in "fi"
        else (changed.where(~far, changed * 1000) if hasattr(changed, "where") else None)
    )
