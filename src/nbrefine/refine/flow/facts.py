"""What is known of each cell: its code as it stands, and what a run of it showed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.analysis.aliases import module_aliases
from nbrefine.analysis.effects import cell_effects
from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.syntax import to_python
from nbrefine.recording.facts import Basis
from nbrefine.refine.flow.code_aliases import alias_groups
from nbrefine.refine.flow.code_files import CodeFiles, FileUse
from nbrefine.refine.flow.handles import connection_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbrefine.analysis.effects import Effect
    from nbrefine.analysis.scopes import CellNames
    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.notebook.syntax import PythonCell
    from nbrefine.recording.record import CellRecord, Recording


@dataclass(frozen=True)
class CellFacts:
    """One code cell, seen from all sides.

    Parameters
    ----------
    origin
        Index over the notebook's code cells that are not empty.
    cell
        As the document has it.
    python
        Its code as plain Python.
    tree
        Its syntax tree; empty where the code is not Python.
    names
        Names that its code reads and binds.
    effects
        What its code does beyond its names.
    record
        What the observed run showed; None if there was no run.
    files
        The files that it reads and writes: as the run showed, else as the code tells.
    groups
        Names that may share an object after it, likewise.
    """

    origin: int
    cell: Cell
    python: PythonCell
    tree: ast.Module
    names: CellNames
    effects: tuple[Effect, ...]
    record: CellRecord | None
    files: FileUse
    groups: tuple[frozenset[str], ...]

    def text(self, first: int, last: int) -> str:
        """Return some lines of the cell, counted from 1, as its author wrote them."""
        return "\n".join(self.cell.source.split("\n")[first - 1 : last])


def gather(notebook: Notebook, recording: Recording | None) -> tuple[CellFacts, ...]:
    """Bring static and observed facts of each cell together.

    Parameters
    ----------
    notebook
        The notebook.
    recording
        Its observed run. None, or one that rests on no run, to go by the code alone.

    Returns
    -------
    tuple of CellFacts
        One for each code cell that is not empty.
    """
    seen = recording is not None and recording.basis is Basis.RUN
    records = {record.origin: record for record in recording.cells} if recording and seen else {}
    cells = [cell for cell in notebook.code_cells if cell.source.strip()]
    code_files = CodeFiles(notebook.path.resolve().parent)
    functions: set[str] = set()
    modules: set[str] = set()
    found: list[CellFacts] = []
    for origin, cell in enumerate(cells):
        python = to_python(cell.source)
        tree = _tree(python)
        names = analyse_cell(python, may_fail="raises-exception" in cell.tags)
        aliases = module_aliases(facts.names for facts in found)
        effects = cell_effects(python, names, aliases)
        record = records.get(origin)
        functions |= {each.name for each in names.definitions}
        modules |= {each.name for each in names.imports}
        if record is not None:
            files = FileUse(record.files_read, record.files_written)
            groups = (*record.aliases, *record.same_object)
        else:
            files = code_files.of_cell(python, tree, effects)
            groups = alias_groups(tree, found[-1].groups if found else (), functions, modules)
        found.append(CellFacts(origin, cell, python, tree, names, effects, record, files, groups))
    return _with_databases(found)


def _with_databases(cells: Sequence[CellFacts]) -> tuple[CellFacts, ...]:
    """Say of cells that use a connection that they read what the cell which connects opens.

    So do those that call a function which uses it.
    """
    connected: dict[str, tuple[str, ...]] = {}
    found = []
    for facts in cells:
        names = {node.id for node in ast.walk(facts.tree) if isinstance(node, ast.Name)}
        asked = [path for name in connected if name in names for path in connected[name]]
        read = tuple(dict.fromkeys([*facts.files.read, *asked]))
        opened = (*facts.files.read, *facts.files.written)
        connected |= dict.fromkeys(filter(None, map(connection_name, facts.tree.body)), opened)
        for each in facts.names.definitions:
            if used := connected.keys() & each.reads:
                connected[each.name] = tuple(path for name in used for path in connected[name])
        found.append(replace(facts, files=replace(facts.files, read=read)))
    return tuple(found)


def imported_modules(cells: Iterable[CellFacts]) -> set[str]:
    """Return the top-level modules that the code of cells imports.

    Parameters
    ----------
    cells
        The cells.
    """
    names = [facts.names for facts in cells]
    modules = [each.module for found in names for each in found.imports]
    modules += [each for found in names for each in found.star_imports]
    return {module.partition(".")[0] for module in modules} - {""}


def gather_anew(notebook: Notebook, cells: Sequence[CellFacts]) -> tuple[CellFacts, ...]:
    """Look at the code of a notebook again, of which some texts have changed.

    Parameters
    ----------
    notebook
        The notebook as it is now; its cells do what they did.
    cells
        What was known of them: what a run showed, and the files, still hold.

    Returns
    -------
    tuple of CellFacts
        One for each of them.
    """
    new = gather(notebook, None)
    return tuple(
        replace(each, record=old.record, files=old.files, groups=old.groups)
        for each, old in zip(new, cells, strict=True)
    )


def _tree(python: PythonCell) -> ast.Module:
    try:
        return ast.parse("" if python.foreign else python.code)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])
