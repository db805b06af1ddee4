"""Which cells show something else: by the bytes of their outputs, with no comparison of ours."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# What names the process or the place, and no result.
_MEANINGLESS = re.compile(r"0x[0-9a-f]{6,}|ipykernel_\d+/\d+|T_[0-9a-f]{5}|sk-\w+-id-\d+")


def shown(notebook: Path) -> dict[str, str]:
    """Return digests of what the code cells of an executed notebook show, by id."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return {cell["id"]: _digest(cell["outputs"]) for cell in cells if cell["cell_type"] == "code"}


def _digest(outputs: Sequence[Mapping[str, Any]]) -> str:
    kept = [
        {key: value for key, value in each.items() if key not in {"execution_count", "metadata"}}
        for each in outputs
        if each.get("name") != "stderr"
    ]
    text = _MEANINGLESS.sub("", json.dumps(kept, sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()


def steady(runs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the cells that show the same in all runs: only they say whether a fault shows."""
    first = runs[0]
    return {
        name: text for name, text in first.items() if all(run.get(name) == text for run in runs)
    }


def first_changed(notebook: Path, before: Mapping[str, str], order: Sequence[str]) -> str | None:
    """Return the id of the first cell that shows something else; None if none does."""
    now = shown(notebook)
    changed = [name for name in order if name in before and now.get(name) != before[name]]
    return changed[0] if changed else None
