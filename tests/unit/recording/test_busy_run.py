"""A run made for another purpose counts as a plain one only in what plain runs show too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbrefine.kernels.session import CellRun
from nbrefine.notebook.document import Cell
from nbrefine.recording import record
from nbrefine.recording.hints import find_hints
from nbrefine.recording.opened import Openings
from nbrefine.recording.shadow import Shadow
from nbrefine.recording.single import Interpreter, SingleRun

if TYPE_CHECKING:
    from pathlib import Path

CELLS = (Cell("code", "first = 1\nfirst"), Cell("code", "second = 2\nsecond"))


def single(first: str, second: str, name: str = "1") -> SingleRun:
    """Return a run that shows two results, and holds a name."""
    shown: list[list[dict[str, Any]]] = [
        [{"output_type": "stream", "name": "stdout", "text": each}] for each in (first, second)
    ]
    runs = [CellRun(tuple(each), None, 0.1, 1) for each in shown]
    final = {"second": {"type": "builtins.int", "digest": name, "size": 1}}
    return SingleRun(tuple((run, {"seconds": 0.1}) for run in runs), final)


AS_OBSERVED = single("one", "two")


def plain_runs(
    folder: Path, busy: SingleRun | None, plain: dict[int, SingleRun], most: int = 2
) -> tuple[SingleRun, ...]:
    """Return which runs count, where further ones show what is said here, by their number."""
    task = record._Task(CELLS, folder, Interpreter(), None, None, find_hints(CELLS))
    with Shadow(folder) as shadow, Openings(shadow.root, []) as openings:
        observing = record._Observing(task, shadow, openings)
        observing.after_cell(0, None)
        observing.end(AS_OBSERVED, None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "_run_plain", lambda _, number: plain.pop(number))
        runs = record._plain_runs(record._Compared(task, AS_OBSERVED, observing), most, busy)
    assert not plain, "a run that was expected was not made"
    return runs


def test_one_that_shows_the_same_is_enough(tmp_path: Path) -> None:
    """No other run is made."""
    assert plain_runs(tmp_path, AS_OBSERVED, {}) == (AS_OBSERVED,)


def test_what_another_run_confirms_counts(tmp_path: Path) -> None:
    """The cell that varies in both varies, whatever else either run does."""
    busy, other = single("one", "three"), single("one", "four")
    assert plain_runs(tmp_path, busy, {2: other}) == (busy, other)


@pytest.mark.parametrize("busy", [single("one", "three"), single("one", "two", "2")])
def test_what_no_other_run_confirms_does_not_count(tmp_path: Path, busy: SingleRun) -> None:
    """What is done beside the notebook may be why: an output, and a name's content at the end."""
    assert plain_runs(tmp_path, busy, {1: AS_OBSERVED, 2: AS_OBSERVED}) == (AS_OBSERVED,) * 2


def test_a_single_plain_run_is_as_plain_as_can_be(tmp_path: Path) -> None:
    """Where one is wanted at most, none confirms what the busy one shows."""
    assert plain_runs(tmp_path, single("one", "3"), {1: AS_OBSERVED}, most=1) == (AS_OBSERVED,)


def test_without_one_there_are_plain_runs_alone(tmp_path: Path) -> None:
    """The second where the first differs."""
    assert plain_runs(tmp_path, None, {1: AS_OBSERVED}) == (AS_OBSERVED,)
    other = single("one", "three")
    assert plain_runs(tmp_path, None, {1: other, 2: AS_OBSERVED}) == (other, AS_OBSERVED)
