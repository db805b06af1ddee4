"""The variants of a step, and the pipeline in which each is a step with products of its own."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.engine.sweep.values import as_written
from nbrefine.pipeline.model import Pipeline, Product, Relation, Step
from nbrefine.report.masking import mask_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FOLDER = "build/sweeps"
"""Where the products of variants lie, in the project."""
_PLAIN = re.compile(r"[a-z_][a-z0-9_.-]{0,30}\Z")
_WORDS = frozenset({"true", "false", "null"})
_LONGEST = 100
_SHOWN = 20


@dataclass(frozen=True)
class Variant:
    """One choice of parameters, and the steps that are run for it.

    Parameters
    ----------
    name
        Says the choice; the name of its folder.
    values
        The parameters that are varied.
    steps
        Names in the pipeline of the sweep, in the order of the build, by the name in the project.
    folder
        Where its products are; None where these are the project's own.
    """

    name: str
    values: Mapping[str, object]
    steps: Mapping[str, str]
    folder: Path | None = None


def combinations(values: Mapping[str, Sequence[object]]) -> list[dict[str, object]]:
    """Return all choices of parameters; the last name varies fastest."""
    return [dict(zip(values, each, strict=True)) for each in itertools.product(*values.values())]


def name_of(values: Mapping[str, object]) -> str:
    """Return what a variant is called: the same for the same values, and fit for a file's name.

    Parameters
    ----------
    values
        Its parameters. What is no plain word or number, and what looks like a credential, is told
        apart by a digest.
    """
    name = ",".join(f"{key}={_word(key, values[key])}" for key in sorted(values))
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}-{_digest(name)}"


def swept(
    pipeline: Pipeline, chain: Sequence[str], choices: Iterable[Mapping[str, object]]
) -> tuple[Pipeline, tuple[Variant, ...]]:
    """Return the pipeline of a sweep.

    Parameters
    ----------
    pipeline
        The project's.
    chain
        The steps that each variant has for itself, in order: first the one whose parameters vary.
    choices
        The parameters of each variant.

    Returns
    -------
    tuple of Pipeline and tuple of Variant
        The pipeline has what the variants share, as it is in the project, and their own steps.
    """
    graph = pipeline.graph
    shared = {up for name in chain for up in graph.ancestors(name)} - {*chain}
    steps = {name: pipeline.steps[name] for name in graph.order if name in shared}
    variants = []
    for values in choices:
        name = name_of(values)
        folder = pipeline.root / FOLDER / chain[0] / name
        own = {each: f"{each}@{name}" for each in chain}
        for each in chain:
            given = values if each == chain[0] else {}
            steps[own[each]] = _variant(pipeline, pipeline.steps[each], own, given, folder)
        variants.append(Variant(name, dict(values), own, folder))
    return Pipeline(pipeline.root, pipeline.spec_file, steps, pipeline.options), tuple(variants)


def _variant(
    pipeline: Pipeline,
    step: Step,
    own: Mapping[str, str],
    values: Mapping[str, object],
    folder: Path,
) -> Step:
    renamed = {up: own.get(up, up) for up in step.upstream}
    return replace(
        step,
        name=own[step.name],
        params={**step.params, **values},
        product=_moved(step.product, pipeline.root, folder),
        upstream=tuple(renamed.values()),
        groups={renamed[up]: group for up, group in step.groups.items()},
        called={new: up for up, new in renamed.items() if new != up},
        variant_of=step.declared_name,
    )


def _moved(product: Product, root: Path, folder: Path) -> Product:
    """Return where a variant's products go: as in the project, below its folder."""
    if isinstance(product, Mapping):
        return {key: _moved_one(each, root, folder) for key, each in product.items()}
    return _moved_one(product, root, folder)


def _moved_one(product: Path | Relation, root: Path, folder: Path) -> Path | Relation:
    if not isinstance(product, Path):
        return product
    if product.is_relative_to(root):
        return folder / product.relative_to(root)
    return folder / "outside" / _digest(str(product.parent)) / product.name


def _word(key: str, value: object) -> str:
    secret = mask_value(key, value) != value
    if not secret and (value is None or isinstance(value, bool | int | float)):
        return as_written(value)
    if not secret and isinstance(value, str) and _PLAIN.match(value) and value not in _WORDS:
        return value
    # File names that differ in case only are the same on some disks, so a digest tells them apart.
    shown = "" if secret else re.sub(r"[^A-Za-z0-9_.]+", "-", str(value))[:_SHOWN] + "-"
    return f"{shown}{_digest(as_written(value))}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]
