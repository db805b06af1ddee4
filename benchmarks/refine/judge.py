"""An opinion of our own on a built project: it trusts neither the recording nor the proof."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from nbrefine.compare.outputs import compare_outputs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

Outputs = list[dict[str, Any]]


@dataclass(frozen=True)
class Judgement:
    """How what a project shows compares with plain runs of the notebook.

    Parameters
    ----------
    faults
        Cells (by origin) that are missing or show something else, and what.
    verdicts
        How many cells came to each verdict.
    """

    faults: Mapping[int, str]
    verdicts: Mapping[str, int]


def judge(
    project: Path,
    runs: Sequence[Sequence[Outputs]],
    folders: Sequence[str] = (),
    varying: Collection[int] = (),
) -> Judgement:
    """Compare each cell of a built project with the original's.

    Parameters
    ----------
    project
        Folder of the project, built.
    runs
        Outputs of each of the original's cells, for each plain run.
    folders
        Folders that stand for each other in texts.
    varying
        Cells that were said to vary, whatever the runs show.

    Returns
    -------
    Judgement
        A cell that is in several steps is judged in each.
    """
    shown = built_outputs(project)
    faults: dict[int, str] = {}
    verdicts: Counter[str] = Counter()
    for origin, expected in enumerate(runs[0]):
        if origin not in shown:
            faults[origin] = "missing"
            verdicts["missing"] += 1
        for actual in shown.get(origin, ()):
            compared = compare_outputs(
                expected,
                actual,
                [run[origin] for run in runs[1:]],
                varies=origin in varying,
                folders=folders,
            )
            verdicts[str(compared.verdict)] += 1
            if compared.verdict.fails:
                faults[origin] = "; ".join(each.message for each in compared.differences)
    return Judgement(faults, dict(verdicts))


def built_outputs(project: Path) -> dict[int, list[Outputs]]:
    """Return what each of the original's cells shows, wherever a step ran it."""
    found: dict[int, list[Outputs]] = {}
    for notebook in executed_notebooks(project):
        for cell in notebook["cells"]:
            origin = cell["metadata"].get("nbrefine", {}).get("origin")
            if origin is not None and cell.get("execution_count") is not None:
                found.setdefault(origin, []).append(cell["outputs"])
    return found


def executed_notebooks(project: Path) -> Iterator[dict[str, Any]]:
    """Read the notebooks that a build has made, in the order of ``pipeline.yaml``."""
    for product in products(project):
        file = project / product.get("nb", "")
        if file.is_file():
            yield json.loads(file.read_text(encoding="utf-8"))


def products(project: Path) -> list[dict[str, str]]:
    """Return what each step makes: its notebook as ``nb``, and the rest by name."""
    spec = yaml.safe_load((project / "pipeline.yaml").read_text(encoding="utf-8"))
    given = [task["product"] for task in spec["tasks"]]
    return [each if isinstance(each, dict) else {"nb": each} for each in given]
