"""Executed step notebooks as tests: nbval runs them again and compares what they show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbrefine.notebook.document import INJECTED_TAG
from nbrefine.refine.write.notebook import KERNELSPEC
from nbrefine.testing.baseline import FOLDER, IGNORE
from nbrefine.testing.portable import portable, setting_source, unfit_for_nbval

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence


@dataclass(frozen=True)
class Baseline:
    """The baseline of one step.

    Parameters
    ----------
    step
        The step's name.
    cells
        As nbformat 4 has them, with outputs.
    ignored
        Cells whose outputs are not compared: their index, and why.
    """

    step: str
    cells: tuple[dict[str, Any], ...]
    ignored: Mapping[int, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where it goes, relative to the project's root."""
        return (FOLDER / f"{self.step}.ipynb").as_posix()

    def text(self) -> str:
        """Return the notebook as a file has it, with tags that nbval understands."""
        cells = []
        for index, cell in enumerate(self.cells):
            tags = [*cell["metadata"].get("tags", ()), *([IGNORE] if index in self.ignored else [])]
            metadata = {**cell["metadata"], **({"tags": tags} if tags else {})}
            cells.append({**cell, "metadata": metadata})
        document = {
            "cells": cells,
            "metadata": {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def make_baseline(
    step: str,
    executed: Sequence[Mapping[str, Any]],
    roots: Collection[str],
    varying: Collection[int] = (),
    redact: Callable[[Any], Any] = lambda cell: cell,
) -> Baseline:
    """Make a baseline of an executed step notebook.

    Parameters
    ----------
    step
        The step's name.
    executed
        The notebook's cells as the build left them.
    roots
        Folders that the project was built in: paths below them become relative.
    varying
        Cells, by their origin in the refined notebook, that show something else each time.
    redact
        Takes credentials out of what a cell shows.
    """
    cells = []
    ignored: dict[int, str] = {}
    places = sorted(roots, key=len, reverse=True)
    for index, cell in enumerate(executed):
        metadata = cell.get("metadata", {})
        tags = [tag for tag in metadata.get("tags", ()) if tag != IGNORE]
        new: dict[str, Any] = {
            "cell_type": cell["cell_type"],
            "id": cell.get("id", f"{step[:50]}-{index}"),
            "metadata": {"tags": tags} if tags else {},
            "source": _text(cell.get("source", "")),
        }
        if "attachments" in cell:
            new["attachments"] = cell["attachments"]
        if cell["cell_type"] == "code":
            new["execution_count"] = cell.get("execution_count")
            shown = [dict(output) for output in cell.get("outputs", ())]
            unplaced = portable(shown, places)
            new["outputs"] = redact(unplaced)
            if INJECTED_TAG in tags:
                new["source"] = _parameters(step, new["source"], roots)
            why = _never_the_same(new, metadata.get("nbrefine", {}).get("origin"), varying)
            if unplaced != shown:
                why = "it shows where the project lies"
            if new["outputs"] != unplaced:
                why = "it shows a credential, which is left out"
            if why:
                ignored[index] = why
        cells.append(new)
    return Baseline(step, tuple(cells), ignored)


def _text(source: str | Sequence[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _parameters(step: str, source: str, roots: Collection[str]) -> str:
    """Write the injected cell such that it is true wherever the project lies."""
    return setting_source(source, roots, _elsewhere, [f"build/nbval/{step}"])


def _elsewhere(path: str) -> str:
    return f"build/nbval/{path.removeprefix('build/')}" if path.startswith("build/") else path


def _never_the_same(cell: Mapping[str, Any], origin: int | None, varying: Collection[int]) -> str:
    """Say why a cell's outputs cannot be compared; nothing if they can."""
    if origin is not None and origin in varying:
        return "it shows something else each time"
    return unfit_for_nbval(cell["source"], cell["outputs"])
