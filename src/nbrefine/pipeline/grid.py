"""A task with a ``grid`` stands for one step per combination of parameters."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RUNTIME = re.compile(r"\[\[\s*(\w+)\s*\]\]")


class GridError(ValueError):
    """The grid cannot be followed; the message says why."""


def combinations(grid: object, params: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """Return the parameters of each step that a grid stands for, in Ploomber's order.

    Parameters
    ----------
    grid
        Names and lists of values, or a list of such mappings.
    params
        What all steps have in common.

    Raises
    ------
    GridError
        If the grid is neither, or shares a name with `params`.
    """
    parts = grid if isinstance(grid, list) else [grid]
    for part in parts:
        if not isinstance(part, dict) or not part:
            raise GridError("a grid is a mapping of names to lists, or a list of such mappings")
        if shared := sorted(set(part) & set(params)):
            raise GridError(f"'grid' and 'params' both say {', '.join(shared)}")
        values = [_values(value) for value in part.values()]
        for combination in itertools.product(*values):
            yield {**dict(zip(part, combination, strict=True)), **params}


def filled(template: str, params: Mapping[str, object]) -> str:
    """Replace ``[[name]]`` by the parameter's value.

    Raises
    ------
    GridError
        If there is no such parameter.
    """

    def replace(match: re.Match[str]) -> str:
        if match[1] not in params:
            raise GridError(f"[[{match[1]}]] is no parameter of the grid")
        return str(params[match[1]])

    result = _RUNTIME.sub(replace, template)
    if "[[" in result:
        raise GridError(f"{template!r} has more than plain names in [[ ]]")
    return result


def numbered(path: str, index: int) -> str:
    """Put a step's number before a file name's suffixes: ``a.tar.gz`` becomes ``a-0.tar.gz``."""
    folder, slash, name = path.rpartition("/")
    # All suffixes count, but a leading dot does not begin one.
    stem, dot, suffixes = name.lstrip(".").partition(".")
    dots = name[: len(name) - len(name.lstrip("."))]
    return f"{folder}{slash}{dots}{stem}-{index}{dot}{suffixes}"


def _values(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple | set | dict) else [value]
