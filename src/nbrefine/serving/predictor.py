"""Answers requests with a model: looks up, makes features, predicts, and says what is odd."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbrefine.features.online import LookedUp, look_up
from nbrefine.features.requests import instants, request_frame, with_asked_at
from nbrefine.features.transforms import apply_transforms
from nbrefine.features.view import ASKED_AT
from nbrefine.serving.cells import cells_of
from nbrefine.serving.contract import refused, warnings_of
from nbrefine.serving.equal import SmallBatches
from nbrefine.serving.loading import predict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.features.store import OnlineStore
    from nbrefine.serving.cells import Cells
    from nbrefine.serving.contract import Warned
    from nbrefine.serving.loading import LoadedModel

Plain = dict[str, Any]


@dataclass(frozen=True)
class Answered:
    """What a batch of requests is answered.

    Parameters
    ----------
    rows
        By request: ``prediction``, ``probabilities`` where there are classes, and ``warnings``;
        or ``refused``, the warnings that the declaration does not let pass.
    requests
        What they carry, and the time of asking.
    features
        What the model was given.
    store
        The version of the online store; None for a model that looks nothing up.
    missed
        By look-up, how many requests it had nothing for.
    """

    rows: list[Plain]
    requests: Cells
    features: Cells
    store: str | None
    missed: Mapping[str, int]


class Predictor:
    """A model and the store that it looks into.

    Parameters
    ----------
    model
        The model.
    store
        The store; None for a model that looks nothing up.

    Attributes
    ----------
    not_flat
        Why a few rows are not predicted with flat arrays; empty where they are.
    """

    def __init__(self, model: LoadedModel, store: OnlineStore | None) -> None:
        self._model, self._store = model, store
        # The declared transforms are the pipeline's first steps.
        rest = model.pipeline[len(model.view.transforms) :]
        self.not_flat = model.manifest.not_flat
        self._predict: Callable[[pd.DataFrame], Any] = partial(predict, rest)
        if not self.not_flat:
            # Shown again: here another version of NumPy may compute in another way.
            batches = SmallBatches(rest, apply_transforms(model.view, model.example))
            self.not_flat, self._predict = batches.reason, batches.predict

    def answer(self, rows: Sequence[Mapping[str, Any]]) -> Answered:
        """Answer some requests.

        Parameters
        ----------
        rows
            Checked requests (see `nbrefine.features.schema.plain_row`).

        Returns
        -------
        Answered
            In the order of the rows.
        """
        view = self._model.view
        given = None
        if view.asked_at is None:
            given = pd.Series(instants([row[ASKED_AT] for row in rows]))
        frame = with_asked_at(view, request_frame(view, rows), given)
        snapshot = None if self._store is None else self._store.snapshot()
        found = LookedUp(frame, {}, {}) if snapshot is None else look_up(view, frame, snapshot)
        features = apply_transforms(view, found.frame)
        predicted = self._predict(features)
        requests, made = cells_of(frame), cells_of(features)
        warned = warnings_of(view, self._model.contract, found, requests, made)
        answers = [self._row(each, said) for each, said in zip(predicted, warned, strict=True)]
        missed = {
            name: int(flags.sum())
            for flagged in (found.missing, found.stale)
            for name, flags in flagged.items()
        }
        version = None if snapshot is None else snapshot.version
        return Answered(answers, requests, made, version, missed)

    def _row(self, predicted: Any, warned: list[Warned]) -> Plain:  # noqa: ANN401  (a row or a number)
        if reasons := refused(self._model.view, warned):
            return {"refused": reasons}
        classes = self._model.manifest.classes
        if not np.isfinite(predicted).all():
            return {"failed": "the model predicted what is no finite number"}
        if classes is None:
            return {"prediction": float(predicted), "warnings": warned}
        named = {_name(each): float(p) for each, p in zip(classes, predicted, strict=True)}
        return {
            "prediction": classes[int(np.argmax(predicted))],
            "probabilities": named,
            "warnings": warned,
        }


def _name(value: object) -> str:
    """Name a class as JSON would."""
    return str(value).lower() if isinstance(value, bool) else str(value)
