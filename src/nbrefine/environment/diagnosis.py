"""What one check of the installation found, what was done about it, and how to undo that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended, from best to worst."""

    OK = "ok"
    MENDED = "mended"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Diagnosis:
    """The outcome of one check.

    Parameters
    ----------
    name
        What was checked.
    verdict
        How it ended.
    found
        What is there, in words.
    done
        What nbrefine did about it, if anything.
    remedy
        What the user can do, if anything is left to do.
    undo
        How to take back what nbrefine did.
    """

    name: str
    verdict: Verdict
    found: str
    done: str = ""
    remedy: str = ""
    undo: str = ""
