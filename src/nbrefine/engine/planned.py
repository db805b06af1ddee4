"""What the next build would do, without its doing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.engine.cache import Cache
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.planning import Planner
from nbrefine.pipeline.settings import read_settings
from nbrefine.pipeline.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan


def planned(pipeline: Pipeline, targets: Iterable[str] = (), *, force: bool = False) -> Plan:
    """Return what a build would do.

    Parameters
    ----------
    pipeline
        The pipeline.
    targets
        The steps that are asked for; all if none is.
    force
        Whether these are to run in any case.

    Raises
    ------
    UnknownStepError
        If a step is asked for that there is not.
    InputError
        If a notebook cannot be read, or settings cannot be followed.
    """
    plan, _ = planned_by_survey(pipeline, targets, force=force)
    return plan


def planned_by_survey(
    pipeline: Pipeline, targets: Iterable[str] = (), *, force: bool = False
) -> tuple[Plan, Survey]:
    """Return what a build would do, and the survey of files that says so.

    Parameters
    ----------
    pipeline, targets, force
        As for `planned`.

    Raises
    ------
    UnknownStepError, InputError
        As `planned` does.
    """
    settings, survey = read_settings(pipeline.root), Survey(pipeline.root)
    with Ledger(pipeline.root) as ledger:
        cache = Cache(settings.cache, settings.cache_size)
        plan = Planner(pipeline, ledger, survey, cache).plan(targets, force=force)
    survey.save()
    return plan, survey
