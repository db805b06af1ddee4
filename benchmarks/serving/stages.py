"""Where the time of a row goes inside the model's process, stage by stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from benchmarks.results import ROOT
from benchmarks.serving.servers import ONE_THREAD, Served
from nbrefine.features.online import look_up
from nbrefine.features.requests import request_frame, with_asked_at
from nbrefine.features.schema import plain_row, request_model
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.features.transforms import apply_transforms
from nbrefine.serving.cells import cells_of
from nbrefine.serving.contract import warnings_of
from nbrefine.serving.equal import SmallBatches
from nbrefine.serving.journal import Journal
from nbrefine.serving.loading import load_model, predict
from nbrefine.serving.predictor import Predictor
from nbrefine.serving.settings import LogSettings

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMES, _EACH = 9, 5


def stages(served: Served, rows: int) -> dict[str, float]:
    """Measure each stage of a batch, in a process of its own (see `measure`)."""
    folders = [str(each) for each in (served.model, served.store, served.log)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving.stages", *folders, str(rows)],
        cwd=ROOT,
        env=os.environ | ONE_THREAD,
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(served: Served, rows: int) -> dict[str, float]:
    """Measure each stage of a batch.

    Parameters
    ----------
    served
        The model, the store and a log.
    rows
        Of the batch.

    Returns
    -------
    dict of str to float
        CPU milliseconds by stage; ``pipeline`` is what stands in for ``predict`` elsewhere.
    """
    model = load_model(served.model)
    view, snapshot = model.view, SqliteStore(served.store, model.view).snapshot()
    request = request_model(view.request)
    examples = [json.dumps(each) for each in model.manifest.examples]
    checked = [plain_row(request.model_validate_json(each)) for each in examples]
    asked = (checked * rows)[:rows]
    frame = with_asked_at(view, request_frame(view, asked))
    found = look_up(view, frame, snapshot)
    features = apply_transforms(view, found.frame)
    cells = (cells_of(frame), cells_of(features))
    rest = model.pipeline[len(view.transforms) :]
    batches = SmallBatches(rest, apply_transforms(view, model.example))
    answered = Predictor(model, SqliteStore(served.store, view)).answer(asked)
    journal = Journal(LogSettings(served.log / "stages"), model.manifest.identity)
    works: dict[str, Callable[[], object]] = {
        "frame": lambda: with_asked_at(view, request_frame(view, asked)),
        "look up": lambda: look_up(view, frame, snapshot),
        "transforms": lambda: apply_transforms(view, found.frame),
        "predict": lambda: batches.predict(features),
        "pipeline": lambda: predict(rest, features),
        "cells": lambda: (cells_of(frame), cells_of(features)),
        "warnings": lambda: warnings_of(view, model.contract, found, *cells),
        "log": lambda: journal.write([""] * rows, answered),
    }
    try:
        return {name: round(_cpu_ms(work), 3) for name, work in works.items()}
    finally:
        journal.close()


def _cpu_ms(work: Callable[[], object]) -> float:
    work()
    costs = []
    for _ in range(_TIMES):
        began = time.process_time()
        for _ in range(_EACH):
            work()
        costs.append((time.process_time() - began) / _EACH * 1000)
    return median(costs)


if __name__ == "__main__":
    click.echo(json.dumps(measure(Served(*map(Path, sys.argv[1:4])), int(sys.argv[4]))))
