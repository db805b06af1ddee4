"""Steps run beside each other only as far as the memory that they are known to need goes."""

from __future__ import annotations

import psutil
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.engine.room import Room
from nbrefine.pipeline.ledger_rows import Published
from nbrefine.pipeline.plan import Plan, State, StepPlan


def published(name: str, memory: int) -> Published:
    return Published(name, "", {}, {}, "", {}, memory=memory)


def test_a_step_waits_until_those_that_run_leave_it_enough() -> None:
    """One that needs less may go first, and one that is not known counts like the mean."""
    room = Room(100, {"large": 70, "small": 20, "middle": 45})
    assert room.has("small", ["large"])
    assert not room.has("middle", ["large"])
    assert room.has("new", ["middle"])
    assert not room.has("new", ["middle", "small"])


@given(st.dictionaries(st.text(max_size=2), st.integers(1, 10**12)), st.text(max_size=2))
def test_a_step_that_is_alone_always_runs(held: dict[str, int], name: str) -> None:
    """Else nothing would ever go on; the system may have more than it says."""
    assert Room(0, held).has(name, [])


def test_of_a_machine_counts_what_is_free_where_anything_is_known() -> None:
    """By what the ledger says of the last runs."""
    known = StepPlan("a", State.OUTDATED, last=published("a", 5))
    unknown = StepPlan("b", State.OUTDATED, last=published("b", 0))
    new = StepPlan("c", State.OUTDATED)
    room = Room.of_this_machine(Plan({"a": known, "b": unknown, "c": new}))
    assert room.held == {"a": 5}
    assert 0 < room.bytes <= psutil.virtual_memory().total
    assert Room.of_this_machine(Plan({"b": unknown, "c": new})).has("b", ["c"])
