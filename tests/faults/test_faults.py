"""Whatever ends or disturbs a build, the next one is right, and nothing is ever half there.

A sample runs with all tests; `make faults` runs them all.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.faults.fault import Fault, all_faults, sampled
from benchmarks.faults.inject import Injection
from benchmarks.faults.judge import Judgement, judge, whole
from benchmarks.faults.tool import OURS
from benchmarks.small_pipeline import Project, make_project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

_FAULTS = all_faults()
# A number, or all of them.
_WANTED = os.environ.get("FAULTS", "24")
_CHOSEN = _FAULTS if _WANTED == "all" else sampled(_FAULTS, int(_WANTED))
_WHOLE_AFTER = frozenset({"point", "moment", "disk"})


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, float]:
    """A project that has been built, and how long that took."""
    return OURS.built(tmp_path_factory.mktemp("faults") / "project")


def test_there_are_a_thousand_faults() -> None:
    """No two of them the same."""
    assert len({*map(str, _FAULTS)}) == len(_FAULTS) >= 1000


@pytest.mark.parametrize("fault", _CHOSEN, ids=str)
def test_the_next_build_is_right(
    fault: Fault,
    built: tuple[Project, float],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    """No product is half written, no wrong one is taken as good, and then all is up to date."""
    template, seconds = built
    place = tmp_path / "project"
    project = make_project(place) if fault.state == "first build" else template.copy(place)
    happened = Injection(OURS, seconds).inject(fault, project)
    record_property("fault", fault.kind if happened else "not reached")
    if fault.kind in _WHOLE_AFTER:
        assert whole(project) == (Judgement.RIGHT, "")
    assert judge(OURS, project) == (Judgement.RIGHT, "")
