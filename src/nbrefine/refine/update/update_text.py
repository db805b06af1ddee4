"""What an update came to, in lines and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nbrefine.errors import Place
from nbrefine.refine.prove.proof import headline, proof_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.update.model import Conflict
    from nbrefine.refine.update.update import Update

__all__ = ["update_json", "update_lines"]

_LONGEST = 12


def update_lines(found: Update) -> Iterator[str]:
    """Say what was changed; what was not, and why."""
    for conflict in found.conflicts:
        yield from _conflict(conflict, settled=found.settled)
    if found.refused:
        yield f"Nothing was written: {found.refused}."
        if found.conflicts:
            yield "Change the cells that are named here to what you want on both sides, or say"
            yield "which side counts: --prefer mine, or --prefer notebook."
        return
    for verb, paths in (("changed", found.changed), ("removed", found.removed)):
        yield from (f"  {verb}: {path}" for path in paths)
    if not found.changed and not found.removed:
        yield "The project is what the notebook says already."
    yield from (
        f"  {path} is not of its step as you have it: look whether nbval still compares the right"
        for path in found.stale
    )
    yield headline(found.proof) if found.proof else "Not proved: the project was not built."
    if found.tests.trouble:
        yield f"The tests were not run: {found.tests.trouble}"
    yield from (f"  fails now: {name}: {why}" for name, why in found.tests.failed.items())


def _conflict(conflict: Conflict, *, settled: bool) -> Iterator[str]:
    """Show both sides of a contradiction, and what they started from."""
    name = f" ({conflict.name})" if conflict.name else ""
    yield f"{Place(conflict.path, cell=conflict.cell)}{name}: {conflict.what}"
    if settled:
        return
    for title, text in (
        ("it was", conflict.base),
        ("yours", conflict.ours),
        ("the notebook's", conflict.theirs),
    ):
        if text is not None:
            yield f"  {title}:"
            lines = text.splitlines()
            yield from (f"    | {line}" for line in lines[:_LONGEST])
            if len(lines) > _LONGEST:
                yield f"    | ... {len(lines) - _LONGEST} more lines (--json has them all)"


def update_json(found: Update) -> dict[str, Any]:
    """Describe an update."""
    return {
        "notebook": found.notebook.name,
        "project": found.root.resolve().name,
        "written": not found.refused,
        "refused": found.refused,
        "conflicts": [asdict(each) for each in found.conflicts],
        "changed": list(found.changed),
        "removed": list(found.removed),
        "stale_baselines": list(found.stale),
        "proof": proof_json(found.proof) if found.proof else None,
        "tests": asdict(found.tests),
    }
