"""Features declared once, in plain Python: the frame to train on, and the look-ups to serve with.

    >>> from nbrefine.features import load_view, training_frame
    >>> frame = training_frame(load_view("flights.feature_views"), requests, tables)

`load_view` reads a declaration; `training_frame` looks up, for each request, what was known when
it was asked; `apply_transforms` makes the features of that; `push` fills the online store that
serves the same look-ups; `check_serving`, `check_leakage` and `check_skew` prove what they can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.lazy import lazy

if TYPE_CHECKING:
    from nbrefine.features.declared import load_view
    from nbrefine.features.joins import training_frame
    from nbrefine.features.leakage import check_leakage
    from nbrefine.features.pushing import push
    from nbrefine.features.safety import check_serving
    from nbrefine.features.skew import check_skew
    from nbrefine.features.tables import read_tables, write_tables
    from nbrefine.features.transforms import apply_transforms, with_estimator
    from nbrefine.features.view import FeatureView, Lookup

__all__ = [
    "FeatureView",
    "Lookup",
    "apply_transforms",
    "check_leakage",
    "check_serving",
    "check_skew",
    "load_view",
    "push",
    "read_tables",
    "training_frame",
    "with_estimator",
    "write_tables",
]

__getattr__ = lazy(
    __name__,
    {
        "FeatureView": "view",
        "Lookup": "view",
        "apply_transforms": "transforms",
        "check_leakage": "leakage",
        "check_serving": "safety",
        "check_skew": "skew",
        "load_view": "declared",
        "push": "pushing",
        "read_tables": "tables",
        "training_frame": "joins",
        "with_estimator": "transforms",
        "write_tables": "tables",
    },
)
