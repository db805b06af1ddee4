"""Write transformers for the fitted transforms, and hold them against the transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from benchmarks.transforms.data import passengers
from nbrefine.transforms import fitted_transformer
from nbrefine.transforms.alikeness import difference
from nbrefine.transforms.running import names_for, runnable
from nbrefine.transforms.sources import load

if TYPE_CHECKING:
    from benchmarks.transforms.table import Case

__all__ = ["Outcome", "prove"]

Outcome = Literal["none", "exact", "different"]
PLACES = (0, 7, 31)  # rows that are transformed by themselves


def prove(case: Case) -> Outcome:
    """Return whether a transformer is written, and gives what the transform gives.

    On the training data all together, and on rows of them by themselves.
    """
    written = fitted_transformer(case.code)
    if written is None:
        return "none"
    names: dict[str, Any] = names_for(written.source)
    exec(written.source, names)  # noqa: S102 - what was written is run
    expected = runnable(load(case.code), {})(passengers())
    train = passengers()
    fitted = names[written.name]().fit(train)
    if difference(expected, fitted.transform(train)) is not None:
        return "different"
    for place in PLACES:
        one = fitted.transform(train.iloc[[place]])
        row = expected.iloc[[place]] if hasattr(expected, "iloc") else expected[[place]]
        if difference(row, one) is not None:
            return "different"
    return "exact"
