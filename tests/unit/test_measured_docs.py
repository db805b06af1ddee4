"""The figures that the documentation gives are those that were measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def figures(name: str) -> dict[str, Any]:
    content = json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text("utf-8"))
    return dict(content["figures"])


def test_the_engines_page_says_what_the_results_say() -> None:
    """Row by row: ours, then stock Ploomber's."""
    page = (ROOT / "docs" / "engine.md").read_text("utf-8")
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \|$", page, flags=re.MULTILINE)
    said = {text.partition("]")[0].lstrip("["): (int(a), int(b)) for text, a, b in rows}
    faults, edits = figures("faults"), figures("staleness")
    measured = {
        f"{faults['faults']} faults": (faults["nbrefine.right"], faults["ploomber.right"]),
        "a wrong product is taken as good": (faults["nbrefine.wrong"], faults["ploomber.wrong"]),
        "it cannot build any more until somebody repairs it": (
            faults["nbrefine.stuck"],
            faults["ploomber.stuck"],
        ),
        f"{edits['edits']} edits": (edits["nbrefine_right"], edits["ploomber_right"]),
        "a product stays stale": (edits["nbrefine_stale"], edits["ploomber_stale"]),
        "something runs needlessly": (edits["nbrefine_needless"], edits["ploomber_needless"]),
    }
    assert said == measured


def rows_of(name: str) -> dict[str, list[str]]:
    """Return the rows of a page's tables: the cells, by the first one."""
    page = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in page.splitlines()
        if line.startswith("|")
    ]
    return {first: rest for first, *rest in rows}


def test_the_engines_page_says_what_builds_take() -> None:
    """Beside stock Ploomber."""
    rows, found = rows_of("engine"), figures("engine")
    measured = {
        **{
            f"a {kind} of {n} notebooks": f"{kind}{n}"
            for kind in ("chain", "fan")
            for n in (10, 50)
        },
        "the flights, on their small sample": "flights",
        "refined notebooks: the flights' exploration": "refined: flight_delays",
        "`ets` of statsmodels": "refined: ets",
        "`stats_rankcompare` of statsmodels": "refined: stats_rankcompare",
    }
    for row, name in measured.items():
        ratios = [found[f"{name}.{way}_over_ploomber"] for way in ("nbrefine", "executor")]
        assert rows[row] == [f"{each:.2f}" for each in ratios], row
    again = f"{found['noop10.nbrefine_over_ploomber']:.2f}"
    assert rows["the chain of 10 again, nothing to do"] == [again, ""]
    page = (ROOT / "docs" / "engine.md").read_text("utf-8")
    assert f"{found['first_cell.wall_s']:.1f} s to the first cell" in page
    assert f"{found['dask200.killed.workers']} workers were killed" in page
    assert found["dask200.lost"] == found["dask200.killed.lost"] == 0


def test_the_page_on_serving_says_what_a_request_takes() -> None:
    """Beside each other server."""
    rows, found = rows_of("serving"), figures("serving")
    for server in ("FastAPI", "MLflow", "BentoML", "LitServe"):
        over = f"over_{server.lower()}"
        ratios = [found[f"{name}_{over}"] for name in ("conn1.cpu", "conn1.p99", "conn16.cpu")]
        faster = found[f"conn16.throughput_{over}"]
        assert rows[server] == [*(f"{each:.2f}" for each in ratios), f"{faster:.1f}"]


def test_the_page_on_refine_says_what_came_out_equal() -> None:
    """Beside soorgeon."""
    rows, found = rows_of("refine"), figures("refine")
    others = (found["soorgeon"], found["soorgeon_with_headings"])
    equal = rows[f"{found['notebooks']} notebooks: all that they show is equal"]
    steps = rows[
        "equal, and in more steps than one (ours: 3 or more, of the "
        f"{found['equal_in_3_steps_of']} with 10 code cells or more)"
    ]
    assert equal == [
        f"{each:.0%}".replace("%", " %")
        for each in (found["equal"], *(each["equal"] for each in others))
    ]
    assert steps == [
        f"{each:.0%}".replace("%", " %")
        for each in (
            found["equal_in_3_steps"],
            *(each["equal_in_more_than_one_step"] for each in others),
        )
    ]
    page = (ROOT / "docs" / "refine.md").read_text("utf-8")
    assert f"The time is {found['time_ratio_median']:.1f} times" in page


def test_the_page_on_notebook_tests_says_what_was_caught() -> None:
    """Beside the other tools, and what it takes beside nbval."""
    rows, found = rows_of("notebook_tests"), figures("notebook_tests")
    tools = {
        "nbrefine": "ours",
        "nbval": "nbval",
        "nbval with a sanitize file": "nbval_sanitized",
        "pytest-notebook": "pytest_notebook",
    }
    for name, tool in tools.items():
        caught = f"{found[f'{tool}.faults_caught']:.0%}".replace("%", " %")
        assert rows[name] == [str(found[f"{tool}.false_alarms"]), caught]
    commands = {
        "`nbrefine baseline check --all`": "ours",
        "`pytest --nbval --nbrefine-all`": "ours_in_pytest",
        "`nbrefine baseline check` where nothing has changed": "ours_unchanged",
    }
    for name, way in commands.items():
        assert rows[name] == [f"{found[f'{way}_over_nbval.cpu']:.2f}"]
    page = (ROOT / "docs" / "notebook_tests.md").read_text("utf-8")
    assert f"projects: {found['cases']}, faults: {found['faults']} (" in page
