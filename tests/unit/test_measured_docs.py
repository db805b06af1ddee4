"""The figures that the documentation gives are those that were measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def figures(name: str) -> dict[str, int]:
    content = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))
    return dict(content["figures"])


def test_the_engines_page_says_what_the_results_say() -> None:
    """Row by row: ours, then stock Ploomber's."""
    page = (ROOT / "docs" / "engine.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \|$", page, flags=re.MULTILINE)
    said = {text.partition("]")[0].lstrip("["): (int(a), int(b)) for text, a, b in rows}
    faults, edits = figures("faults"), figures("staleness")
    measured = {
        f"{faults['faults']} faults": (faults["nbrefine.right"], faults["ploomber.right"]),
        "a wrong product is taken as good": (faults["nbrefine.wrong"], faults["ploomber.wrong"]),
        "it cannot build any more until somebody repairs it": (
            faults["nbrefine.stuck"],
            faults["ploomber.stuck"],
        ),
        f"{edits['edits']} edits": (edits["nbrefine_right"], edits["ploomber_right"]),
        "a product stays stale": (edits["nbrefine_stale"], edits["ploomber_stale"]),
        "something runs needlessly": (edits["nbrefine_needless"], edits["ploomber_needless"]),
    }
    assert said == measured
