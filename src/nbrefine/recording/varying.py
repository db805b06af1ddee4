"""Which cells vary from run to run, and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbrefine.recording.causes import differ, random_cause, shown_cause
from nbrefine.recording.steady import SteadyNames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.recording.facts import CellRecord, Output, ValueFacts
    from nbrefine.recording.hints import CellHints
    from nbrefine.recording.single import SingleRun

_SEEDS = re.compile(r"seed\s*\(|set_state\s*\(|setstate\s*\(|Random\s*\(\s*\d")
# Some libraries draw from Python's stream while they are imported, to name things.
_DRAWS = re.compile(
    r"(?<![\w.])random\b|(?<![\w.])(?:shuffle|choices?|sample|uniform|gauss|randint|randrange)\("
)


def random_use(
    source: str,
    report: Mapping[str, Any],
    other: Mapping[str, Any] | None,
    *,
    imports: bool = False,
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
    imports
        Whether the cell does nothing but import: what a library draws by that changes nothing.

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
        naming = stream == "random" and report.get("imports") and not _DRAWS.search(source)
        by_import = imports or naming
        unseeded |= not (is_known or by_import or (other is None and says_seed))
    return use, unseeded


def varying_cells(
    records: Sequence[CellRecord],
    reruns: Sequence[Sequence[Sequence[Output]]],
    seeds: Sequence[int] = (),
    hints: Sequence[CellHints] = (),
    finals: Sequence[Mapping[str, ValueFacts]] = (),
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
    hints
        What is known of each cell's code.
    finals
        Names at the end of the observed run and of each plain one.

    Returns
    -------
    dict
        By origin, the cause in words.
    """
    causes: dict[int, str] = {}
    varied: dict[str, int] = {}
    steady = SteadyNames(records, finals)
    for record in records:
        code = hints[record.origin] if record.origin < len(hints) else None
        others = [run[record.origin] for run in reruns if record.origin < len(run)]
        if record.random_unseeded:
            causes[record.origin] = random_cause(record, code)
        elif any(differ(record.outputs, other) for other in others):
            alike = [not seed for seed in seeds[: len(others)]]
            causes[record.origin] = shown_cause(record.outputs, others, alike, code, varied)
        if code is not None:
            _spread(varied, record, code, steady, varies=record.origin in causes)
    return causes


def _spread(
    varied: dict[str, int],
    record: CellRecord,
    code: CellHints,
    steady: SteadyNames,
    *,
    varies: bool,
) -> None:
    """Note which names vary after a cell, and since which one."""
    used = [varied[name] for name in sorted(code.mentions & varied.keys())]
    written = record.bound | record.changed
    for name in record.bound:
        varied.pop(name, None)
    if varies or used:
        since = min([*used, code.number])
        varied.update(dict.fromkeys(written - steady.of(record), since))


def runs_differ(observed: SingleRun, plain: SingleRun, causes: Mapping[int, str]) -> bool:
    """Tell whether two runs differ in anything that a further run could explain."""
    return bool(causes) or bool(changed_names(observed, plain))


def changed_names(observed: SingleRun, plain: SingleRun) -> frozenset[str]:
    """Return the names that hold something else at the end of a plain run than of the observed."""
    return frozenset(
        name
        for name, facts in observed.final.items()
        if facts["digest"] != plain.final.get(name, facts)["digest"]
    )
