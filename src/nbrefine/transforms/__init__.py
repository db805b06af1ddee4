r"""What a transform of a frame may be used for: serving as it is, after fitting, or never.

    >>> from nbrefine.transforms import classify
    >>> print(classify('def fill(df):\n    return df.fillna(df.mean())'))
    fitted: line 2 `df.mean()`: the mean is taken over the batch

`classify` reads the code of a transform, and asks the data where it is given any;
`observe` collects the evidence of the data; `fitted_transformer` writes the class that
learns in ``fit`` what a fitted transform takes from its batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.lazy import lazy

if TYPE_CHECKING:
    from nbrefine.transforms.classification import classify
    from nbrefine.transforms.evidence import Evidence, observe
    from nbrefine.transforms.fitted import FittedTransformer, fitted_transformer
    from nbrefine.transforms.model import Classification, Kind

__all__ = [
    "Classification",
    "Evidence",
    "FittedTransformer",
    "Kind",
    "classify",
    "fitted_transformer",
    "observe",
]

__getattr__ = lazy(
    __name__,
    {
        "Classification": "model",
        "Evidence": "evidence",
        "FittedTransformer": "fitted",
        "Kind": "model",
        "classify": "classification",
        "fitted_transformer": "fitted",
        "observe": "evidence",
    },
)
