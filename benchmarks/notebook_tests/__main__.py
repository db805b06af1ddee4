"""Run notebook tests where nothing has changed, and where a fault was put in.

The newest commit is measured, whatever happens to the checkout meanwhile. Each case is measured
once, and kept: a run that was interrupted goes on, with the same commit.
"""

from __future__ import annotations

import json
import statistics
import time
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from benchmarks.notebook_tests import tools
from benchmarks.notebook_tests.cases import TEN_STEPS, cases
from benchmarks.notebook_tests.measure import IN_PYTEST, UNCHANGED, Measured, Trial
from benchmarks.refine.corpus import prepare
from benchmarks.refine.measured import begin
from benchmarks.results import ROOT, write_results
from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping

_CORPUS = ROOT / "build" / "bench" / "refine"
_RUN = tools.FOLDER / "run"
_KEPT = _RUN / "measured.json"
_ALL = (tools.OURS, *tools.OTHERS)
MATTER = ("ipykernel", "matplotlib", "nbval", "pandas", "pytest", "scikit-learn")


@click.command(help=__doc__)
@click.option("--only", default="", help="Only cases whose name has this text in it.")
@click.option("--most", default=0, metavar="N", help="Only the first N cases; all if 0.")
@click.option("--repeats", default=3, show_default=True, help="How often nothing is changed.")
@click.option("--faults", default=20, show_default=True, help="Faults for each case.")
@click.option("--minutes", type=float, help="Begin with no case after that time.")
@click.option("--anew", is_flag=True, help="Forget what was measured, and take the newest commit.")
def main(  # noqa: PLR0913  (one for each option)
    only: str, most: int, repeats: int, faults: int, minutes: float | None, *, anew: bool
) -> None:
    """Measure the cases, print the table, and write the results."""
    end = time.monotonic() + 60 * minutes if minutes is not None else float("inf")
    corpus = prepare(_CORPUS)
    commit = begin(_RUN, corpus.python, anew=anew)
    tools.install_pytest_notebook()
    known = json.loads(_KEPT.read_text("utf-8")) if _KEPT.is_file() else {}
    wanted = (case for case in cases(corpus) if only in case.name)
    for case in islice(wanted, most or None):
        measured = Measured(**known.get(case.name, {}))
        if not measured.done:
            if time.monotonic() > end:
                break
            root = _RUN / "projects" / case.name.replace(": ", "-").replace(" ", "-")
            keep = partial(_keep, known, case.name, measured)
            Trial(case, root, measured, keep).run(repeats, faults)
        click.echo(f"{case.name}: {_line(known[case.name])}", err=True)
    found = figures(known)
    click.echo("\n".join(f"{name}: {value}" for name, value in found.items()))
    told = ("refused", "alarms", "cpu", "faults")
    rows = {name: {key: each[key] for key in told} for name, each in known.items()}
    path = write_results("notebook_tests", found, MATTER, commit=commit, cases=rows)
    click.echo(f"\nWrote {path.relative_to(ROOT)}.")


def _keep(known: dict[str, Any], name: str, measured: Measured) -> None:
    known[name] = measured.as_json()
    write_atomic(_KEPT, json.dumps(known, indent=1))


def figures(known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures by the names that are agreed on.

    Parameters
    ----------
    known
        By case, what `Measured.as_json` gives.
    """
    used = [each for each in known.values() if not each["refused"]]
    faults = [fault for each in used for fault in each["faults"]]
    found: dict[str, Any] = {
        "cases": len(used),
        "cases.refused": len(known) - len(used),
        "faults.tried": sum(len(each["tried"]) for each in used),
        "faults": len(faults),
    }
    for tool in _ALL:
        alarms = [number for each in used for number in each["alarms"].get(tool, ())]
        caught = sum(fault["caught"][tool] for fault in faults)
        found[f"{tool}.false_alarms"] = sum(number for number in alarms if number > 0)
        found[f"{tool}.broken"] = sum(number < 0 for number in alarms)
        found[f"{tool}.faults_caught"] = round(caught / len(faults), 4) if faults else None
    ten = known.get(TEN_STEPS, {}).get("cpu", {})
    for one in (tools.OURS, IN_PYTEST, UNCHANGED):
        if ten.get(one) and ten.get(tools.NBVAL):
            ratio = statistics.median(ten[one]) / statistics.median(ten[tools.NBVAL])
            found[f"{one}_over_{tools.NBVAL}.cpu"] = round(ratio, 3)
    return found


def _line(measured: Mapping[str, Any]) -> str:
    if measured["refused"]:
        return f"refused: {measured['refused'].splitlines()[-1]}"
    parts = []
    for tool in _ALL:
        caught = sum(fault["caught"][tool] for fault in measured["faults"])
        alarms = ", ".join(map(str, measured["alarms"].get(tool, ())))
        parts.append(f"{tool} alarms {alarms}; caught {caught} of {len(measured['faults'])}")
    return " | ".join(parts)


if __name__ == "__main__":
    main()
