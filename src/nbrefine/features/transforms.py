"""What is made of a request and its look-ups: the declared functions, in a Pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.errors import FeatureViewError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from sklearn.pipeline import Pipeline

    from nbrefine.features.view import FeatureView


def apply_transforms(view: FeatureView, frame: pd.DataFrame) -> pd.DataFrame:
    """Make the features of a frame.

    Parameters
    ----------
    view
        The declaration.
    frame
        ``view.columns``, such as `training_frame` returns.

    Returns
    -------
    pandas.DataFrame
        What the last transform returned.

    Raises
    ------
    FeatureViewError
        If a transform returns something else than a frame, or other rows.
    """
    for transform in view.transforms:
        frame = apply_one(transform, frame)
    return frame


def apply_one(transform: Callable[[Any], Any], frame: pd.DataFrame) -> pd.DataFrame:
    """Apply one transform, and hold it to one row a request."""
    # A transform may add columns to what it is given; the caller's frame stays as it is.
    made = transform(frame.copy(deep=False))
    name = getattr(transform, "__name__", repr(transform))
    if not hasattr(made, "columns") or not hasattr(made, "index"):
        raise FeatureViewError(f"Transform {name!r} returned {type(made).__name__}, not a frame.")
    if not made.index.equals(frame.index):
        raise FeatureViewError(
            f"Transform {name!r} returned other rows than it was given "
            f"({len(made)} for {len(frame)}).",
            hint="A transform that drops, adds or sorts rows is for the making of training data.",
        )
    result: pd.DataFrame = made
    return result


def with_estimator(view: FeatureView, estimator: Any) -> Pipeline:  # noqa: ANN401
    """Put the declared transforms in front of an estimator.

    Parameters
    ----------
    view
        The declaration.
    estimator
        A scikit-learn estimator that takes what the last transform returns. A Pipeline's steps
        are taken as they are: if it is fitted, so is the result.

    Returns
    -------
    sklearn.pipeline.Pipeline
        It takes ``view.columns``.
    """
    from sklearn.pipeline import Pipeline  # noqa: PLC0415  (a second to import)
    from sklearn.preprocessing import FunctionTransformer  # noqa: PLC0415

    made = [(_name(each), FunctionTransformer(each)) for each in view.transforms]
    own = estimator.steps if isinstance(estimator, Pipeline) else [("estimator", estimator)]
    return Pipeline([*made, *own])


def _name(transform: Callable[[Any], Any]) -> str:
    return str(getattr(transform, "__name__", "transform")).replace("__", "_").strip("_")
