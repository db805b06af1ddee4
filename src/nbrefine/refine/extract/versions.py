"""Functions that a notebook defines several times: each version gets a name of its own."""

from __future__ import annotations

import ast
import copy
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.notebook.text_edits import Edit, apply_edits
from nbrefine.refine.extract.bindings import read_namespace
from nbrefine.refine.extract.cells import read_cells
from nbrefine.refine.extract.definitions import looks_around

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from nbrefine.refine.extract.bindings import Binding, Namespace
    from nbrefine.refine.extract.cells import CodeCell, Statement
    from nbrefine.refine.extract.references import Reference

__all__ = ["name_versions"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LONGEST = 24  # of a text that tells a version from the others


@dataclass(frozen=True)
class _Place:
    """Where a cell has the name, and the text of the version that is meant."""

    cell: CodeCell
    line: int
    column: int
    version: str


def name_versions(
    notebooks: Mapping[str, Mapping[str, Any]], keep: Collection[str] = ()
) -> dict[str, dict[str, Any]]:
    """Give the versions of a function names of their own, so that one module can have them all.

    The version that is there at the end keeps its name. The others are told apart by the one text
    in which they differ, such as a column's name, else by numbers.

    Parameters
    ----------
    notebooks
        The step notebooks, in the order in which they run: path relative to the project's root,
        and nbformat-4 JSON. They are not changed.
    keep
        Names that stay as they are.

    Returns
    -------
    dict of str to dict of str to Any
        The notebooks that changed. Where it cannot be told which version a name stands for,
        nothing changes.
    """
    spaces = [read_namespace(path, read_cells(path, nb)) for path, nb in notebooks.items()]
    if any(space.is_open for space in spaces):
        return {}
    taken = {name for space in spaces for name in (*space.bindings, *_mentioned(space))}
    edits: dict[tuple[str, int], list[Edit]] = defaultdict(list)
    for name in dict.fromkeys(name for space in spaces for name in space.bindings):
        if any(each == name or each.startswith(f"{name}_") for each in keep):
            continue
        versions = _versions(name, spaces)
        places = _uses(name, spaces) if len(versions) > 1 else None
        if places is None:
            continue
        names = _names(name, versions, taken)
        taken |= {*names.values()}
        for each in (*_heads(name, spaces), *places):
            if (new := names[each.version]) != name:
                edit = Edit(each.line, each.column, each.line, each.column + len(name), new)
                edits[each.cell.notebook, each.cell.index].append(edit)
    return _edited(notebooks, edits)


def _mentioned(space: Namespace) -> Iterator[str]:
    for statement in space.statements:
        yield from statement.names.reads
        yield from (each.id for each in ast.walk(statement.node) if isinstance(each, ast.Name))


def _versions(name: str, spaces: Sequence[Namespace]) -> dict[str, ast.AST]:
    """Return the texts that define a function, the last one at the end; none if it is no such."""
    found: dict[str, ast.AST] = {}
    last = ""
    for space in spaces:
        for each in space.bindings.get(name, ()):
            statement = each.statement
            if not _is_version(name, each) or name in space.rebinds:
                return {}
            found.setdefault(statement.text, statement.node)
            last = statement.text
    return {text: found[text] for text in (*(each for each in found if each != last), last)}


def _is_version(name: str, binding: Binding) -> bool:
    """Whether a statement does nothing but define a function, which does not look around."""
    node, statement = binding.statement.node, binding.statement
    return (
        isinstance(node, _FUNCTIONS)
        and node.name == name
        and not node.decorator_list
        and statement.plain
        and statement.alone
        and not looks_around(node)
    )


def _uses(name: str, spaces: Sequence[Namespace]) -> list[_Place] | None:
    """Return where a function is referred to; None if it is unclear which version is meant."""
    places: list[_Place] = []
    for space in spaces:
        here = {each.statement.text for each in space.bindings.get(name, ())}
        cells = {id(each): cell for cell in space.cells for each in cell.statements or ()}
        for position, statement in enumerate(space.statements):
            cell = cells[id(statement)]
            uses = [each for each in statement.references if each.name == name]
            uses = [each for each in uses if each.how != "bind"]
            if not _are_all(uses, name, statement, cell):
                return None
            for each in uses:
                text = space.version_at(name, position)
                # What a function looks up when it is called may be a later version.
                if not text or (each.depth and len(here) > 1):
                    return None
                places.append(_Place(cell, each.line, each.column, text))
    return places


def _are_all(uses: Sequence[Reference], name: str, statement: Statement, cell: CodeCell) -> bool:
    """Whether a statement has a name nowhere else, and where the references say."""
    names = statement.names
    mentions = [
        each for each in ast.walk(statement.node) if isinstance(each, ast.Name) and each.id == name
    ]
    if name in names.string_names or (name in names.reads and not mentions):
        return False
    return (
        len(mentions) == len(uses)
        and (statement.plain or not uses)
        and all(cell.lines[each.line - 1][each.column :].startswith(name) for each in uses)
    )


def _heads(name: str, spaces: Sequence[Namespace]) -> Iterator[_Place]:
    """Yield where the versions are defined."""
    for each in (binding for space in spaces for binding in space.bindings.get(name, ())):
        line = getattr(each.statement.node, "lineno", 0)
        head = re.match(rf"(?:async\s+)?def\s+(?={name}\b)", each.cell.lines[line - 1])
        if head is not None:
            yield _Place(each.cell, line, head.end(), each.statement.text)


def _names(name: str, versions: Mapping[str, ast.AST], taken: Collection[str]) -> dict[str, str]:
    """Return a name for each version."""
    *earlier, last = versions
    told = _told_apart([versions[text] for text in versions])
    stem = f"{name}_v" if name[-1].isdigit() else f"{name}_"
    names = {last: name}
    number = 0
    for text, word in zip(earlier, told, strict=False):
        number += 1
        new = f"{name}_{word}" if word else f"{stem}{number}"
        while new in taken or new in names.values():
            number += 1
            new = f"{stem}{number}"
        names[text] = new
    return names


def _told_apart(nodes: Sequence[ast.AST]) -> list[str]:
    """Return for each version the one text that no other has, as part of a name; else nothing."""
    texts = [_texts(node) for node in nodes]
    often = Counter(text for found in texts for text in found)
    own = [[text for text in sorted(found) if often[text] == 1] for found in texts]
    if any(len(each) != 1 or len(each[0]) > _LONGEST for each in own):
        return [""] * len(nodes)
    words = [re.sub(r"\W+", "_", each[0], flags=re.ASCII).strip("_").lower() for each in own]
    return words if all(words) and len({*words}) == len(words) else [""] * len(nodes)


def _texts(node: ast.AST) -> set[str]:
    body = getattr(node, "body", [])
    told = body[0].value if body and isinstance(body[0], ast.Expr) else None
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and each is not told
    }


def _edited(
    notebooks: Mapping[str, Mapping[str, Any]], edits: Mapping[tuple[str, int], Sequence[Edit]]
) -> dict[str, dict[str, Any]]:
    changed: dict[str, dict[str, Any]] = {}
    for (path, index), found in edits.items():
        notebook = changed.setdefault(path, copy.deepcopy(dict(notebooks[path])))
        cell = notebook["cells"][index]
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        cell["source"] = apply_edits(source, found).splitlines(keepends=True)
    return changed
