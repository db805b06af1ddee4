"""The shorter way from a few rows of features to a prediction: known steps, without their checks.

For one row a pipeline spends its time on looking at what it is given, not on computing. Where
each of its steps is one that is known, the same is computed here by a few calls of NumPy. What is
not known is left to the pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from nbrefine.serving.flat_models import FlatModel, UncoveredError, flat_model

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Shortcut:
    """Predicts as a pipeline does, for a few rows.

    Parameters
    ----------
    steps
        What comes before the model.
    model
        The model, as flat arrays.
    """

    steps: tuple[Callable[[Any], Any], ...]
    model: FlatModel

    def prepare(self, features: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Make the numbers that the model is given, shape (rows, columns)."""
        made: Any = features
        for step in self.steps:
            made = step(made)
        found: npt.NDArray[np.float64] = made
        return found

    def predict(self, features: pd.DataFrame) -> npt.NDArray[Any]:
        """Predict.

        Parameters
        ----------
        features
            What the pipeline is given.

        Returns
        -------
        numpy.ndarray
            Probabilities, or numbers where the model knows no classes.

        Raises
        ------
        UncoveredError
            If only the pipeline can say something of these rows.
        """
        return self.model.predict(self.prepare(features))


def shortcut_of(pipeline: Pipeline) -> Shortcut:
    """Find the shorter way.

    Parameters
    ----------
    pipeline
        Fitted.

    Returns
    -------
    Shortcut
        It predicts the same, as far as it is shown (see `nbrefine.serving.equal`).

    Raises
    ------
    UncoveredError
        If a step is not known.
    """
    from sklearn import get_config  # noqa: PLC0415  (a second to import)

    if get_config()["transform_output"] != "default":
        raise UncoveredError("the project sets what transformers return")
    *before, (_, last) = pipeline.steps
    steps = [_step(each) for _, each in before if each not in (None, "passthrough")]
    names = getattr(last, "feature_names_in_", None)
    columns = None if names is None else pd.Index(names)
    return Shortcut((*steps, partial(_numbers, columns)), flat_model(last))


def _step(transformer: Any) -> Callable[[Any], Any]:  # noqa: ANN401  (an estimator)
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415  (a second to import)

    if (function := _function(transformer)) is not None:
        return function
    if type(transformer) is ColumnTransformer and not _set_output(transformer):
        parts = [
            _part(each, columns)
            for _, each, columns in transformer.transformers_
            if each != "drop" and len(columns)
        ]
        return partial(_side_by_side, parts)
    raise UncoveredError(f"the step {type(transformer).__name__} is not one that is known")


def _function(transformer: Any) -> Callable[[Any], Any] | None:  # noqa: ANN401
    """Return the function that a transformer only wraps."""
    from sklearn.preprocessing import FunctionTransformer  # noqa: PLC0415

    if type(transformer) is not FunctionTransformer or transformer.validate:
        return None
    if _set_output(transformer):
        return None
    if transformer.func is None:
        return _as_it_is
    return partial(transformer.func, **(transformer.kw_args or {}))


def _part(transformer: Any, columns: Any) -> Callable[[pd.DataFrame], Any]:  # noqa: ANN401
    from sklearn.preprocessing import OrdinalEncoder  # noqa: PLC0415

    if not isinstance(columns, list) or not all(isinstance(each, str) for each in columns):
        raise UncoveredError("columns are not chosen by a list of names")
    if transformer == "passthrough" or _function(transformer) is _as_it_is:
        return partial(_taken, columns)
    if type(transformer) is OrdinalEncoder and not _set_output(transformer):
        return partial(_encoded, _codes(transformer, columns))
    raise UncoveredError(f"the step {type(transformer).__name__} is not one that is known")


@dataclass(frozen=True)
class _Codes:
    """How an encoder numbers a column."""

    column: str
    known: dict[Hashable, float]
    missing: float
    unknown: float


def _codes(encoder: Any, columns: list[str]) -> list[_Codes]:  # noqa: ANN401  (an OrdinalEncoder)
    if encoder.handle_unknown != "use_encoded_value" or encoder.dtype != np.float64:
        raise UncoveredError("an encoder refuses what it does not know")
    if encoder.min_frequency is not None or encoder.max_categories is not None:
        raise UncoveredError("an encoder puts rare categories together")
    found = []
    for column, values in zip(columns, encoder.categories_, strict=True):
        plain = values.tolist()
        known = {value: float(code) for code, value in enumerate(plain) if not pd.isna(value)}
        knows_missing = len(known) < len(plain)
        missing = encoder.encoded_missing_value if knows_missing else encoder.unknown_value
        found.append(_Codes(column, known, float(missing), float(encoder.unknown_value)))
    return found


def _encoded(codes: list[_Codes], frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    found = [[_code(each, value) for value in frame[each.column].tolist()] for each in codes]
    return np.array(found, np.float64).T


def _code(codes: _Codes, value: Any) -> float:  # noqa: ANN401  (a cell)
    code = None if value is pd.NA else codes.known.get(value)
    if code is not None:
        return code
    return codes.missing if not isinstance(value, str) and pd.isna(value) else codes.unknown


def _taken(columns: list[str], frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    return frame[columns].to_numpy(np.float64)


def _side_by_side(parts: list[Callable[[Any], Any]], frame: pd.DataFrame) -> Any:  # noqa: ANN401
    return np.concatenate([part(frame) for part in parts], axis=1)


def _numbers(columns: pd.Index | None, made: Any) -> npt.NDArray[np.float64]:  # noqa: ANN401
    """Make numbers of what the last step made; a frame must have the columns that are known."""
    if isinstance(made, np.ndarray):
        return made
    if not isinstance(made, pd.DataFrame) or columns is None or not made.columns.equals(columns):
        raise UncoveredError("the model is given other columns than it was fitted on")
    if not all(pd.api.types.is_numeric_dtype(each) for each in made.dtypes):
        raise UncoveredError("the model is given columns that hold no numbers")
    return made.to_numpy(np.float64)


def _as_it_is(made: Any) -> Any:  # noqa: ANN401  (a frame or an array)
    return made


def _set_output(transformer: Any) -> bool:  # noqa: ANN401  (an estimator)
    said = getattr(transformer, "_sklearn_output_config", {}).get("transform")
    return said not in {None, "default"}
