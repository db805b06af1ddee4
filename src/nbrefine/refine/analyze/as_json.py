"""An analysis as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from nbrefine.files.paths import shown
from nbrefine.report.masking import mask_text, mask_value

if TYPE_CHECKING:
    from nbrefine.recording.facts import ValueFacts
    from nbrefine.refine.analyze.analyze import Analysis


def analysis_json(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as what JSON can hold, credentials masked.

    Parameters
    ----------
    analysis
        The analysis.

    Returns
    -------
    dict
        Cells are given as JupyterLab shows them: over all cells, from 1.
    """
    failed, recording = analysis.failed, analysis.recording
    return {
        "notebook": shown(analysis.notebook.path),
        "was_run": recording is not None or failed is not None,
        "expected": list(analysis.expected),
        "failed": None
        if failed is None
        else {"message": mask_text(failed.message), "where": str(failed.where)},
        "steps": [
            {**asdict(step), "cells": [index + 1 for index in step.cells]}
            for step in analysis.steps
        ],
        "passages": [
            {
                "name": each.name,
                "from": each.producer,
                "to": list(each.consumers),
                "value": _value(each.facts),
            }
            for each in analysis.passages
        ],
        "parameters": {
            name: mask_value(name, value) for name, value in analysis.parameters.items()
        },
        "inputs": sorted({path for step in analysis.steps for path in step.inputs}),
        "outputs": sorted({path for step in analysis.steps for path in step.outputs}),
        "findings": [
            {
                **asdict(each),
                "message": mask_text(each.message),
                "cell": None if each.cell is None else each.cell + 1,
            }
            for each in analysis.findings
        ],
        "seconds": None
        if recording is None
        else {
            "observed": round(recording.observed_seconds, 3),
            "plain": round(recording.plain_seconds, 3),
        },
    }


def _value(facts: ValueFacts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    shape = None if facts.shape is None else list(facts.shape)
    return {"type": facts.type, "bytes": facts.size, "shape": shape}
