"""What was moved to modules, and whether the tests of it pass."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

from benchmarks.refine.original import environment
from benchmarks.results import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.refine.ours import Outcome

_COUNTED = re.compile(r"(\d+) (passed|failed|errors?)\b")
# As they stand, and shuffled. No other plugin: plain pytest is what they ask for.
_ORDERS: tuple[tuple[str, ...], ...] = ((), ("-p", "pytest_randomly"))
_PLAIN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
_LONGEST = 300.0


def count_definitions(report: Mapping[str, Any], sources: Sequence[str]) -> tuple[int, int]:
    """Count the author's functions and classes.

    Parameters
    ----------
    report
        What refine printed with ``--json``.
    sources
        The notebook's code cells that are not empty.

    Returns
    -------
    moved, all : int
        What refine made a function of is none of the author's.
    """
    counts = []
    for key in ("moved", "left"):
        own = {
            (each["cell"], each["name"])
            for each in report.get(key, ())
            if each["cell"] < len(sources) and _defines(sources[each["cell"]], each["name"])
        }
        counts.append(len(own))
    return counts[0], sum(counts)


def _defines(source: str, name: str) -> bool:
    return bool(re.search(rf"^\s*(?:async\s+)?(?:def|class)\s+{name}\b", source, re.MULTILINE))


def run_tests(project: Path, python: Path) -> tuple[int, int]:
    """Run a project's tests twice, once in random order.

    Parameters
    ----------
    project
        Its folder.
    python
        Interpreter of its environment.

    Returns
    -------
    passed, all : int
        Of both runs together; a run without an end counts as one failure.
    """
    if not any((project / "tests").glob("test_*.py")):
        return 0, 0
    passed = total = 0
    for order in _ORDERS:
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *order]
        try:
            done = subprocess.run(
                command,
                cwd=project,
                env=environment(**_PLAIN),
                check=False,
                capture_output=True,
                text=True,
                timeout=_LONGEST,
            )
        except subprocess.TimeoutExpired:
            total += 1
            continue
        counts = {word: int(count) for count, word in _COUNTED.findall(_last(done.stdout))}
        passed += counts.get("passed", 0)
        total += sum(counts.values()) or 1
    return passed, total


def _last(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")


def extract_figures(outcomes: Iterable[Outcome]) -> dict[str, float | int | None]:
    """Sum up what was moved, by the names that the issue gives.

    Parameters
    ----------
    outcomes
        What came of each notebook.

    Returns
    -------
    dict
        Shares; None where there was nothing to count. Mutants and transforms have benchmarks of
        their own, whose newest figures are repeated here.
    """
    converted = [each for each in outcomes if each.converted]
    with_moved = [each for each in converted if each.report.get("moved")]
    whole = [each.equal for each in converted if each.definitions[0] == each.definitions[1]]
    return {
        "extract.definitions": sum(each.definitions[1] for each in converted),
        "extract.definitions_moved": _share(each.definitions for each in converted),
        "extract.notebooks": len(with_moved),
        "extract.notebooks_equal": _share((each.equal, 1) for each in with_moved),
        "extract.all_moved_and_equal": _share([(sum(whole), len(converted))]),
        "extract.tests": sum(each.tests[1] for each in converted) // len(_ORDERS),
        "extract.tests_passed": _share(each.tests for each in converted),
        "extract.mutants_caught": _measured("mutants", "extract.mutants_caught"),
        # The lower of two: told from the code alone, and with recorded data beside it.
        "extract.transforms_right": _measured("transforms", "right_share.code"),
    }


def _share(counts: Iterable[tuple[int, int]]) -> float | None:
    pairs = list(counts)
    total = sum(count for _, count in pairs)
    return round(sum(hits for hits, _ in pairs) / total, 3) if total else None


def _measured(benchmark: str, figure: str) -> float | None:
    """Return a figure of another benchmark, as it was measured last."""
    file = FOLDER / f"{benchmark}.json"
    if not file.is_file():
        return None
    value: float | None = json.loads(file.read_text(encoding="utf-8"))["figures"].get(figure)
    return value
