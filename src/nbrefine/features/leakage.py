"""Proves that features know nothing of what came after the time of asking, as far as data can.

Everything that became known after some instant is dealt out anew among its rows: features of
requests asked by then must not change. What the data cannot prove, that timeless tables are, is
listed; and a feature that is alone nearly as good as all together is named, because leaks are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from nbrefine.errors import FeatureProofError
from nbrefine.features.joins import training_frame
from nbrefine.features.requests import canonical_requests, require_requests
from nbrefine.features.sameness import differing
from nbrefine.features.strength import strengths
from nbrefine.features.transforms import apply_transforms
from nbrefine.features.view import ASKED_AT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.features.strength import Strength
    from nbrefine.features.view import FeatureView, Lookup

# A feature that alone reaches so much of what all reach together is too good to be true.
TOO_GOOD = 0.9
# Below this it may be a weak model that has a single weak feature.
WORTH_NAMING = 0.1


@dataclass(frozen=True)
class Leak:
    """A feature, or a look-up, that knows what it cannot.

    Parameters
    ----------
    what
        The feature or look-up.
    reason
        Why it leaks, in words.
    """

    what: str
    reason: str

    def __str__(self) -> str:
        """Say it on one line."""
        return f"{self.what}: {self.reason}"


@dataclass(frozen=True)
class LeakageProof:
    """What was tried, what leaks, and what is taken on trust.

    Parameters
    ----------
    instants
        The instants whose future was dealt out anew.
    requests
        How many requests were asked by them, in all.
    leaks
        What leaks.
    trusted
        By look-up, why its rows may be used at any time, as declared.
    strongest
        The features that are the best alone; empty without labels.
    """

    instants: tuple[pd.Timestamp, ...]
    requests: int
    leaks: tuple[Leak, ...]
    trusted: Mapping[str, str]
    strongest: tuple[Strength, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing leaks."""
        return not self.leaks

    def require(self) -> None:
        """Stop where something leaks.

        Raises
        ------
        FeatureProofError
            It names every leak, with the reason.
        """
        if not self.holds:
            said = "\n".join(map(str, self.leaks))
            raise FeatureProofError(f"Features know what cannot be known:\n{said}")


def check_leakage(
    view: FeatureView,
    requests: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    labels: pd.Series | None = None,
    *,
    instants: int = 4,
) -> LeakageProof:
    """Look for features that know what came after the time of asking.

    Parameters
    ----------
    view
        The declaration.
    requests
        Recorded requests.
    tables
        The look-up tables by name.
    labels
        What became of the requests, by their index: numbers, or one of two classes; missing where
        that is not known.
    instants
        How often the future is dealt out anew.

    Returns
    -------
    LeakageProof
        What leaks, if anything does.

    Raises
    ------
    FeatureTableError
        If requests, tables or labels are not as declared, or there are no requests.
    FeatureViewError
        If a transform returns something else than a frame, or other rows.
    """
    require_requests(requests)
    asked_at = canonical_requests(view, requests)[ASKED_AT]
    features = apply_transforms(view, training_frame(view, requests, tables))
    places = np.linspace(0, len(asked_at) - 1, instants + 2)[1:-1].astype(int)
    chosen = [pd.Timestamp(each) for each in asked_at.sort_values().iloc[places]]
    leaks: dict[str, Leak] = {}
    tried = 0
    for number, instant in enumerate(chosen):
        past = (asked_at <= instant).to_numpy()
        tried += int(past.sum())
        changed = _other_future(view, tables, instant, np.random.default_rng(number))
        found = apply_transforms(view, training_frame(view, requests[past], changed))
        for column in features.columns:
            if differing(features.loc[past, column], found[column]).any():
                reason = f"it changes with what became known after {instant}"
                leaks.setdefault(str(column), Leak(str(column), reason))
    for leak in _dated_but_timeless(view, requests, tables):
        leaks.setdefault(leak.what, leak)
    strongest = () if labels is None else strengths(features, labels.reindex(features.index))
    for each in strongest:
        if each.alone >= TOO_GOOD * each.together and each.alone >= WORTH_NAMING:
            leaks.setdefault(each.feature, Leak(each.feature, str(each)))
    trusted = {each.name: each.timeless for each in view.lookups if each.timeless}
    return LeakageProof(tuple(chosen), tried, tuple(leaks.values()), trusted, strongest)


def _other_future(
    view: FeatureView,
    tables: Mapping[str, pd.DataFrame],
    instant: pd.Timestamp,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    """Deal out anew, among the rows that became known later, all that they say."""
    changed = dict(tables)
    for relation in view.relations():
        if relation.known_at is None:
            continue
        table = changed[relation.table].reset_index(drop=True)
        later = np.flatnonzero(table[relation.known_at] > instant)
        kept = {relation.known_at, relation.at, *relation.key}
        values = [column for column in table.columns if column not in kept]
        dealt = table.copy()
        for column in values:
            taken = table[column].take(rng.permutation(later))
            dealt.loc[later, column] = taken.set_axis(later)
        changed[relation.table] = dealt
    return changed


def _dated_but_timeless(
    view: FeatureView, requests: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> Iterator[Leak]:
    """Find look-ups that are called timeless although their rows say a time after the asking."""
    frame = canonical_requests(view, requests)
    for lookup in view.lookups:
        if lookup.known_at is None:
            yield from _dated(lookup, frame, tables[lookup.table])


def _dated(lookup: Lookup, frame: pd.DataFrame, table: pd.DataFrame) -> Iterator[Leak]:
    times = [
        str(column)
        for column in table.columns
        if isinstance(table[column].dtype, pd.DatetimeTZDtype) and column not in lookup.key
    ]
    if not times:
        return
    key = list(lookup.key)
    rows = frame[[*key, ASKED_AT]].merge(table[[*key, *times]].drop_duplicates(key), on=key)
    for column in times:
        late = rows[column] > rows[ASKED_AT]
        if late.any():
            yield Leak(
                lookup.name,
                f"it is declared timeless, but in {late.mean():.0%} of the requests that find a "
                f"row of table {lookup.table!r} its {column!r} lies after the time of asking",
            )
