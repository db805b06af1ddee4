"""Step notebooks as files made of cells, each cell known by what it was in the version before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.refine.prove.case import origin_of
from nbrefine.refine.update.model import Document, Item
from nbrefine.refine.update.pairing import pair_by, pair_files
from nbrefine.refine.write.notebook import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    Notebooks = Mapping[str, Mapping[str, Any]]
    _Rule = Callable[["_Cell"], Hashable | None]

__all__ = ["Versions", "notebook_of", "versions_of"]

# A cell's metadata, one level down, so that a tag and an origin are merged apart.
_METADATA = "metadata."
_MARK = f"{_METADATA}nbrefine"
_FRESH: Mapping[str, Any] = {"execution_count": None, "outputs": []}


@dataclass(frozen=True)
class Versions:
    """Three versions of the step notebooks, in which the same key means the same cell."""

    base: tuple[Document, ...]
    ours: tuple[Document, ...]
    theirs: tuple[Document, ...]


@dataclass(frozen=True)
class _Cell:
    """A cell of one version; `below` is the original cell that comes next, by its origin."""

    path: str
    cell: Mapping[str, Any]
    below: int | None

    @property
    def text(self) -> str:
        source = self.cell.get("source", "")
        return source if isinstance(source, str) else "".join(source)

    @property
    def origin(self) -> int | None:
        return origin_of(self.cell)

    @property
    def role(self) -> str | None:
        mine = self.cell.get("metadata", {}).get("nbrefine")
        return mine.get("role") if isinstance(mine, dict) else None

    @property
    def words(self) -> str | None:
        """The text of a cell that only its text identifies."""
        return self.text if self.origin is None and self.role is None else None


def versions_of(
    base: Notebooks, ours: Notebooks, theirs: Notebooks, origins: Mapping[int, int]
) -> Versions:
    """Say which cell is which.

    Parameters
    ----------
    base, ours, theirs
        The step notebooks of each version: path relative to the root, and nbformat's JSON.
    origins
        For the original's cells in the base their index in the changed notebook.
    """
    before, mine, new = _cells(base), _cells(ours), _cells(theirs)
    to_mine, files_of_mine = _with_ours(before, mine)
    to_new, files_of_new = _with_theirs(before, new, origins)
    keys = [f"{cell.path}#{number}" for number, cell in enumerate(before)]
    keys_of_mine = [
        keys[to_mine[number]] if number in to_mine else f"mine:{number}"
        for number in range(len(mine))
    ]
    keys_of_new = [
        keys[to_new[number]] if number in to_new else f"new:{number}" for number in range(len(new))
    ]
    # A cell that both sides have added is one cell.
    added = [number for number in range(len(mine)) if number not in to_mine]
    more = [number for number in range(len(new)) if number not in to_new]
    same = pair_by(
        added,
        more,
        [
            (
                lambda at: (files_of_mine.get(mine[at].path, mine[at].path), mine[at].text),
                lambda at: (files_of_new.get(new[at].path, new[at].path), new[at].text),
            )
        ],
    )
    for at, other in same.items():
        keys_of_new[more[at]] = keys_of_mine[added[other]]
    rests = [_rest(cell) for cell in before]
    settled = [
        _settled(cell, rests[to_mine[number]] if number in to_mine else None, origins)
        for number, cell in enumerate(mine)
    ]
    fresh = [_rest(cell) for cell in new]
    return Versions(
        _documents(base, before, keys, rests, {}),
        _documents(ours, mine, keys_of_mine, settled, files_of_mine),
        _documents(theirs, new, keys_of_new, fresh, files_of_new),
    )


def notebook_of(document: Document, ours: Mapping[str, str]) -> str:
    """Write a merged notebook.

    Parameters
    ----------
    document
        Its cells.
    ours
        The texts of our cells by key: a cell that reads otherwise now has lost its outputs.
    """
    cells = []
    for item in document.items:
        rest = dict(item.rest)
        if rest["cell_type"] == "code" and ours.get(item.key) != item.text:
            rest |= _FRESH
        metadata = {
            name.removeprefix(_METADATA): rest.pop(name)
            for name in list(rest)
            if name.startswith(_METADATA)
        }
        source = item.text.splitlines(keepends=True)
        cells.append({**rest, "metadata": metadata, "source": source})
    return to_text({**document.rest, "cells": cells})


def _cells(notebooks: Notebooks) -> list[_Cell]:
    """Return the cells of all notebooks in a row."""
    found: list[_Cell] = []
    for path, notebook in notebooks.items():
        below: int | None = None
        here = []
        for cell in reversed(notebook["cells"]):
            here.append(_Cell(path, cell, below))
            origin = origin_of(cell)
            below = below if origin is None else origin
        found += reversed(here)
    return found


def _with_ours(
    before: Sequence[_Cell], mine: Sequence[_Cell]
) -> tuple[dict[int, int], Mapping[str, str]]:
    """Pair our cells with those that were written: JupyterLab keeps ids and metadata."""
    certain: list[tuple[_Rule, _Rule]] = [
        (lambda cell: _named(cell.path, cell.cell.get("id")),) * 2,
        (lambda cell: cell.cell.get("id"),) * 2,
        (lambda cell: cell.origin,) * 2,
    ]
    return _paired(before, mine, pair_by(before, mine, certain), lambda origin: origin)


def _with_theirs(
    before: Sequence[_Cell], new: Sequence[_Cell], origins: Mapping[int, int]
) -> tuple[dict[int, int], Mapping[str, str]]:
    """Pair the cells that refine writes now with those that it wrote before."""

    def renumbered(origin: int | None) -> int | None:
        return None if origin is None else origins.get(origin)

    certain: list[tuple[_Rule, _Rule]] = [
        (lambda cell: renumbered(cell.origin), lambda cell: cell.origin)
    ]
    return _paired(before, new, pair_by(before, new, certain), renumbered)


def _paired(
    before: Sequence[_Cell],
    after: Sequence[_Cell],
    pairs: dict[int, int],
    renumbered: Callable[[int | None], int | None],
) -> tuple[dict[int, int], Mapping[str, str]]:
    """Pair the cells that are not the original's own, once it is known which file is which."""
    shared = ((before[old].path, after[new].path) for new, old in pairs.items())
    paths = ({cell.path: None for cell in cells} for cells in (before, after))
    files = pair_files(shared, *paths)

    def home(cell: _Cell) -> str | None:
        return files.get(cell.path)

    rest: list[tuple[_Rule, _Rule]] = [
        (lambda cell: _named(cell.path, cell.role), lambda cell: _named(home(cell), cell.role)),
        (
            lambda cell: _named(cell.path, cell.words),
            lambda cell: _named(home(cell), cell.words),
        ),
        (lambda cell: cell.words,) * 2,
        (lambda cell: _heads(cell, renumbered(cell.below)), lambda cell: _heads(cell, cell.below)),
    ]
    return pair_by(before, after, rest, pairs), files


def _heads(cell: _Cell, below: int | None) -> int | None:
    """Return the original cell that a heading stands over."""
    return below if cell.cell.get("cell_type") == "markdown" else None


def _named(path: str | None, name: object) -> tuple[str, object] | None:
    return None if path is None or name is None else (path, name)


def _rest(cell: _Cell) -> dict[str, Any]:
    """Return what goes with a cell's text, its metadata one level down."""
    flat = {f"{_METADATA}{name}": value for name, value in cell.cell.get("metadata", {}).items()}
    beside = {
        name: value for name, value in cell.cell.items() if name not in {"source", "metadata"}
    }
    return {**beside, **flat}


def _settled(
    cell: _Cell, before: Mapping[str, Any] | None, origins: Mapping[int, int]
) -> dict[str, Any]:
    """Return what goes with one of our cells; who it is, is not ours to change."""
    rest = _rest(cell)
    if before is not None:
        own = {name: before[name] for name in ("id", _MARK) if name in before}
        return {name: value for name, value in rest.items() if name not in {"id", _MARK}} | own
    origin = None if cell.origin is None else origins.get(cell.origin)
    if origin is None:
        rest.pop(_MARK, None)
    else:
        rest[_MARK] = {"origin": origin}
    return rest


def _documents(
    notebooks: Notebooks,
    cells: Sequence[_Cell],
    keys: Sequence[str],
    rests: Sequence[Mapping[str, Any]],
    files: Mapping[str, str],
) -> tuple[Document, ...]:
    items: dict[str, list[Item]] = defaultdict(list)
    for cell, key, rest in zip(cells, keys, rests, strict=True):
        items[cell.path].append(Item(key, cell.text, rest))
    return tuple(
        Document(
            files.get(path, path),
            path,
            tuple(items[path]),
            {name: value for name, value in notebook.items() if name != "cells"},
        )
        for path, notebook in notebooks.items()
    )
