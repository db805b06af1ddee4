"""Where executed notebooks are kept beside the products."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def executed_notebook(root: Path, step: str) -> Path:
    """Return where the notebook of a step's last good run is, whatever its products are."""
    return root / ".nbrefine" / "executed" / f"{step}.ipynb"


def kept_notebook(root: Path, step: str) -> Path:
    """Return where the notebook of a step that failed is kept."""
    return root / ".nbrefine" / "failed" / f"{step}.ipynb"
