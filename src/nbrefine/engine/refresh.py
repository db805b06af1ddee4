"""A notebook of which only prose, comments or formatting are new is shown anew without a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.notebook.document import INJECTED_TAG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def refreshed(source: Mapping[str, Any], executed: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a notebook with new sources and the outputs that it had.

    Parameters
    ----------
    source
        The notebook as it is now, with its parameters injected.
    executed
        As it ran.

    Returns
    -------
    dict or None
        None if their cells do not belong together: then it has to run.
    """
    ran = [cell for cell in executed["cells"] if _has_code(cell)]
    now = [cell for cell in source["cells"] if _has_code(cell)]
    if len(ran) != len(now) or [*map(_is_injected, ran)] != [*map(_is_injected, now)]:
        return None
    outputs = iter(ran)
    cells = [_shown(cell, next(outputs) if _has_code(cell) else None) for cell in source["cells"]]
    metadata = {**source.get("metadata", {}), **_notes(executed.get("metadata", {}))}
    return {**source, "cells": cells, "metadata": metadata}


def _shown(cell: Mapping[str, Any], ran: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return a cell with the outputs of the one that ran."""
    if ran is None:
        return dict(cell)
    metadata = {**cell.get("metadata", {}), **_notes(ran.get("metadata", {}))}
    return {
        **cell,
        "metadata": metadata,
        "outputs": ran.get("outputs", []),
        "execution_count": ran.get("execution_count"),
    }


def _notes(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: metadata[key] for key in ("papermill", "execution") if key in metadata}


def _has_code(cell: Mapping[str, Any]) -> bool:
    """Whether a cell runs: one with comments alone does, for it is counted."""
    return cell["cell_type"] == "code" and bool("".join(cell["source"]).strip())


def _is_injected(cell: Mapping[str, Any]) -> bool:
    tags: Sequence[str] = cell.get("metadata", {}).get("tags", ())
    return INJECTED_TAG in tags
