"""A step's parameters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.pipeline.entries import Entry

RESOURCES = "resources_"
_CALL = re.compile(r"\w+(\.\w+)*::\w+\Z")


def params_of(entry: Entry) -> dict[str, object]:
    """Return the parameters that a task states.

    Raises
    ------
    PipelineSpecError
        If they are no mapping, take a name that Ploomber needs, or a grid is computed by code.
    """
    params = entry.value.get("params")
    if params is None:
        params = {}
    if not isinstance(params, dict):
        raise entry.error("'params' has to be a mapping of names to values.", "params")
    for name in ("upstream", "product"):
        if name in params:
            raise entry.error(f"A parameter cannot be called {name!r}.", "params", name)
    grid = entry.value.get("grid")
    for part in grid if isinstance(grid, list) else [grid]:
        for name, value in part.items() if isinstance(part, dict) else ():
            if computed(value):
                raise entry.error(
                    f"The values of {name!r} come from code, which is not run here.",
                    "grid",
                    hint="Write them out, or use ploomber status.",
                )
    return {str(name): value for name, value in params.items()}


def with_resources(entry: Entry, params: dict[str, object]) -> dict[str, object]:
    """Return the parameters with the files of ``resources_`` as absolute paths.

    Raises
    ------
    PipelineSpecError
        If they are no mapping of names to files that exist.
    """
    if RESOURCES not in params:
        return params
    resources = params[RESOURCES]
    if not isinstance(resources, dict):
        message = "'resources_' has to be a mapping of names to files."
        raise entry.error(message, "params", RESOURCES)
    paths = {}
    for name, value in resources.items():
        path = entry.root / str(value)
        if not path.is_file():
            raise entry.error(f"There is no file {value!r}.", "params", RESOURCES, name)
        paths[str(name)] = str(path.resolve())
    return {**params, RESOURCES: paths}


def computed(value: object) -> bool:
    """Tell whether Ploomber would call a function, ``module::function``, for a value."""
    if isinstance(value, dict):
        value = value.get("dotted_path")
    return isinstance(value, str) and _CALL.match(value) is not None


def computed_names(params: Mapping[str, object]) -> list[str]:
    """Return the parameters whose values only running code would tell."""
    return [name for name, value in params.items() if computed(value)]
