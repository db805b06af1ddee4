"""Findings that only a run can show: each is found in the bad example of its page, not the good."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nbrefine.refine.analyze.analyze import analyze, observed_run
from nbrefine.refine.findings.pages import example_notebook, examples
from nbrefine.refine.findings.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.refine.findings.rule import Rule

pytestmark = pytest.mark.slow

NEED_A_RUN = [rule for rule in RULES if rule.needs_run]


@pytest.mark.parametrize("rule", NEED_A_RUN, ids=lambda rule: rule.code)
@pytest.mark.parametrize(("kind", "expected"), [("Bad", True), ("Good", False)])
def test_the_examples_of_a_page(
    rule: type[Rule],
    kind: str,
    expected: bool,  # noqa: FBT001  (a case)
    tmp_path: Path,
) -> None:
    """The notebook is run for real, twice where that matters."""
    cells = [
        {"cell_type": "code", "metadata": {}, "source": cell.source, "id": str(number)}
        | {"outputs": [], "execution_count": None}
        for number, cell in enumerate(example_notebook(examples(rule)[kind]).cells)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "example.ipynb").write_text(json.dumps(document))
    found = analyze(tmp_path / "example.ipynb", run=observed_run(runs=2)).findings
    assert (rule.code in {each.code for each in found}) is expected
