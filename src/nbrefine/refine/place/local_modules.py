"""Modules beside the notebook: the project has them, and a step depends on what it imports."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.refine.flow.facts import imported_modules
from nbrefine.refine.place.sources import named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.plan.steps import Read, Step

_PACKAGE = "__init__.py"
# Files of these formats are read by whatever module defined the value's class.
_BY_CLASS = ("pickle", "joblib")


@dataclass(frozen=True)
class LocalModules:
    """The modules of the user's own that a notebook can import.

    Parameters
    ----------
    folder
        The notebook's own folder.
    folders
        Where modules are looked for.
    """

    folder: Path
    folders: tuple[Path, ...]

    def reached(self, trees: Iterable[ast.AST]) -> frozenset[Path]:
        """Return the modules that some code imports, and those that these import in turn.

        Parameters
        ----------
        trees
            Syntax trees of the code; imports in functions count too.
        """
        found: set[Path] = set()
        todo = [file for tree in trees for file in self._files(tree, self.folder)]
        while todo:
            file = todo.pop()
            if file not in found:
                found.add(file)
                todo += self._files(_tree(file.read_bytes()), file.parent)
        return frozenset(found)

    def _files(self, tree: ast.AST, here: Path) -> Iterator[Path]:
        """Yield the files of the modules that code in a folder imports."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for each in node.names:
                    yield from self._found(each.name, self.folders)
            elif isinstance(node, ast.ImportFrom):
                bases: Sequence[Path] = self.folders
                if node.level:
                    bases = [here, *here.parents][node.level - 1 : node.level]
                module = node.module or ""
                for each in node.names:
                    yield from self._found(f"{module}.{each.name}".strip("."), bases)

    @staticmethod
    def _found(dotted: str, bases: Iterable[Path]) -> Iterator[Path]:
        """Yield a module's file and those of its packages; a last part may be no module."""
        for base in bases:
            place = base
            if dotted and (base / _PACKAGE).is_file():
                yield base / _PACKAGE
            for part in dotted.split("."):
                place /= part
                if (file := place.with_name(f"{part}.py")).is_file():
                    yield file
                if (place / _PACKAGE).is_file():
                    yield place / _PACKAGE


def find_local_modules(cells: Sequence[CellFacts], folder: Path) -> LocalModules:
    """Find where the modules beside a notebook lie.

    Parameters
    ----------
    cells
        The notebook's cells. A module that a run has read shows that its folder is searched.
    folder
        The notebook's own folder.
    """
    folder = folder.resolve()
    read = [Path(path) for facts in cells for path in facts.files.read]
    names = imported_modules(cells) | {
        module.split(".")[0] for facts in cells if facts.record for module in facts.record.imports
    }
    homes = {path.parent for path in read if path.suffix == ".py" and path.stem in names}
    homes |= {
        path.parent.parent for path in read if path.name == _PACKAGE and path.parent.name in names
    }
    return LocalModules(folder, (folder, *sorted(homes - {folder})))


def names_of(modules: LocalModules, files: Iterable[Path]) -> frozenset[str]:
    """Return the names of the modules that lie in the project, as an import begins with them."""
    inside = [file for file in files if file.is_relative_to(modules.folder)]
    return frozenset(
        file.relative_to(modules.folder).parts[0].removesuffix(".py") for file in inside
    )


def copied(modules: LocalModules, files: Iterable[Path], root: Path) -> dict[str, str]:
    """Return the modules that a project has copies of.

    Parameters
    ----------
    modules
        Where they lie.
    files
        Those that the notebook imports.
    root
        The project's root.

    Returns
    -------
    dict of str to str
        Path relative to the root, and text. What lies elsewhere, or in the project already, stays
        where it is.
    """
    inside = [file for file in sorted(files) if file.is_relative_to(modules.folder)]
    places = {file.relative_to(modules.folder).as_posix(): file for file in inside}
    return {
        path: file.read_text(encoding="utf-8")
        for path, file in places.items()
        if (root / path).resolve() != file.resolve()
    }


def with_modules(
    steps: Sequence[Step], cells: Sequence[CellFacts], modules: LocalModules, root: Path
) -> tuple[Step, ...]:
    """Add to each step's resources the modules that it imports.

    Parameters
    ----------
    steps
        In the notebook's order.
    cells
        The notebook's code cells, by their origin.
    modules
        The modules beside it.
    root
        The project's root.

    Returns
    -------
    tuple of Step
        A step that reads values by their classes depends on what their maker imports, too.
    """
    files: dict[str, frozenset[Path]] = {}
    for step in steps:
        trees: list[ast.AST] = [cells[origin].tree for origin in step.cells]
        trees += [_tree(recipe.source) for recipe in step.recipes]
        own = modules.reached(trees)
        makers = (files[read.step] for read in step.reads if _by_class(read))
        files[step.name] = own.union(*makers)
    return tuple(
        replace(step, resources=_more(step.resources, files[step.name], modules.folder, root))
        for step in steps
    )


def _by_class(read: Read) -> bool:
    stored = read.product.stored
    return stored is not None and any(kind in stored.format for kind in _BY_CLASS)


def _tree(source: str | bytes) -> ast.AST:
    """Return the syntax tree of some code; an empty one where it is none."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _more(
    resources: Mapping[str, str], files: Iterable[Path], folder: Path, root: Path
) -> dict[str, str]:
    paths = [
        file.relative_to(folder).as_posix()
        if file.is_relative_to(folder)
        else Path(os.path.relpath(file, root.resolve())).as_posix()
        for file in sorted(files)
    ]
    given = {path: name for name, path in resources.items()}
    return named([*resources.values(), *paths], given)
