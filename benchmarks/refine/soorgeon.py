"""The same notebooks with soorgeon, as it comes and with headings supplied for it."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.refine.judge import executed_notebooks
from benchmarks.refine.original import copied, environment
from benchmarks.refine.ours import build
from nbrefine.compare.outputs import compare_outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from benchmarks.refine.original import Original, Outputs


@dataclass(frozen=True)
class Attempt:
    """What soorgeon made of a notebook.

    Parameters
    ----------
    converted, built, equal
        How far it got; equal if every cell that shows something shows the same, in order.
    steps
        How many.
    """

    converted: bool = False
    built: bool = False
    equal: bool = False
    steps: int = 0


def attempt(
    original: Original, python: Path, work: Path, cuts: Iterable[int] | None = None
) -> Attempt:
    """Refactor a notebook with soorgeon, build the result, and compare.

    Parameters
    ----------
    original
        The notebook, and what plain runs of it show.
    python
        Interpreter of the environment that has soorgeon.
    work
        Folder to work in.
    cuts
        Cells (by origin) to put an H2 heading before; the notebook stays as it is if None.

    Returns
    -------
    Attempt
        As far as it got.
    """
    notebook = copied(original.path, work)
    if cuts is not None:
        supply_headings(notebook, set(cuts))
    subprocess.run(
        [str(python.with_name("soorgeon")), "refactor", notebook.name],
        cwd=work,
        env=environment(),
        check=False,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    spec = work / "pipeline.yaml"
    if not spec.is_file():
        return Attempt()
    steps = len(yaml.safe_load(spec.read_text(encoding="utf-8"))["tasks"])
    if not build(work, python):
        return Attempt(converted=True, steps=steps)
    return Attempt(
        converted=True, built=True, equal=_equal(original.runs, _shown(work)), steps=steps
    )


def supply_headings(notebook: Path, cuts: set[int]) -> None:
    """Put a heading before some cells, and take away the rank of those that are there."""
    document = json.loads(notebook.read_text(encoding="utf-8"))
    cells: list[Any] = []
    origin = 0
    for cell in document["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            cell["source"] = re.sub(r"^##(?=\s)", "###", source, flags=re.MULTILINE)
        elif cell["cell_type"] == "code" and source.strip():
            if origin in cuts or not origin:
                heading = f"## Part {len(cells)}"
                cells.append({"cell_type": "markdown", "metadata": {}, "source": heading})
            origin += 1
        cells.append(cell)
    document |= {"cells": cells, "nbformat_minor": min(document["nbformat_minor"], 4)}
    notebook.write_text(json.dumps(document), encoding="utf-8")


def _shown(project: Path) -> list[Outputs]:
    """Return the outputs of all cells of all steps; soorgeon does not say whose they are."""
    notebooks = executed_notebooks(project)
    return [cell["outputs"] for each in notebooks for cell in each["cells"] if cell.get("outputs")]


def _equal(runs: Sequence[Sequence[Outputs]], actual: Sequence[Outputs]) -> bool:
    places = [place for place, outputs in enumerate(runs[0]) if _says_something(outputs)]
    actual = [outputs for outputs in actual if _says_something(outputs)]
    return len(places) == len(actual) and not any(
        compare_outputs(runs[0][place], shown, [run[place] for run in runs[1:]]).verdict.fails
        for place, shown in zip(places, actual, strict=True)
    )


def _says_something(outputs: Outputs) -> bool:
    """Whether there is more than warnings, which come once a process."""
    return any(output.get("name") != "stderr" for output in outputs)
