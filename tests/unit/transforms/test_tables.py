"""The labelled transforms of the benchmark, by their code alone."""

from __future__ import annotations

import pytest

from benchmarks.transforms.table import Case, cases
from nbrefine.transforms import Kind, classify

CASES = cases()
# Only their data show what they are.
OPEN = {
    "one value of the batch by unpacking",
    "numbers given out by an iterator",
    "a total in a closure",
    "pd.eval",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}: {case.name}")
def test_the_code_says_what_a_transform_is(case: Case) -> None:
    """Each labelled transform is classified right, or left open where the code is not enough."""
    said = classify(case.code)
    assert said.kind == (Kind.UNKNOWN if case.name in OPEN else case.kind), said
    assert said.evidence == "code"


def test_the_tables_are_as_large_as_promised() -> None:
    """There are thirty idioms and more of each kind, hard ones among them."""
    for kind in (Kind.ROW_WISE, Kind.FITTED, Kind.RESHAPING):
        assert sum(case.kind == kind for case in CASES) >= 30
        assert any(case.hard for case in CASES if case.kind == kind)
    assert len({(case.table, case.name) for case in CASES}) == len(CASES)
