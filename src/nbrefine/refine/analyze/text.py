"""An analysis as a terminal shows it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.files.sizes import size_text
from nbrefine.refine.findings.finding import Severity
from nbrefine.refine.findings.show import show
from nbrefine.report.masking import mask_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nbrefine.recording.facts import ValueFacts
    from nbrefine.refine.analyze.analyze import Analysis
    from nbrefine.refine.findings.finding import Finding


def analysis_lines(
    analysis: Analysis, paint: Callable[[str, str], str] | None = None
) -> Iterator[str]:
    """Say what was found, and what refine would make of the notebook.

    Parameters
    ----------
    analysis
        The analysis.
    paint
        As for `show`.

    Yields
    ------
    str
        Lines.
    """
    for finding in analysis.findings:
        yield show(finding, analysis.notebook, paint)
        yield ""
    yield f"{shown(analysis.notebook.path)}: {headline(analysis)}"
    width = max((len(step.name) for step in analysis.steps), default=0)
    room = max((len(_cells(step.cells)) for step in analysis.steps), default=0)
    for step in analysis.steps:
        yield f"  {step.name:<{width}}  {_cells(step.cells):<{room}}  {step.title}".rstrip()
    if analysis.passages:
        yield ""
        yield _titled("What crosses", "passages", analysis)
        for each in analysis.passages:
            route = f"{each.producer} -> {', '.join(each.consumers)}"
            yield f"  {each.name}{_described(each.facts)}: {route}"
    if analysis.parameters:
        yield ""
        yield "Parameters"
        for name, value in analysis.parameters.items():
            yield f"  {name}: {mask_value(name, value)!r}"
    for kind, paths in (
        ("inputs", [path for step in analysis.steps for path in step.inputs]),
        ("outputs", [path for step in analysis.steps for path in step.outputs]),
    ):
        if paths:
            yield ""
            yield _titled(kind.capitalize(), kind, analysis)
            yield from (f"  {path}" for path in dict.fromkeys(paths))


def headline(analysis: Analysis) -> str:
    """Say in one line how many steps and findings there are."""
    cells = sum(len(step.cells) for step in analysis.steps)
    steps = len(analysis.steps)
    parts = [_count(cells, "code cell"), f"{_count(steps, 'step')} expected"]
    return ", ".join([*parts, counted(analysis.findings)])


def _titled(title: str, kind: str, analysis: Analysis) -> str:
    """Say in a title where refine may find something else."""
    return f"{title} (expected)" if kind in analysis.expected else title


def counted(findings: Sequence[Finding]) -> str:
    """Count findings by severity: ``2 errors, 1 warning``."""
    counts = {
        severity: sum(each.severity == severity for each in findings) for severity in Severity
    }
    words = [
        _count(number, severity.value) if severity is not Severity.INFO else f"{number} info"
        for severity, number in counts.items()
        if number
    ]
    return ", ".join(words) or "no findings"


def value_text(facts: ValueFacts) -> str:
    """Return type, shape and size of a value: ``DataFrame 336776 x 19, 50.3 MB``."""
    kind = facts.type.rpartition(".")[2]
    shape = " x ".join(str(each) for each in facts.shape) if facts.shape else ""
    return f"{kind} {shape}".rstrip() + f", {size_text(facts.size)}"


def _described(facts: ValueFacts | None) -> str:
    return "" if facts is None else f" ({value_text(facts)})"


def _cells(indexes: Sequence[int]) -> str:
    """Return cell numbers in short: ``cells 2-5, 7``."""
    runs: list[str] = []
    for _, group in groupby(enumerate(indexes), key=lambda pair: pair[1] - pair[0]):
        numbers = [index + 1 for _, index in group]
        runs.append(str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}")
    return f"cell{'' if len(indexes) == 1 else 's'} {', '.join(runs)}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
