"""The same notebooks with soorgeon, as it comes and with headings supplied for it."""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.refine.judge import executed_notebooks
from benchmarks.refine.original import copied, environment
from benchmarks.refine.ours import build
from nbrefine.compare.outputs import compare_outputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from benchmarks.refine.original import Original, Outputs

_IMPORT = re.compile(r"(?:import|from)\s")


@dataclass(frozen=True)
class Attempt:
    """What soorgeon made of a notebook.

    Parameters
    ----------
    converted, built, equal
        How far it got; equal if every cell that shows something shows the same.
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
    return Attempt(converted=True, built=True, equal=_equal(original, work), steps=steps)


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


def _equal(original: Original, project: Path) -> bool:
    """Compare each cell that shows something with the one of the same code, in any step."""
    document = json.loads(original.path.read_text(encoding="utf-8"))
    built: defaultdict[str, list[Outputs]] = defaultdict(list)
    for notebook in executed_notebooks(project):
        for cell in _code(notebook):
            built[_key(cell)].append(cell["outputs"])
    for place, cell in enumerate(_code(document)):
        expected, *others = (run[place] for run in original.runs)
        candidates = built[_key(cell)]
        actual = candidates.pop(0) if candidates else []
        if _says_something(expected) and compare_outputs(expected, actual, others).verdict.fails:
            return False
    return True


def _code(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    return [cell for cell in cells if "".join(cell["source"]).strip()]


def _key(cell: Mapping[str, Any]) -> str:
    """Return what is left of a cell by soorgeon, which moves imports and reformats the code."""
    lines = "".join(cell["source"]).splitlines()
    code = "".join(line for line in lines if not _IMPORT.match(line))
    return re.sub(r"[\s,;()'\"\\]", "", code)


def _says_something(outputs: Outputs) -> bool:
    """Whether there is more than warnings, which come once a process."""
    return any(output.get("name") != "stderr" for output in outputs)
