"""The files that a notebook reads, and how a project elsewhere finds them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from nbrefine.analysis.literals import find_literals
from nbrefine.refine.flow.code_files import SOMEWHERE
from nbrefine.refine.place.credential_files import DOTENV

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbrefine.refine.flow.facts import CellFacts

# Ploomber hashes resources at every start; above this size it would be felt.
LARGEST_RESOURCE = 100_000_000
_LONGEST = 400


@dataclass(frozen=True)
class Sources:
    """Where the project finds what the notebook found beside itself.

    Parameters
    ----------
    links
        Paths relative to the project's root, and the user's files or folders that they stand for.
    paths
        Texts of the notebook that name an input file, from the project's root.
    inputs
        For each cell the input files, as paths from the project's root.
    outputs
        For each cell the files that it writes, likewise.
    folders
        Folders that the notebook expects to write into.
    changed
        Those of the links that the notebook writes to: they have to be copies.
    """

    links: Mapping[str, Path]
    paths: frozenset[str]
    inputs: Mapping[int, tuple[str, ...]]
    outputs: Mapping[int, tuple[str, ...]]
    folders: tuple[str, ...]
    changed: frozenset[str] = frozenset()

    def linking(self, links: Mapping[str, Path]) -> Sources:
        """Return these with some more links, unless a folder of theirs is linked already."""
        linked = frozenset(self.links)
        new = {
            path: target
            for path, target in links.items()
            if linked.isdisjoint([path, *map(str, PurePosixPath(path).parents)])
        }
        return replace(self, links={**self.links, **new})

    def copies(self, *, everything: bool) -> Collection[str]:
        """Return which of the links are copies; never a file with credentials, unless it has to be.

        Parameters
        ----------
        everything
            Whether the user wants copies.
        """
        if not everything:
            return self.changed
        return [path for path in self.links if PurePosixPath(path).name != DOTENV]


def find_sources(
    cells: Sequence[CellFacts],
    folder: Path,
    root: Path,
    ending: Collection[str] | None = None,
    modules: Collection[Path] = (),
) -> Sources:
    """Find what a notebook reads and writes.

    Parameters
    ----------
    cells
        Its cells.
    folder
        The notebook's own folder.
    root
        The project's root.
    ending
        Files written that were there at the end; the others are no products. None if not known.
    modules
        The modules of the user's own: the project has copies of them, so they are no data.

    Returns
    -------
    Sources
        What lies below the notebook's folder keeps its path; for the rest a path from the root,
        or the whole one where that shares no folder with the project.
    """
    folder, root = folder.resolve(), root.resolve()
    written: set[Path] = set()
    inputs: dict[int, tuple[str, ...]] = {}
    outputs: dict[int, tuple[str, ...]] = {}
    read: list[Path] = []
    for facts in cells:
        files = [Path(path) for path in facts.files.read]
        own = [
            path for path in files if path not in written and path not in modules and path.exists()
        ]
        read += own
        written |= {Path(path) for path in facts.files.written}
        inputs[facts.origin] = tuple(_from_root(path, folder, root) for path in own)
        outputs[facts.origin] = tuple(
            _from_root(Path(path), folder, root)
            for path in facts.files.written
            if Path(path).is_relative_to(folder) and (ending is None or path in ending)
        )
    links = _links(read, {*written, *modules}, folder)
    return Sources(
        links=links,
        paths=_texts(cells, frozenset(read), folder, root),
        inputs=inputs,
        outputs=outputs,
        folders=_folders(written, folder),
        changed=frozenset(path for path, target in links.items() if target in written),
    )


def named(paths: Iterable[str], given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Give each path a name: ``flights_csv`` for ``data/flights.csv``.

    Parameters
    ----------
    paths
        The paths.
    given
        Names that some have already.
    """
    names: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        file = Path(path)
        # Of a package, `__init__.py` says nothing.
        text = f"{file.parent.name}.py" if file.name == "__init__.py" else file.name
        name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or "file"
        name = (given or {}).get(path, name)
        name = name if name.isidentifier() else f"file_{name}"
        while name in names:
            name += "_"
        names[name] = path
    return names


def _from_root(path: Path, folder: Path, root: Path) -> str:
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    # What shares no folder with the project moves with neither.
    if os.path.commonpath([path, root]) == path.anchor:
        return path.as_posix()
    return Path(os.path.relpath(path, root)).as_posix()


def _folders(written: Iterable[Path], folder: Path) -> tuple[str, ...]:
    """Return the folders that are there already for a notebook which writes into them."""
    parents = {path.parent for path in written if path.is_relative_to(folder)}
    inside = {each.relative_to(folder).as_posix() for each in parents if each.is_dir()}
    return tuple(sorted(inside))


def _links(read: Iterable[Path], written: set[Path], folder: Path) -> dict[str, Path]:
    """Return what to link: files, or the folder of many where the notebook writes nothing."""
    known = Path(SOMEWHERE) not in written
    inside = sorted({path for path in read if path.is_relative_to(folder)})
    links: dict[str, Path] = {}
    for path in inside:
        target = path
        parts = path.relative_to(folder).parts
        top = folder / parts[0]
        if known and len(parts) > 1 and not any(each.is_relative_to(top) for each in written):
            target = top
        links[target.relative_to(folder).as_posix()] = target
    return links


def _texts(
    cells: Sequence[CellFacts], read: Collection[Path], folder: Path, root: Path
) -> frozenset[str]:
    """Return the texts that name an input file."""
    return frozenset(
        literal.value
        for facts in cells
        for literal in find_literals(facts.python)
        if isinstance(literal.value, str)
        and 0 < len(literal.value) <= _LONGEST
        and any(Path(os.path.normpath(base / literal.value)) in read for base in (folder, root))
    )
