"""Give inline transforms names: statements of step notebooks become functions."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

from nbrefine.refine.extract.cells import read_cells
from nbrefine.refine.inline.aggregates import aggregate_of
from nbrefine.refine.inline.columns import Columns, columns_of
from nbrefine.refine.inline.functions import Wording, call_of, function_of
from nbrefine.refine.inline.joins import joined_tables
from nbrefine.refine.inline.loops import loop_variable, unrolled
from nbrefine.refine.inline.named import NamedTransform, Naming
from nbrefine.refine.inline.names import Told, name_for
from nbrefine.refine.inline.phrases import name_in_comment
from nbrefine.refine.inline.runs import Run, find_runs
from nbrefine.refine.inline.surroundings import pandas_name, read_surroundings
from nbrefine.refine.inline.verbs import main_verb

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbrefine.refine.extract.cells import CodeCell
    from nbrefine.refine.inline.runs import Surroundings

__all__ = ["NamedTransform", "Naming", "name_transforms"]


def name_transforms(
    notebooks: Mapping[str, Mapping[str, Any]],
    frames: Mapping[str, Collection[str]] | None = None,
    leave: Collection[int] = (),
) -> Naming:
    """Turn runs of statements that make frames of frames into functions.

    The statements stay as they are written, in the same order, on the same objects: a frame
    that they change in place is changed in place by the function, and the call binds the name
    that they bound. A cell shows what it showed.

    Parameters
    ----------
    notebooks
        The step notebooks, in the order in which they run: path relative to the project's root,
        and nbformat-4 JSON. They are not changed.
    frames
        For each of them names that hold nothing but frames, where that is known.
    leave
        Origins of cells that stay as they are.

    Returns
    -------
    Naming
        The functions are defined in cells of their own, before the cells that call them. What is
        not understood stays as it is.
    """
    cells = {path: read_cells(path, notebook) for path, notebook in notebooks.items()}
    writer = _Writer(read_surroundings(cells))
    changed = {}
    for path, notebook in notebooks.items():
        known = (frames or {}).get(path, ())
        found = find_runs(cells[path], writer.around, known)
        runs = [run for run in found if run.cell.origin not in leave]
        if runs:
            changed[path] = writer.rewrite(path, notebook, cells[path], runs, known)
    return Naming(changed, tuple(writer.transforms))


class _Writer:
    """Names and writes functions, each once in all notebooks."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.taken = {*around.bound, *around.imported, *around.functions}
        self.transforms: list[NamedTransform] = []
        # What functions do, and the name and the text of each.
        self.written: dict[tuple[str, ...], tuple[str, str]] = {}

    def rewrite(
        self,
        path: str,
        notebook: Mapping[str, Any],
        cells: Sequence[CodeCell],
        runs: Sequence[Run],
        frames: Collection[str],
    ) -> dict[str, Any]:
        """Return a notebook that calls functions for its runs."""
        first = min(run.cell.index for run in runs)
        module = pandas_name(cell for cell in cells if cell.index < first)
        frame_type = f"{module or 'pd'}.DataFrame"
        types = dict.fromkeys(frames, frame_type) | _types(self.around.constants)
        defined: set[str] = set()
        by_cell: dict[int, list[tuple[Run, str]]] = {}
        sources: dict[int, list[str]] = {}
        for run in runs:
            made = self._named(path, run, frame_type, types)
            by_cell.setdefault(run.cell.index, []).append((run, made.name))
            if made.name not in defined:
                sources.setdefault(run.cell.index, []).append(made.source)
            defined.add(made.name)
        result = {**copy.deepcopy(dict(notebook)), "cells": []}
        opening = [] if module else ["import pandas as pd"]
        for index, cell in enumerate(notebook["cells"]):
            if index in sources:
                text = "\n\n\n".join([*opening, *sources[index]])
                opening = []
                result["cells"].append(_definitions(cell, text))
            changed = copy.deepcopy(dict(cell))
            if index in by_cell:
                changed["source"] = _replaced(by_cell[index]).splitlines(keepends=True)
            result["cells"].append(changed)
        return result

    def _named(
        self, path: str, run: Run, frame_type: str, types: Mapping[str, str]
    ) -> NamedTransform:
        frames = {run.takes, run.gives}
        constants = self.around.constants
        nodes = unrolled((each.node for each in run.statements), constants)
        columns = columns_of(nodes, frames)
        verb = main_verb(nodes, columns, frames)
        summary = aggregate_of(nodes).sentence() if verb == "aggregate" else ""
        joined = joined_tables(nodes, run.arguments)
        wording = Wording(verb, columns, frame_type, types, constants, summary, joined)
        meaning = _meaning(run)
        if meaning not in self.written:
            name = name_for(_told(run, nodes, verb, columns), self.taken)
            self.written[meaning] = name, function_of(run, name, wording)
            self.taken.add(name)
        name, source = self.written[meaning]
        self.transforms.append(_transform(path, run, name, columns, source))
        return self.transforms[-1]


def _meaning(run: Run) -> tuple[str, ...]:
    """Return the same for statements that do the same, whatever their frames are called."""
    frames = {run.gives: "what comes out", run.takes: "what goes in"}
    nodes = [copy.deepcopy(each.node) for each in run.statements]
    for node in (each for statement in nodes for each in ast.walk(statement)):
        if isinstance(node, ast.Name):
            node.id = frames.get(node.id, node.id)
    same = str(run.takes == run.gives)
    return (same, *map(ast.dump, nodes), *run.arguments)


def _told(run: Run, nodes: Sequence[ast.stmt], verb: str, columns: Columns) -> Told:
    """Gather what statements, and their author, say of themselves."""
    first, last = run.statements[0].first, run.statements[-1].last
    return Told(
        verb,
        columns,
        run.gives,
        joined_tables(nodes, run.arguments),
        name_in_comment(run.cell.lines, first, last, verb),
        aggregate_of(nodes).words(),
        2 * sum(".dt." in ast.unparse(node) for node in nodes) > len(nodes),
        run.takes == run.gives,
        _value(nodes),
    )


def _value(nodes: Sequence[ast.stmt]) -> str:
    """Return the text that a single statement assigns; empty for anything else."""
    value = nodes[0].value if len(nodes) == 1 and isinstance(nodes[0], ast.Assign) else None
    text = value.value if isinstance(value, ast.Constant) else ""
    return text if isinstance(text, str) else ""


def _types(constants: Mapping[str, object]) -> dict[str, str]:
    """Return the annotations of names that stand for one value all the time."""
    return {name: type(each).__name__ for name, each in constants.items() if each is not None}


def _transform(path: str, run: Run, name: str, columns: Columns, source: str) -> NamedTransform:
    return NamedTransform(
        name,
        path,
        run.cell.place,
        run.statements[0].first,
        run.takes,
        run.gives,
        run.arguments,
        columns.reads,
        columns.makes,
        run.kind,
        source,
        tuple(dict.fromkeys(name for each in run.statements if (name := loop_variable(each.node)))),
    )


def _definitions(cell: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return the cell that defines what the next one calls."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{cell.get('id', 'cell')[:50]}-transforms",
        "metadata": {"nbrefine": {"role": "definitions"}},
        "outputs": [],
        "source": text.splitlines(keepends=True),
    }


def _replaced(runs: Sequence[tuple[Run, str]]) -> str:
    """Return the text of a cell with calls in the place of its runs."""
    lines = list(runs[0][0].cell.lines)
    for run, name in sorted(runs, key=lambda each: -each[0].statements[0].first):
        first, last = run.statements[0].first, run.statements[-1].last
        lines[first - 1 : last] = [call_of(run, name)]
    return "\n".join(lines)
