"""Each step's state as the engine sees it, in the words of `nbrefine.pipeline.state`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbrefine.pipeline.plan import State
from nbrefine.pipeline.state import Status, StepState

if TYPE_CHECKING:
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan, StepPlan

EXECUTOR = "nbrefine.engine.Executor"
"""The engine's executor, as a spec names it."""


def is_built_by_engine(pipeline: Pipeline) -> bool:
    """Tell whether the spec names the engine's executor."""
    return is_engine(pipeline.options.get("executor"))


def is_engine(executor: object) -> bool:
    """Tell whether what stands under ``executor`` in a spec is the engine's."""
    if isinstance(executor, Mapping):
        executor = executor.get("dotted_path")
    return executor == EXECUTOR


def planned_states(pipeline: Pipeline, plan: Plan) -> dict[str, StepState]:
    """Return the state of each step.

    Parameters
    ----------
    pipeline
        The pipeline.
    plan
        What the next build does.
    """
    return {name: _state(pipeline, step) for name, step in plan.steps.items()}


def _state(pipeline: Pipeline, plan: StepPlan) -> StepState:
    made = plan.last.finished if plan.last else None
    if plan.state in {State.FRESH, State.REFRESH}:
        return StepState(Status.UP_TO_DATE, made=made)
    missing = not any(path.exists() for path in pipeline.steps[plan.name].files.values())
    status = Status.MISSING if missing else Status.OUTDATED
    return StepState(status, tuple(each.replace("`", "") for each in plan.reasons), made)
