"""What a stage of refine gives, as JSON: for those who want to see inside."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from nbrefine.notebook.reading import read_any
from nbrefine.recording.store import to_json
from nbrefine.refine.draft import Wishes, make_draft
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.expected import expected_formats
from nbrefine.report.masking import mask_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Recording


class Stage(StrEnum):
    """Stages of refine that write nothing."""

    READ = "read"
    RECORD = "record"
    FLOW = "flow"
    CUT = "cut"


def stage_json(
    path: Path, stage: Stage, run: Callable[[Notebook], Recording] | None = None
) -> dict[str, Any]:
    """Go through the stages up to one, and return what it gave.

    Parameters
    ----------
    path
        The notebook.
    stage
        The last stage.
    run
        Runs the notebook; None to go by the code alone.

    Returns
    -------
    dict
        What JSON can hold, credentials masked.
    """
    notebook = read_any(path)
    if stage is Stage.READ:
        return dict(_plain(notebook))
    recording = run(notebook) if run is not None else None
    if stage is Stage.RECORD:
        return dict(_plain(to_json(recording))) if recording is not None else {}
    if recording is not None and recording.failed:
        recording = None
    cells = gather(notebook, recording)
    if stage is Stage.FLOW:
        return dict(_plain(build_flow(cells)))
    root = path.parent / f"{path.stem}_pipeline"
    draft = make_draft(
        notebook, cells, root, expected_formats(cells), Wishes(), recording=recording
    )
    return {"steps": _plain(draft.steps), "bonds": _plain(draft.plan.bonds)}


def _plain(value: Any) -> Any:  # noqa: ANN401  (any value becomes any JSON)
    """Turn dataclasses, sets and paths into what JSON holds, in a fixed order."""
    data = json.loads(json.dumps(_fields(value), default=_other))
    return mask_value("", data)


def _fields(value: Any) -> Any:  # noqa: ANN401
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _other(value: object) -> object:
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=str)
    return _fields(value) if is_dataclass(value) else str(value)
