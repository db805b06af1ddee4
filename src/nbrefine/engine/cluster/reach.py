"""What the steps of a build take from a machine: libraries, and environment variables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbrefine.engine.kernels import imports_of
from nbrefine.pipeline.code import code_of, reached_by
from nbrefine.pipeline.plan import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbrefine.engine.crew import Work
    from nbrefine.pipeline.model import Step

MANY_VARIABLES = 12
"""Who reads so many hands the environment on; then they are those of the worker."""
_MAY_RUN = frozenset({State.OUTDATED, State.WAITING})


def steps_that_may_run(work: Work) -> tuple[Step, ...]:
    """Return the steps of a build that are not up to date."""
    plans = work.plan.steps.values()
    return tuple(work.pipeline.steps[plan.name] for plan in plans if plan.state in _MAY_RUN)


def modules_of(steps: Iterable[Step], work: Work) -> tuple[str, ...]:
    """Return the libraries that steps import, as far as code and earlier runs say.

    Parameters
    ----------
    steps
        Some of the build's.
    work
        What the build does.
    """
    found: set[str] = set()
    for step in steps:
        found |= {name.partition(".")[0] for name in imports_of(step, work.survey)}
        if (last := work.plan.steps[step.name].last) is not None:
            found |= {*last.observed.imports}
    return tuple(sorted(found))


def environ_of(steps: Iterable[Step], work: Work) -> dict[str, str]:
    """Return the environment variables that steps read, as far as code and earlier runs say.

    Parameters
    ----------
    steps
        Some of the build's.
    work
        What the build does.

    Returns
    -------
    dict
        As they are here; those that are not set are left out.
    """
    names: set[str] = set()
    for step in steps:
        names |= reached_by(step, code_of(step, work.survey), work.survey).environ
        last = work.plan.steps[step.name].last
        if last is not None and len(last.observed.environ) < MANY_VARIABLES:
            names |= {*last.observed.environ}
    return {name: os.environ[name] for name in sorted(names) if name in os.environ}
