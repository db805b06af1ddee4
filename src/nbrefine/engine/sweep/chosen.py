"""Which steps a sweep runs anew for each variant, and whether that can be done."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from nbrefine.analysis.normal import read_cell
from nbrefine.errors import SweepError, UnknownStepError, did_you_mean
from nbrefine.pipeline.code import NOTEBOOKS
from nbrefine.pipeline.model import Pipeline, Relation, Step
from nbrefine.pipeline.params import RESOURCES
from nbrefine.pipeline.upstream import document_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_OURS = frozenset({"upstream", "product", RESOURCES})


def chain_of(pipeline: Pipeline, name: str, until: str | None) -> tuple[str, ...]:
    """Return a step and what hangs between it and another one, in order.

    Parameters
    ----------
    pipeline
        The pipeline.
    name
        The step whose parameters vary.
    until
        The step below it that measures; None if it does so itself.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    SweepError
        If the second does not build on the first.
    """
    pipeline.step(name)
    if until is None or until == name:
        return (name,)
    pipeline.step(until)
    below = pipeline.graph.descendants(name)
    if until not in below:
        hint = f"Below it are: {', '.join(below)}." if below else "Nothing builds on it."
        raise SweepError(f"The step {until!r} does not build on {name!r}.", hint=hint)
    between = {*pipeline.graph.ancestors(until), until}
    return (name, *(each for each in below if each in between))


def check_chain(pipeline: Pipeline, chain: Iterable[str], names: Iterable[str]) -> None:
    """Refuse what cannot be swept.

    Parameters
    ----------
    pipeline
        The pipeline.
    chain
        The steps that each variant has for itself; the first one's parameters vary.
    names
        These parameters.

    Raises
    ------
    SweepError
        If the first step is no notebook or has no such parameter, or products are no files.
    """
    steps = [pipeline.steps[name] for name in chain]
    first, *below = steps
    if first.kind not in NOTEBOOKS:
        raise SweepError(
            f"The step {first.name!r} is no notebook, but of the kind {first.kind!r}.",
            where=first.place,
            hint="Sweep over the parameters of a notebook.",
        )
    for step in steps:
        if any(isinstance(product, Relation) for product in step.products.values()):
            raise SweepError(
                f"The step {step.name!r} writes to a database, where variants would overwrite "
                "each other.",
                where=step.place,
            )
    known = parameters_of(first)
    for name in names:
        if name in _OURS or name not in known:
            having = [step.name for step in below if name in parameters_of(step)]
            hint = f"{having[0]!r} has it: sweep that step." if having else ""
            raise SweepError(
                f"The step {first.name!r} has no parameter {name!r}.",
                where=first.place,
                hint=hint or did_you_mean(name, known) or "Its parameters cell sets none.",
            )


def parameters_of(step: Step) -> tuple[str, ...]:
    """Return what a step can be given: what the spec sets, and its cell tagged ``parameters``."""
    names = dict.fromkeys(step.params)
    cell = document_of(step.source).parameters_cell if step.kind in NOTEBOOKS else None
    for statement in read_cell(cell.source).tree.body if cell is not None else ():
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        names |= dict.fromkeys(each.id for each in targets if isinstance(each, ast.Name))
    return tuple(name for name in names if name not in _OURS)


def grid_of(pipeline: Pipeline, name: str) -> tuple[str, ...]:
    """Return the steps that a ``grid`` in ``pipeline.yaml`` stands for.

    Parameters
    ----------
    pipeline
        The pipeline.
    name
        One of them, a pattern such as ``fit-*``, or what their names begin with.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    SweepError
        If the step has no grid.
    """
    grids: dict[object, list[str]] = {}
    for step in pipeline.steps.values():
        grids.setdefault((step.source, step.place), []).append(step.name)
    if name in pipeline.steps:
        members = next(names for names in grids.values() if name in names)
        if len(members) > 1:
            return tuple(members)
        raise SweepError(
            f"There is nothing to sweep over: {name!r} has no grid, and no -p is given.",
            where=pipeline.steps[name].place,
            hint=f"Its parameters are: {', '.join(parameters_of(pipeline.steps[name])) or 'none'}.",
        )
    for members in grids.values():
        begins = (each.startswith(name) or fnmatchcase(each, name) for each in members)
        if len(members) > 1 and all(begins):
            return tuple(members)
    raise UnknownStepError(
        f"The pipeline has no step {name!r}.", hint=did_you_mean(name, pipeline.steps)
    )
