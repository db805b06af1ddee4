"""Keep with a project what refine moved to ``src/``, and what stayed in the notebooks."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from nbrefine.errors import Place
from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.refine.extract.extraction import Extraction

_MANY = 12
MOVED = ".nbrefine/moved.json"


def remember_moved(project: Path, extraction: Extraction) -> None:
    """Note what moved, and what stayed.

    Parameters
    ----------
    project
        The folder of ``pipeline.yaml``.
    extraction
        What refine did with the definitions.
    """
    note = {
        "packages": sorted({each.module.partition(".")[0] for each in extraction.moved}),
        "moved": [asdict(each) for each in extraction.moved],
        "left": [asdict(each) for each in extraction.left],
        "kept": dict(extraction.kept),
    }
    write_atomic(project / MOVED, json.dumps(note, indent=1, sort_keys=True) + "\n")


def read_kept(project: Path) -> dict[str, str]:
    """Return the names that have to stay in the notebooks, and why."""
    file = project / MOVED
    return dict(json.loads(read_text(file)).get("kept", {})) if file.is_file() else {}


def read_packages(project: Path) -> tuple[str, ...]:
    """Return the packages in ``src/`` that hold what the notebook defined."""
    file = project / MOVED
    return tuple(json.loads(read_text(file))["packages"]) if file.is_file() else ()


def read_moved_to(project: Path) -> tuple[str, ...]:
    """Return the packages, and ``Class.attribute`` for what instances hold more than before."""
    file = project / MOVED
    moved = json.loads(read_text(file))["moved"] if file.is_file() else []
    held = (
        f"{each['name']}.{name}"
        for each in moved
        if each["kind"] == "class"
        for name in each["arguments"]
    )
    return (*read_packages(project), *held)


def moved_lines(extraction: Extraction) -> Iterator[str]:
    """Say in lines what is in which module, and what stays, where, and why."""
    modules = Counter(each.module for each in extraction.moved)
    for module, count in sorted(modules.items()):
        names = ", ".join(each.name for each in extraction.moved if each.module == module)
        yield f"  in {module}: {names}" if count < _MANY else f"  in {module}: {count} definitions"
    for left in extraction.left:
        place = Place(left.notebook, left.line, left.index + 1)
        yield f"  {left.name} stays in the notebook, since {left.reason} ({place})"


def rewritten(extraction: Extraction) -> dict[str, str]:
    """Return the functions that are not what they were, and why: no proof compares their code."""
    staying = {
        each.name: "it passes on what functions in `src/` take now"
        for each in extraction.left
        if each.passes_on
    }
    return staying | {
        each.name: f"it is in `{each.module}` now, and "
        + (
            f"takes {', '.join(f'`{name}`' for name in each.arguments)} as an argument"
            if each.arguments
            else "passes on what other functions take"
        )
        for each in extraction.moved
        if each.rewritten
    }
