"""What came of making a product again, and what was not as it had been."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.content import content_digest
from nbrefine.pipeline.inputs import environ_part, python_part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbrefine.engine.results import StepFailure
    from nbrefine.pipeline.ledger_rows import Published, Run
    from nbrefine.pipeline.model import Step


@dataclass(frozen=True)
class Remade:
    """A product that was made again.

    Parameters
    ----------
    step
        The step that made it.
    path
        As `stored_path` has it.
    same
        Whether it says the same as the recorded one.
    executed
        Whether it is the executed notebook, in which times may differ.
    """

    step: str
    path: str
    same: bool
    executed: bool = False


@dataclass(frozen=True)
class Reproduction:
    """What came of making a product again.

    Parameters
    ----------
    product
        As `stored_path` has it.
    folder
        Where.
    products
        Those of all steps that ran.
    missing
        In words, what of the recorded inputs is nowhere; if any is, nothing ran.
    different
        In words, what is not as it was: versions, variables, code that came from elsewhere.
    failure
        Why a step failed; None if none did.
    """

    product: str
    folder: Path
    products: tuple[Remade, ...] = ()
    missing: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    failure: StepFailure | None = None

    @property
    def same(self) -> bool:
        """Whether the product was made again and says the same."""
        return any(each.path == self.product and each.same for each in self.products)


def content_elsewhere(path: Path | None, here: Path, there: Path) -> str:
    """Return what identifies what a notebook would say had it run in another folder.

    Parameters
    ----------
    path
        A product of a run.
    here
        The project that it ran in.
    there
        The other one.

    Returns
    -------
    str
        As `content_digest` has it; empty for what is no notebook.
    """
    if path is None or path.suffix != ".ipynb":
        return ""
    text = path.read_text("utf-8").replace(
        json.dumps(str(here))[1:-1], json.dumps(str(there))[1:-1]
    )
    moved = here / ".nbrefine" / path.name
    write_atomic(moved, text)
    try:
        return content_digest(moved)
    finally:
        moved.unlink()


def surroundings_that_differ(row: Published, run: Run | None) -> Iterator[str]:
    """Say what of a run's surroundings is not as it was; inputs and code are put in place."""
    facts = dict(run.facts) if run else {}
    machine = {"platform": platform.platform(), "processors": os.cpu_count()}
    for what, found in machine.items():
        if what in facts and facts[what] != found:
            yield f"{what}: {facts[what]} -> {found}"
    now = _surroundings([*row.parts])
    for label, value in row.parts.items():
        kind, _, name = label.partition(":")
        if kind not in {"package", "python", "environ"} or now[label] == value:
            continue
        if kind == "environ":
            yield f"environment variable `{name}` is not what it was"
        else:
            yield f"{name or 'Python'} {value} -> {now[label]}"


def _surroundings(labels: list[str]) -> Mapping[str, str]:
    found = {"python": python_part()}
    for label in labels:
        kind, _, name = label.partition(":")
        if kind == "environ":
            found[label] = environ_part(name)
        if kind == "package":
            try:
                found[label] = metadata.version(name)
            except metadata.PackageNotFoundError:
                found[label] = "none"
    return found


def taken_from_elsewhere(step: Step, old: Published, new: Published, root: Path) -> Iterator[str]:
    """Say what a run took from elsewhere than the folder that it was to run in.

    Parameters
    ----------
    step
        The step that ran.
    old, new
        What the ledgers have of the recorded run, and of this one.
    root
        The project's own folder.
    """
    lost = {*old.observed.modules} - {*new.observed.modules}
    for path in sorted(lost):
        yield f"`{step.name}` loaded `{path}` from elsewhere, or not at all"
    for path in new.observed.read:
        if path.startswith(f"{root}{os.sep}"):
            yield f"`{step.name}` read {path} in the project itself: its path is written out"
