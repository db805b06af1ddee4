"""Classify the labelled transforms, by code alone and with data, and count what is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import click

from benchmarks.results import ROOT, write_results
from benchmarks.transforms.table import Answer, answer, cases
from benchmarks.transforms.transformers import prove
from nbrefine.transforms import Classification, Kind

Side = Callable[[Answer], Classification]
SIDES: dict[str, Side] = {
    "code": lambda each: each.by_code,
    "data": lambda each: each.with_data,
}


@click.command(help=__doc__)
@click.option("--only", default="", help="Only the tables whose name has this text in it.")
def main(only: str) -> None:
    """Print what is wrong, and the counts; write them unless only some tables are asked for."""
    answers = [answer(case) for case in cases(only)]
    for each in answers:
        for name, side in SIDES.items():
            if side(each).kind != each.case.kind:
                click.echo(f"{name}: {each.case.name} is {each.case.kind}: {side(each)}")
    found = figures(answers)
    fitted = [each.case for each in answers if each.case.kind == Kind.FITTED]
    outcomes = Counter(prove(case) for case in fitted)
    found |= {"fitted": len(fitted), "transformers_written": len(fitted) - outcomes["none"]}
    found |= {"transformers_exact": outcomes["exact"]}
    for name, value in found.items():
        click.echo(f"{name:<40} {value}")
    if only:
        return
    file = write_results(
        "transforms",
        found,
        ["numpy", "pandas", "scikit-learn"],
        wrong=[
            {"case": each.case.name, "is": each.case.kind, "code": each.by_code.kind,
             "data": each.with_data.kind}
            for each in answers if {each.by_code.kind, each.with_data.kind} != {each.case.kind}
        ],
    )  # fmt: skip
    click.echo(f"\n{file.relative_to(ROOT)}")


def figures(answers: Sequence[Answer]) -> dict[str, object]:
    """Return counts of what is right, by table and in all, and the mistakes that do harm."""
    found: dict[str, object] = {"transforms": len(answers)}
    for name, side in SIDES.items():
        right = [each for each in answers if side(each).kind == each.case.kind]
        found[f"right.{name}"] = len(right)
        found[f"right_share.{name}"] = round(len(right) / len(answers), 4)
        of_table = Counter(each.case.table for each in right)
        for table, total in sorted(Counter(each.case.table for each in answers).items()):
            found[f"right.{name}.{table}"] = f"{of_table[table]} of {total}"
        harmful = [
            each for each in answers
            if side(each).kind == Kind.ROW_WISE and each.case.kind != Kind.ROW_WISE
        ]  # fmt: skip
        found[f"called_row_wise_but_not.{name}"] = len(harmful)
    return found


if __name__ == "__main__":
    main()
