"""The process of a model: loads it, then answers batches until the service is gone."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.errors import NbrefineError, OnlineStoreError
from nbrefine.serving.channel import Message, receive, send
from nbrefine.serving.settings import LogSettings, ModelSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.features.sqlite_store import SqliteStore
    from nbrefine.serving.journal import Journal
    from nbrefine.serving.loading import LoadedModel
    from nbrefine.serving.predictor import Answered, Predictor

FAILED, READY, SETTINGS = "failed", "ready", "settings"
# In the place of settings: import what every model needs, and wait to be told.
SPARE = "spare"


def as_argument(settings: ModelSettings) -> str:
    """Write settings down for the process's command line."""
    return json.dumps(asdict(settings), default=str)


def from_argument(text: str) -> ModelSettings:
    """Read what `as_argument` wrote."""
    said = json.loads(text)
    log = said["log"]
    if log is not None:
        log = LogSettings(Path(log["folder"]), tuple(log["leave_out"]), tuple(log["hashed"]))
    store = None if said["store"] is None else Path(said["store"])
    age = said["greatest_store_age"]
    return ModelSettings(Path(said["model"]), store, age, log, said["identity"])


class Worker:
    """Answers batches.

    Parameters
    ----------
    settings
        What it is told.

    Raises
    ------
    NbrefineError
        If the model, the store or the log cannot be used.
    """

    def __init__(self, settings: ModelSettings) -> None:
        # These take seconds to import: an error in what was given before is told at once.
        from nbrefine.serving.loading import load_model  # noqa: PLC0415

        self._settings = settings
        self._model: LoadedModel = load_model(settings.model, settings.identity)
        self._store = self._opened()
        from nbrefine.serving.predictor import Predictor  # noqa: PLC0415

        self._predictor: Predictor = Predictor(self._model, self._store)
        self._journal = self._begun()

    def _opened(self) -> SqliteStore | None:
        from nbrefine.features.sqlite_store import SqliteStore  # noqa: PLC0415

        if not self._model.view.lookups:
            return None
        if self._settings.store is None:
            raise OnlineStoreError(
                "The model looks up what requests do not carry, and no online store is given.",
                hint="Say where it is: --store DIR. Fill it with: nbrefine store push",
            )
        store = SqliteStore(self._settings.store, self._model.view)
        self._refuse_old(store)
        return store

    def _begun(self) -> Journal | None:
        from nbrefine.serving.journal import Journal  # noqa: PLC0415

        if self._settings.log is None:
            return None
        return Journal(self._settings.log, self._model.manifest.identity)

    def _refuse_old(self, store: SqliteStore) -> None:
        limit = self._settings.greatest_store_age
        if limit is None:
            return
        age = (dt.datetime.now(dt.UTC) - store.snapshot().pushed_at).total_seconds()
        if age > limit:
            message = f"The online store was pushed {age:.0f} s ago, {limit:.0f} s are allowed."
            raise OnlineStoreError(message, hint="Run: nbrefine store push")

    def about(self) -> Message:
        """Say what the model is."""
        manifest = self._model.manifest
        return {
            "identity": manifest.identity,
            "view": manifest.view,
            "classes": manifest.classes,
            "made": manifest.made,
            "versions": manifest.versions,
            "differing": self._model.differing,
            "not_flat": self._predictor.not_flat,
            "files": manifest.files,
            "store": None if self._store is None else self._store.snapshot().version,
        }

    def answer(self, rows: Sequence[Mapping[str, Any]], ids: Sequence[str]) -> Message:
        """Answer a batch.

        Parameters
        ----------
        rows, ids
            The requests' rows, and the id of each row's request.

        Returns
        -------
        dict
            ``rows``, or why nothing can be answered now: ``unavailable``.
        """
        began = time.perf_counter()
        try:
            if self._store is not None:
                self._refuse_old(self._store)
            answered = self._predictor.answer(rows)
        except OnlineStoreError as error:
            return {"unavailable": error.message}
        except Exception as error:  # noqa: BLE001  (the project's code)
            return self._one_by_one(rows, ids, error)
        if (unlogged := self._log(ids, answered)) is not None:
            return unlogged
        return {
            "rows": answered.rows,
            "store": answered.store,
            "missed": dict(answered.missed),
            "seconds": time.perf_counter() - began,
        }

    def _log(self, ids: Sequence[str], answered: Answered) -> Message | None:
        if self._journal is None:
            return None
        try:
            self._journal.write(ids, answered)
        except OSError as error:
            return {"unavailable": f"The prediction log cannot be written: {error}."}
        return None

    def _one_by_one(
        self, rows: Sequence[Mapping[str, Any]], ids: Sequence[str], error: Exception
    ) -> Message:
        """Find the row for which the project's code fails; the others are answered."""
        if len(rows) == 1:
            traceback.print_exception(error)
            said = f"{type(error).__name__}: {error}"
            return {"rows": [{"failed": said}], "store": None, "missed": {}, "seconds": 0.0}
        parts = [self.answer([row], [name]) for row, name in zip(rows, ids, strict=True)]
        for part in parts:
            if "unavailable" in part:
                return part
        missed: dict[str, int] = {}
        for part in parts:
            for name, count in part["missed"].items():
                missed[name] = missed.get(name, 0) + count
        return {
            "rows": [row for part in parts for row in part["rows"]],
            "store": parts[-1]["store"],
            "missed": missed,
            "seconds": sum(part["seconds"] for part in parts),
        }


def main(descriptor: int, argument: str) -> None:
    """Load the model, say so, and answer until the service closes its end."""
    # The service decides when to stop; a signal to the whole group is meant for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What the project's code prints must not be taken for the service's own output.
    os.dup2(2, 1)
    with socket.socket(fileno=descriptor) as channel:
        if argument == SPARE:
            _import_ahead()
            if (told := receive(channel)) is None:
                return
            argument = str(told[SETTINGS])
        try:
            worker = Worker(from_argument(argument))
        except NbrefineError as error:
            send(channel, {FAILED: True, **_parts(error)})
            return
        send(channel, {READY: worker.about()})
        while (message := receive(channel)) is not None:
            send(channel, worker.answer(message["rows"], message["ids"]))


def _import_ahead() -> None:
    """Import what takes seconds, and nothing of a project."""
    for name in ("sklearn.pipeline", "sklearn.ensemble", "skops.io", "pyarrow.parquet"):
        importlib.import_module(name)
    for name in ("journal", "loading", "predictor"):
        importlib.import_module(f"nbrefine.serving.{name}")


def _parts(error: NbrefineError) -> Message:
    where = None if error.where is None else str(error.where)
    kind = type(error).__name__
    return {"kind": kind, "message": error.message, "where": where, "hint": error.hint}


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
