"""A check as JSON can hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from nbrefine.testing.checking import Check, StepCheck
    from nbrefine.testing.comparison import CellCheck


def check_json(check: Check) -> dict[str, Any]:
    """Return what a check has found; credentials are masked.

    Parameters
    ----------
    check
        What was found.
    """
    return {
        "passes": check.passes,
        "unknown": [*check.unknown],
        "steps": [_step(step) for step in check.steps],
    }


def _step(step: StepCheck) -> dict[str, Any]:
    return {
        "name": step.step,
        "notebook": step.notebook,
        "passes": step.passes,
        "ending": str(step.executed.ending),
        "failure": mask_text(step.executed.failure),
        "failed_at": step.executed.failed_at,
        "problem": "" if step.problem is None else step.problem.message,
        "cells": [_cell(cell) for cell in step.cells],
    }


def _cell(cell: CellCheck) -> dict[str, Any]:
    return {
        "number": cell.number,
        "verdict": str(cell.verdict),
        "why": cell.why,
        "differences": [
            {
                "part": each.part,
                "verdict": str(each.verdict),
                "message": mask_text(each.message),
                "expected": mask_text(each.expected),
                "actual": mask_text(each.actual),
            }
            for each in cell.differences
        ],
    }
