"""What of Ploomber's ``pipeline.yaml`` the engine runs itself, and what only Ploomber can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nbrefine.errors import InputError
from nbrefine.pipeline.model import Relation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.pipeline.model import Pipeline, Step

DASK_EXECUTOR = "nbrefine.engine.DaskExecutor"
"""What ``executor.dotted_path`` says where steps are sent to a Dask cluster."""
_KINDS = {
    "sql": "SQL steps",
    "shell": "shell scripts",
    "other": "tasks of its own classes",
}
_HOOKS = ("on_render", "on_finish", "on_failure")
_SERIALIZERS = ("serializer", "unserializer")
_CLIENTS = ("client", "product_client", "clients")
# What does not change what a run makes.
_HARMLESS_PARAMS = frozenset({"progress_bar", "log_output", "report_mode"})


def only_ploomber_runs(pipeline: Pipeline, step: Step) -> str:
    """Say why a step can be run by Ploomber only.

    Returns
    -------
    str
        Such as ``SQL steps``; empty if the engine runs it.
    """
    return next(_reasons(pipeline, step), "")


def _reasons(pipeline: Pipeline, step: Step) -> Iterator[str]:
    if step.kind in _KINDS:
        yield _KINDS[step.kind]
    if step.options.get("class") == "ScriptRunner":
        yield "scripts that are no notebooks (ScriptRunner)"
    if any(isinstance(product, Relation) for product in step.products.values()):
        yield "products in a database"
    for key in (*_CLIENTS, *_SERIALIZERS):
        if step.options.get(key) is not None:
            yield repr(key)
    if step.kind == "function" and any(pipeline.options.get(key) for key in _SERIALIZERS):
        yield "functions with a serializer"
    if step.options.get("static_analysis") == "strict":
        yield "'static_analysis: strict'"
    yield from _runner_options(step)


def _runner_options(step: Step) -> Iterator[str]:
    for key in ("papermill_params", "executor_params"):
        given = step.options.get(key)
        for name in given if isinstance(given, Mapping) else ():
            if name not in _HARMLESS_PARAMS:
                yield f"{name!r} in {key!r}"


def check_supported(pipeline: Pipeline) -> None:
    """Refuse what only Ploomber can run.

    Raises
    ------
    InputError
        If the pipeline has any of it; it says where.
    """
    for key in (*_HOOKS, "clients"):
        if pipeline.options.get(key):
            raise InputError(
                f"nbrefine build does not run {key!r}: use ploomber build.",
                hint="With executor: nbrefine.engine.Executor it runs the steps in the same way.",
            )
    for step in pipeline.steps.values():
        hooks = [repr(key) for key in _HOOKS if step.options.get(key)]
        what = only_ploomber_runs(pipeline, step) or (hooks[0] if hooks else "")
        if what:
            raise InputError(
                f"nbrefine build does not run {what}: use ploomber build.",
                where=step.place,
                hint="With executor: nbrefine.engine.Executor it leaves such steps to Ploomber.",
            )


def dask_address_of(pipeline: Pipeline) -> str | None:
    """Return the address of the Dask cluster that the spec names; None if it names none.

    Raises
    ------
    InputError
        If it wants a cluster, and does not say which.
    """
    executor = pipeline.options.get("executor")
    if executor != DASK_EXECUTOR and not (
        isinstance(executor, Mapping) and executor.get("dotted_path") == DASK_EXECUTOR
    ):
        return None
    return checked_address(executor.get("address") if isinstance(executor, Mapping) else None)


def checked_address(address: object) -> str:
    """Return the address of a scheduler.

    Raises
    ------
    InputError
        If it is none.
    """
    if not isinstance(address, str) or not address:
        raise InputError(
            f"{DASK_EXECUTOR} needs the 'address' of a scheduler, such as tcp://host:8786."
        )
    return address


def workers_of(pipeline: Pipeline) -> int | None:
    """Return how many steps the spec lets run at a time; None if it does not say."""
    executor = pipeline.options.get("executor")
    if executor == "serial":
        return 1
    workers = executor.get("workers") if isinstance(executor, Mapping) else None
    return workers if isinstance(workers, int) else None
