"""Shows that the shorter way predicts what a pipeline does, to the last bit, for this very model.

It is tried on examples and, column by column, on what lies at an edge: what is missing, what was
never seen, infinities, and the borders at which trees turn, with their neighbours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbrefine.serving.flat_models import FlatModel, UncoveredError
from nbrefine.serving.loading import predict
from nbrefine.serving.shortcut import Shortcut, shortcut_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sklearn.pipeline import Pipeline

# Rows from which on a pipeline is as fast.
MOST_ROWS = 48
# How many rows with an edge are tried, roughly.
_TRIED = 4000
_UNSEEN = "\N{REPLACEMENT CHARACTER} never seen"
_ANYWHERE = (np.nan, 0.0, -0.0, -1.0, 0.5, 255.0, 256.0, 1e300, -1e300, np.inf, -np.inf)
_BORDERS = 5  # values at a border: the border, and its neighbours in two precisions
_FAILURES = (UncoveredError, ArithmeticError, LookupError, TypeError, ValueError)


class SmallBatches:
    """Predicts by the shorter way where that is shown to be the same, else by the pipeline.

    Parameters
    ----------
    pipeline
        Fitted; it takes features.
    features
        Examples of what it is given.
    """

    def __init__(self, pipeline: Pipeline, features: pd.DataFrame) -> None:
        self._pipeline = pipeline
        self._dtypes = features.dtypes.tolist()
        self._shortcut: Shortcut | None = None
        self.reason = ""
        try:
            shortcut = shortcut_of(pipeline)
            show_equal(pipeline, shortcut, features)
        except UncoveredError as error:
            self.reason = str(error)
        else:
            self._shortcut = shortcut

    @property
    def shown(self) -> bool:
        """Whether the shorter way is taken; `reason` says why not."""
        return self._shortcut is not None

    def predict(self, features: pd.DataFrame) -> npt.NDArray[Any]:
        """Predict as the pipeline does.

        Parameters
        ----------
        features
            What the last transform returned.

        Returns
        -------
        numpy.ndarray
            Probabilities, one column a class, or numbers where there are no classes.
        """
        if (
            self._shortcut is not None
            and len(features) <= MOST_ROWS
            and features.dtypes.tolist() == self._dtypes
        ):
            try:
                return self._shortcut.predict(features)
            except _FAILURES:
                # What is odd about these rows is for the pipeline to say.
                pass
        return predict(self._pipeline, features)


def show_equal(pipeline: Pipeline, shortcut: Shortcut, features: pd.DataFrame) -> None:
    """Compare both ways.

    Parameters
    ----------
    pipeline, shortcut
        What is compared.
    features
        Examples of what both are given.

    Raises
    ------
    UncoveredError
        If they differ anywhere, or it cannot be tried.
    """
    if not len(features):
        raise UncoveredError("there is no example to try it on")
    try:
        expected = predict(pipeline, features)
        alone = [shortcut.predict(features.iloc[[row]]) for row in range(len(features))]
        given = shortcut.prepare(features)
    except _FAILURES as error:
        raise UncoveredError(f"an example cannot be tried: {error}") from None
    _hold(expected, np.concatenate(alone), "an example")
    _try_columns(pipeline, shortcut, features)
    _try_borders(pipeline.steps[-1][1], shortcut.model, given)


def _hold(expected: npt.NDArray[Any], found: npt.NDArray[Any], what: str) -> None:
    """Compare bit by bit."""
    same = expected.dtype == found.dtype and expected.shape == found.shape
    if (
        not same
        or np.ascontiguousarray(expected).tobytes() != np.ascontiguousarray(found).tobytes()
    ):
        raise UncoveredError(f"flat arrays predict something else for {what}")


def _try_columns(pipeline: Pipeline, shortcut: Shortcut, features: pd.DataFrame) -> None:
    """Try features of which one is missing or was never seen."""
    odd = dict(_odd(features))
    if not odd:
        return
    together = pd.concat([*odd.values()], ignore_index=True)
    try:
        expected, found = predict(pipeline, together), shortcut.predict(together)
    except Exception:  # noqa: BLE001  (the project's code: it may refuse some of them)
        for name, rows in odd.items():
            _try_column(pipeline, shortcut, name, rows)
    else:
        _hold(expected, found, "a feature that is odd")


def _try_column(pipeline: Pipeline, shortcut: Shortcut, name: str, rows: pd.DataFrame) -> None:
    """Try one odd column; what the pipeline refuses, the shorter way must not answer."""
    try:
        found = shortcut.predict(rows)
    except _FAILURES:
        return
    try:
        expected = predict(pipeline, rows)
    except Exception as error:  # noqa: BLE001  (the project's code)
        raise UncoveredError(f"the pipeline refuses an odd {name!r}: {error}") from None
    _hold(expected, found, f"an odd {name!r}")


def _odd(features: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Make rows of which one column is odd, as far as its dtype allows."""
    for place, name in enumerate(features.columns):
        values = features[name]
        odd: list[Any] = []
        if isinstance(values.dtype, pd.StringDtype) or values.dtype == object:
            odd = [_UNSEEN, None]
        elif pd.api.types.is_float_dtype(values.dtype):
            odd = [np.nan]
        if odd:
            rows = features.iloc[[place % len(features)] * len(odd)].reset_index(drop=True)
            rows[name] = pd.Series(odd, dtype=values.dtype)
            yield str(name), rows


def _try_borders(model: Any, flat: FlatModel, given: npt.NDArray[np.float64]) -> None:  # noqa: ANN401
    rows = []
    for column in range(given.shape[1]):
        values = _edges(flat, column, _TRIED // given.shape[1])
        edged = given[np.arange(len(values)) % len(given)]
        edged[:, column] = values
        rows += [edged, *_covered(flat, given, column)]
    tried = np.concatenate(rows)
    names = getattr(model, "feature_names_in_", None)
    frame = tried if names is None else pd.DataFrame(tried, columns=names)
    try:
        parts = [flat.predict(tried[n : n + MOST_ROWS]) for n in range(0, len(tried), MOST_ROWS)]
        expected = (model.predict_proba if hasattr(model, "classes_") else model.predict)(frame)
    except _FAILURES as error:
        raise UncoveredError(f"its borders cannot be tried: {error}") from None
    _hold(expected, np.concatenate(parts), "values at its borders")


def _edges(flat: FlatModel, column: int, most: int) -> npt.NDArray[np.float64]:
    """List what lies at the edges of a column."""
    if column in flat.categories:
        known = flat.categories[column]
        return np.array([*known, max(known, default=0.0) + 1, -1.0, 0.5, np.nan])
    (seen,) = np.flatnonzero(flat.order == column)
    forest = flat.forest
    thresholds = forest.threshold[forest.feature == seen]
    borders = np.unique(thresholds[np.isfinite(thresholds)])
    if len(borders) > (count := max(most // _BORDERS, 1)):
        borders = borders[np.linspace(0, len(borders) - 1, count).astype(int)]
    single = borders.astype(np.float32)
    largest = np.float32(np.inf)
    return np.concatenate(
        [
            borders,
            np.nextafter(borders, np.inf),
            np.nextafter(borders, -np.inf),
            np.nextafter(single, largest).astype(np.float64),
            np.nextafter(single, -largest).astype(np.float64),
        ]
    )


def _covered(
    flat: FlatModel, given: npt.NDArray[np.float64], column: int
) -> Iterator[npt.NDArray[np.float64]]:
    """Make rows with values that may be refused, as far as flat arrays do not refuse them."""
    rows = given[[0] * len(_ANYWHERE)]
    rows[:, column] = _ANYWHERE
    for part in (rows, *rows[:, None]):
        try:
            flat.predict(part)
        except UncoveredError:
            continue
        yield part
        if part is rows:
            return
