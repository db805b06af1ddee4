"""Which cells vary from run to run, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbrefine.compare.outputs import compare_outputs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.recording.facts import CellRecord, Output
    from nbrefine.recording.single import SingleRun

_SEEDS = re.compile(r"seed\s*\(|set_state\s*\(|setstate\s*\(|Random\s*\(\s*\d")
# Some libraries draw from Python's stream while they are imported, to name things.
_DRAWS = re.compile(r"random|shuffle|choice|sample|uniform|gauss")

_TIME = re.compile(r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?\b")

FOLLOWS_HASH = "It follows the hash seed, as the order of a set does: sort it."

_STREAM = {"random": "Python's", "numpy": "numpy's", "torch": "torch's"}


def random_use(
    source: str, report: Mapping[str, Any], other: Mapping[str, Any] | None
) -> tuple[dict[str, str], bool]:
    """Say what a cell did with the global random streams.

    A stream that nobody seeded starts in another state in each process: so it is seeded where it
    stands at the same state in two runs.

    Parameters
    ----------
    source
        The cell's text.
    report
        What was observed.
    other
        What was reported of the same cell in another run; None if there was none.

    Returns
    -------
    tuple
        ``draw``, ``seed`` or ``both`` for each stream that the cell moved, and whether it drew
        from one that nobody had seeded.
    """
    use: dict[str, str] = {}
    unseeded = False
    before, after = report.get("streams_before", {}), report.get("streams", {})
    for stream, state in after.items():
        if before.get(stream) in (None, state):
            continue
        there = {} if other is None else other
        was_known = before[stream] == there.get("streams_before", {}).get(stream)
        is_known = state == there.get("streams", {}).get(stream)
        says_seed = bool(_SEEDS.search(source))
        if is_known and not was_known:
            use[stream] = "seed"
        else:
            use[stream] = "both" if says_seed else "draw"
        by_import = stream == "random" and report.get("imports") and not _DRAWS.search(source)
        unseeded |= not (is_known or by_import or (other is None and says_seed))
    return use, unseeded


def varying_cells(
    records: Sequence[CellRecord],
    reruns: Sequence[Sequence[Sequence[Output]]],
    seeds: Sequence[int] = (),
) -> dict[int, str]:
    """Say which cells vary, and why.

    Parameters
    ----------
    records
        Of the observed run.
    reruns
        Outputs of each cell, for each plain run.
    seeds
        ``PYTHONHASHSEED`` of each plain run; that of the observed one is 0.

    Returns
    -------
    dict
        By origin, the cause in words.
    """
    causes: dict[int, str] = {}
    for record in records:
        others = [run[record.origin] for run in reruns if record.origin < len(run)]
        differs = [_differ(record.outputs, other) for other in others]
        if record.random_unseeded:
            causes[record.origin] = _random_cause(record)
        elif any(differs):
            alike = [not seed for seed in seeds[: len(others)]]
            causes[record.origin] = _shown_cause(record.outputs, others, alike)
    return causes


def runs_differ(observed: SingleRun, plain: SingleRun, causes: Mapping[int, str]) -> bool:
    """Tell whether two runs differ in anything that a further run could explain."""
    return bool(causes) or any(
        facts["digest"] != plain.final.get(name, facts)["digest"]
        for name, facts in observed.final.items()
    )


def _shown_cause(
    shown: Sequence[Output], others: Sequence[Sequence[Output]], alike: Sequence[bool]
) -> str:
    """Say why outputs differ, by comparing them alone.

    They follow the hash seed if they are the same in just the runs that have the same one.
    """
    if any(alike) and [not _differ(shown, other) for other in others] == list(alike):
        return FOLLOWS_HASH
    if not any(_differ(_without_times(shown), _without_times(other)) for other in others):
        return "It shows the time of day."
    steady = not any(_differ(others[0], other) for other in others[1:])
    if len(others) > 1 and steady and _differ(shown, others[0]):
        return "It shows something else when it is observed."
    return "It shows something else in each run."


def _without_times(value: Any) -> Any:  # noqa: ANN401  (JSON is of any type)
    """Leave out of all texts what looks like a time of day."""
    if isinstance(value, str):
        return _TIME.sub("", value)
    if isinstance(value, dict):
        return {key: _without_times(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_times(part) for part in value]
    return value


def _differ(left: Sequence[Output], right: Sequence[Output]) -> bool:
    return compare_outputs(left, right).verdict.fails


def _random_cause(record: CellRecord) -> str:
    streams = [_STREAM[name] for name in sorted(record.random) if name in _STREAM]
    if not streams:
        return "It draws from a random generator that nobody has seeded."
    return f"It draws from {' and '.join(streams)} random stream, which nobody has seeded."
