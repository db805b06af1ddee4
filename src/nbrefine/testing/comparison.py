"""Compares what the cells of a step show with its baseline."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.compare.outputs import cell_warnings, compare_outputs
from nbrefine.compare.stderr import compare_warnings
from nbrefine.compare.verdict import Difference, Verdict, worst
from nbrefine.testing.alignment import align
from nbrefine.testing.figures import compare_figures, without_words
from nbrefine.testing.markers import markers_of
from nbrefine.testing.versions import without_versions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nbrefine.compare.stderr import Warned
    from nbrefine.testing.baseline import Baseline, BaselineCell, Output
    from nbrefine.testing.executed import ExecutedCell


def as_it_is(text: str) -> str:
    """Return a text."""
    return text


@dataclass(frozen=True)
class Rules:
    """How cells are compared.

    Parameters
    ----------
    lax
        Whether only cells that ask for it are compared.
    clean
        Applied to all texts before they are compared.
    """

    lax: bool = False
    clean: Callable[[str], str] = as_it_is


@dataclass(frozen=True)
class CellCheck:
    """How a cell compares with its baseline.

    Parameters
    ----------
    step
        The step's name.
    number
        Of the cell, from 1 over all cells of the step's notebook; 0 for one that is gone.
    source
        Its text.
    verdict
        The worst of the differences.
    differences
        In the order of the outputs.
    expected, actual
        The outputs of both sides.
    why
        Why a cell is known to vary, or why it is not compared.
    """

    step: str
    number: int
    source: str
    verdict: Verdict
    differences: tuple[Difference, ...] = ()
    expected: tuple[Output, ...] = field(default=(), repr=False)
    actual: tuple[Output, ...] = field(default=(), repr=False)
    why: str = ""

    @property
    def name(self) -> str:
        """What the user names it by: ``STEP:N``."""
        return f"{self.step}:{self.number}"


def compare_step(
    baseline: Baseline, cells: Sequence[ExecutedCell], rules: Rules = Rules()
) -> tuple[CellCheck, ...]:
    """Compare the code cells of a step with its baseline.

    Parameters
    ----------
    baseline
        What they showed.
    cells
        All cells of the executed notebook, but for the one that sets the parameters.
    rules
        How they are compared.

    Returns
    -------
    tuple of CellCheck
        One for each code cell of the notebook, and for each that is gone.
    """
    old = [cell for cell in baseline.cells if cell.kind == "code"]
    new = [cell for cell in cells if cell.kind == "code"]
    pairs = align(old, new)
    warned = _warnings(
        [old[a] if a is not None else None for a, _ in pairs],
        [new[b] if b is not None else None for _, b in pairs],
    )
    checks = []
    for place, (before, after) in enumerate(pairs):
        if after is None:
            if before is not None and old[before].outputs:
                checks.append(_gone(baseline.step, old[before]))
            continue
        known = None if before is None else old[before]
        checks.append(_check(baseline.step, known, new[after], warned.get(place, ()), rules))
    return tuple(checks)


def compare_cells(
    expected: Sequence[Output],
    actual: Sequence[Output],
    others: Sequence[Sequence[Output]] = (),
    clean: Callable[[str], str] = as_it_is,
) -> tuple[Difference, ...]:
    """Compare the outputs of two runs of a cell, but for warnings.

    Parameters
    ----------
    expected, actual
        What was shown, and what is.
    others
        What was shown in other runs of the recording.
    clean
        Applied to all texts.
    """
    old, new = _cleaned(expected, clean), _cleaned(actual, clean)
    runs = [_cleaned(run, clean) for run in others]
    found = compare_outputs(
        without_words(old), without_words(new), [without_words(run) for run in runs]
    )
    return (*found.differences, *compare_figures(old, new, runs))


def _cleaned(outputs: Sequence[Output], clean: Callable[[str], str]) -> list[Output]:
    if clean is as_it_is:
        return [*outputs]
    return [_clean_output(each, clean) for each in outputs]


def _clean_output(output: Output, clean: Callable[[str], str]) -> Output:
    cleaned = dict(output)
    if isinstance(cleaned.get("text"), str):
        cleaned["text"] = clean(cleaned["text"])
    if "data" in cleaned:
        cleaned["data"] = {
            mime: clean(part) if isinstance(part, str) and not mime.startswith("image/") else part
            for mime, part in cleaned["data"].items()
        }
    return cleaned


def _check(
    step: str,
    known: BaselineCell | None,
    cell: ExecutedCell,
    warned: Sequence[Difference],
    rules: Rules,
) -> CellCheck:
    check = CellCheck(
        step,
        cell.number,
        cell.source,
        Verdict.EQUAL,
        expected=() if known is None else known.outputs,
        actual=cell.outputs,
    )
    markers = markers_of(cell.source, [*cell.tags, *(known.tags if known else ())])
    wanted = markers.check is True if rules.lax else markers.compared
    if not cell.ran:
        return replace(check, verdict=Verdict.NOT_COMPARED, why="it was not run")
    if not wanted:
        said = "only marked cells are compared" if rules.lax else "it is marked to be left out"
        return replace(check, verdict=Verdict.NOT_COMPARED, why=said)
    if known is None:
        if not cell.outputs:
            return check
        message = "is new: the baseline does not have it"
        return replace(
            check,
            verdict=Verdict.DIFFERENT,
            differences=(Difference(Verdict.DIFFERENT, "cell", None, message),),
        )
    clean = without_versions(cell.source, rules.clean)
    found = (*compare_cells(known.outputs, cell.outputs, known.others, clean), *warned)
    verdict = worst(each.verdict for each in found)
    why = str(known.notes.get("why", ""))
    return replace(check, verdict=verdict, differences=found, why=why)


def _gone(step: str, cell: BaselineCell) -> CellCheck:
    difference = Difference(Verdict.MISSING, "cell", None, "is gone: only the baseline has it")
    return CellCheck(step, 0, cell.source, Verdict.MISSING, (difference,), cell.outputs)


def _warnings(
    old: Sequence[BaselineCell | None], new: Sequence[ExecutedCell | None]
) -> Mapping[int, Sequence[Difference]]:
    """Compare the warnings over the whole notebook: a process shows each only once."""
    before = {place: cell_warnings(cell.outputs) for place, cell in enumerate(old) if cell}
    after = {place: cell_warnings(cell.outputs) for place, cell in enumerate(new) if cell}
    if not all(cell is None or cell.ran for cell in new):
        return {}  # what the cells that were not run would have warned of is not known
    runs = max((len(cell.others) for cell in old if cell), default=0)
    others = [dict(_run(old, run)) for run in range(runs)]
    found = compare_warnings(before, after, others)
    # The text of such a warning may be another in each run.
    varied = _varied_categories(before, others)
    for place, differences in found.items():
        found[place] = [
            replace(each, verdict=Verdict.NONDETERMINISTIC)
            if (each.expected or each.actual).partition(": ")[0] in varied
            else each
            for each in differences
        ]
    return found


def _varied_categories(
    before: Mapping[int, Sequence[Warned]], others: Sequence[Mapping[int, Sequence[Warned]]]
) -> set[str]:
    """Return the classes of warnings that not all runs of the recording showed alike."""
    first = {warned for each in before.values() for warned in each}
    runs = [{warned for each in run.values() for warned in each} for run in others]
    return {warned.category for run in runs for warned in first ^ run}


def _run(old: Sequence[BaselineCell | None], run: int) -> Iterator[tuple[int, tuple[Warned, ...]]]:
    for place, cell in enumerate(old):
        if cell is not None:
            outputs = cell.others[run] if run < len(cell.others) else cell.outputs
            yield place, cell_warnings(outputs)


def counts(checks: Sequence[CellCheck]) -> Mapping[Verdict, int]:
    """Count the verdicts, from good to bad."""
    found = Counter(check.verdict for check in checks)
    return {verdict: found[verdict] for verdict in Verdict if found[verdict]}
