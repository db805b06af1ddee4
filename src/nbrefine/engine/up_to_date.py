"""Whether a build has nothing to do, told without loading what builds, and without its lock.

What is up to date while another builds stays so: whatever that one makes, it has found outdated.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nbrefine.engine.outcome import Build, Ending, Outcome
from nbrefine.engine.planned import planned_by_survey
from nbrefine.engine.ploomber_records import all_agree
from nbrefine.pipeline.own_folder import FOLDER
from nbrefine.pipeline.plan import State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline

# What a build leaves there that was ended, or that goes on.
_UNFINISHED = ("publishing", "undo", "staging")


def nothing_to_do(pipeline: Pipeline, targets: Iterable[str] = ()) -> Build | None:
    """Return the build that has nothing to do.

    Parameters
    ----------
    pipeline
        The pipeline.
    targets
        Steps to build, with what they build on; all if none is named.

    Returns
    -------
    Build or None
        None if there is anything to do, to put right, or to write down.

    Raises
    ------
    UnknownStepError
        If a step is asked for that there is not.
    InputError
        If a notebook cannot be read, or settings cannot be followed.
    """
    began = time.monotonic()
    if any(_holds_anything(pipeline.root / FOLDER / name) for name in _UNFINISHED):
        return None
    plan, survey = planned_by_survey(pipeline, targets)
    steps = [pipeline.steps[name] for name in plan.steps]
    fresh = all(each.state is State.FRESH for each in plan.steps.values())
    if not fresh or not all_agree(steps, survey):
        return None
    outcomes = {name: Outcome(name, Ending.FRESH) for name in plan.steps}
    return Build("", outcomes, plan.notes, time.monotonic() - began)


def _holds_anything(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
