"""Chooses hyperparameters by forward chaining: fit on the past, score on the months that follow."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from flights.model import make_model, request_frame
from flights.scores import METRICS, score

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Of the months of training: the last one to learn from, and those to score on.
CHAINS = ((4, (5, 6)), (6, (7, 8)))
# Every second flight is enough to rank candidates, at half of the time.
EVERY = 2


def candidates(**values: object) -> list[dict[str, Any]]:
    """Combine hyperparameters: a list stands for alternatives.

    Parameters
    ----------
    **values
        Values, or lists of values, by name.

    Returns
    -------
    list of dict
        Every combination, in the order given.
    """
    lists = [value if isinstance(value, list) else [value] for value in values.values()]
    return [dict(zip(values, choice, strict=True)) for choice in itertools.product(*lists)]


def forward_chain(
    features: pd.DataFrame,
    labels: pd.DataFrame,
    tried: Sequence[Mapping[str, Any]],
    seed: int,
) -> pd.DataFrame:
    """Score each candidate on months that it has not learnt from and that come later.

    Parameters
    ----------
    features, labels
        Of labelled flights, row by row.
    tried
        Candidates (see `candidates`).
    seed
        The model's seed.

    Returns
    -------
    pandas.DataFrame
        One row a candidate: its hyperparameters, each metric's mean over the chains, and each
        chain's log loss.
    """
    rows = []
    for candidate in tried:
        chains = [_chain(features, labels, candidate, chain, seed) for chain in CHAINS]
        means = {metric: np.mean([chain[metric] for chain in chains]) for metric in METRICS}
        each = {
            f"log_loss_until_{last}": chain["log_loss"]
            for (last, _), chain in zip(CHAINS, chains, strict=True)
        }
        rows.append({**candidate, **means, **each})
    return pd.DataFrame(rows)


def _chain(
    features: pd.DataFrame,
    labels: pd.DataFrame,
    candidate: Mapping[str, Any],
    chain: tuple[int, tuple[int, ...]],
    seed: int,
) -> dict[str, float]:
    last, following = chain
    past = features[labels["month"] <= last].iloc[::EVERY]
    then = features[labels["month"].isin(following)]
    model = make_model(candidate, seed)
    model.fit(request_frame(past), labels.loc[past.index, "late"].astype(bool))
    late = labels.loc[then.index, "late"].to_numpy(bool)
    return score(late, model.predict_proba(request_frame(then))[:, 1])


def best(table: pd.DataFrame, names: Sequence[str]) -> dict[str, Any]:
    """Take the candidate with the least log loss; of equals, the first.

    Parameters
    ----------
    table
        What `forward_chain` returned.
    names
        The hyperparameters' names.

    Returns
    -------
    dict
        Its hyperparameters, as Python's own numbers.
    """
    first = int(table["log_loss"].to_numpy().argmin())
    return {name: table[name].to_list()[first] for name in names}
