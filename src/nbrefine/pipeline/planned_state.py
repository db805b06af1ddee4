"""Each step's state as the engine sees it, in the words of `nbrefine.pipeline.state`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbrefine.pipeline.plan import State
from nbrefine.pipeline.state import Status, StepState

if TYPE_CHECKING:
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan, StepPlan

_EXECUTORS = frozenset({"nbrefine.engine.Executor", "nbrefine.engine.executor.Executor"})


def is_built_by_engine(pipeline: Pipeline) -> bool:
    """Tell whether the spec names the engine's executor."""
    executor = pipeline.options.get("executor")
    return isinstance(executor, Mapping) and executor.get("dotted_path") in _EXECUTORS


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
