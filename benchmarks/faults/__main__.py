"""``make bench NAME=faults``: a stratified hundred of faults, on ours and on stock Ploomber.

Each fault happens to a project of each tool, one after the other; then the tool builds once more,
and the products are compared with what they should hold. Points in our code are no points in
Ploomber's: there it is killed at a moment instead.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import click

from benchmarks.faults.fault import Fault, all_faults, sampled
from benchmarks.faults.inject import Injection
from benchmarks.faults.judge import Judgement, judge, whole
from benchmarks.faults.tool import OURS, STOCK, Tool
from benchmarks.results import write_results
from benchmarks.small_pipeline import Project, make_project

_WHOLE_AFTER = frozenset({"point", "moment", "disk"})


@click.command(help=__doc__)
@click.option("--number", default=100, show_default=True, help="How many faults.")
def main(number: int) -> None:
    """Inject, judge, print a table."""
    faults = sampled(all_faults(), number)
    rows: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        templates = {tool: tool.built(Path(folder, tool.name)) for tool in (OURS, STOCK)}
        for index, fault in enumerate(faults, 1):
            row = {"fault": str(fault), "kind": fault.kind}
            for tool, (template, seconds) in templates.items():
                place = Path(folder, f"{tool.name}-{index}")
                row[tool.name] = _try(tool, seconds, fault, template, place)
            rows.append(row)
            click.echo(f"{index:>4}/{len(faults)}  {fault}: {row['nbrefine']}, {row['ploomber']}")
    _print(rows)
    figures = {
        f"{tool.name}.{judgement}": sum(row[tool.name] == judgement for row in rows)
        for tool in (OURS, STOCK)
        for judgement in Judgement
    }
    file = write_results(
        "faults", {"faults": len(rows)} | figures, ["nbrefine", "ploomber"], rows=rows
    )
    click.echo(f"\n{file}")


def _try(tool: Tool, seconds: float, fault: Fault, template: Project, place: Path) -> str:
    if tool is STOCK and fault.kind == "point":
        fault = replace(fault, kind="moment", details={"signal": "SIGKILL"})
    project = make_project(place) if fault.state == "first build" else template.copy(place)
    Injection(tool, seconds).inject(fault, project)
    if fault.kind in _WHOLE_AFTER:
        verdict, _ = whole(project)
        if verdict is not Judgement.RIGHT:
            return verdict
    return judge(tool, project)[0]


def _print(rows: list[dict[str, str]]) -> None:
    click.echo(f"\n{'fault':<10} {'tool':<10}" + "".join(f"{each:>10}" for each in Judgement))
    for kind in dict.fromkeys(row["kind"] for row in rows):
        for tool in (OURS, STOCK):
            counts = Counter(row[tool.name] for row in rows if row["kind"] == kind)
            numbers = "".join(f"{counts[each] or '':>10}" for each in Judgement)
            click.echo(f"{kind:<10} {tool.name:<10}{numbers}")


if __name__ == "__main__":
    main()
