"""Rounds that were measured, kept as they end: a run that is interrupted goes on from there."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from benchmarks.results import ROOT, commit
from benchmarks.serving.figures import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = ROOT / "build" / "bench" / "serving" / "rounds.jsonl"


def kept(asked: object) -> list[list[Measured]]:
    """Return the rounds of an earlier run.

    Parameters
    ----------
    asked
        What a run is asked to measure; rounds of another one, or of other sources, do not count.
    """
    lines = FILE.read_text().splitlines() if FILE.is_file() else []
    if not lines or json.loads(lines[0]) != _head(asked):
        return []
    return [[Measured(**each) for each in json.loads(line)] for line in lines[1:]]


def begin(asked: object) -> None:
    """Begin anew."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(json.dumps(_head(asked)) + "\n")


def keep(measured: Sequence[Measured]) -> None:
    """Add a round."""
    with FILE.open("a") as stream:
        stream.write(json.dumps([asdict(each) for each in measured]) + "\n")


def _head(asked: object) -> dict[str, object]:
    return {"commit": commit(), "asked": json.loads(json.dumps(asked))}
