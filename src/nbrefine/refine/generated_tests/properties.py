"""Tests of what a transform keeps: rows, index, columns; and of rows served one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.refine.generated_tests.asserts import TABLES
from nbrefine.refine.generated_tests.layout import comprehension, statement, tidy
from nbrefine.refine.generated_tests.signature import passed, signature, written
from nbrefine.refine.generated_tests.subject import Names, Subject, TestText, bindings, bound
from nbrefine.transforms.model import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.generated_tests.calls import Argument, RecordedCall

MOST_ROWS = 25
"""Of a fixture, how many are served one by one."""


def property_tests(subject: Subject, records: Sequence[RecordedCall]) -> list[TestText]:
    """Write what held in every recorded call of a function that makes frames of frames.

    Parameters
    ----------
    subject
        The function.
    records
        Its recorded calls.
    """
    # A further positional argument has no name that could be spoken of.
    frames = [
        (each, name)
        for each in records
        for name in each.calls[0].outcome.facts
        if not name.startswith("*")
    ]
    if not frames or frames[0][0].seeded:
        return []
    first, frame = frames[0]
    facts = [
        each.calls[0].outcome.facts[frame]
        for each in records
        if frame in each.calls[0].outcome.facts
    ]
    tests = [_keeps(subject, first, frame, facts)]
    row_wise = subject.classification is not None and subject.classification.kind is Kind.ROW_WISE
    tables = [each for each in first.calls[0].arguments if each.value.kind in TABLES]
    if row_wise and len(tables) == 1 and all(each["rows"] for each in facts):
        tests.append(_serves(subject, first, frame))
    return [test for test in tests if test is not None]


def _given(
    subject: Subject, record: RecordedCall, frame: str
) -> tuple[list[Argument], dict[str, str], list[str], str]:
    """Return what is passed, its variables, the written arguments and the frame's variable."""
    (call,) = record.calls
    wanted = signature(subject.definition)
    given = passed(call, wanted, subject.moved.arguments)
    variables = bound(given, (), Names({*Names().taken, subject.name}))
    return given, variables, written(given, wanted, variables), variables[frame]


def _keeps(
    subject: Subject, record: RecordedCall, frame: str, facts: Sequence[Mapping[str, Any]]
) -> TestText | None:
    given, variables, arguments, name = _given(subject, record, frame)
    said, lines = [], []
    if all(each["index"] for each in facts):
        said.append("rows")
        lines.append(f"    assert result.index.equals({name}.index)")
    elif all(each["rows"] for each in facts):
        said.append("row_count")
        lines.append(f"    assert len(result) == len({name})")
    if all("added" in each for each in facts):
        first = facts[0]["added"]
        added = first if all(each["added"] == first for each in facts) else None
        if added is not None and not any(each["removed"] for each in facts):
            said.append("columns")
            columns = [f"*{name}.columns", *(tidy(repr(each)) for each in added)]
            lines += statement("assert set(result.columns) == {", columns, "}")
        whole = [
            each
            for each in added or ()
            if isinstance(each, str) and not any(each in other["nulls"] for other in facts)
        ]
        if whole:
            columns = [tidy(repr(each)) for each in whole]
            if len(columns) == 1:
                lines.append(f"    assert result[{columns[0]}].notna().all()")
            else:
                lines += statement("assert result[[", columns, "]].notna().all(axis=None)")
    if not said:
        return None
    test = f"test_{subject.name}_keeps_{'_and_'.join(said)}"
    head = [
        f"def {test}():",
        *bindings(given, variables),
        "",
        *statement(f"result = {subject.name}(", arguments, ")"),
        "",
    ]
    return TestText(test, (*head, *lines), (record,))


def _serves(subject: Subject, record: RecordedCall, frame: str) -> TestText:
    """Write that each row alone gives what it gives in the batch."""
    given, variables, _, name = _given(subject, record, frame)
    (table,) = (each.value.expression for each in given if each.name == frame)
    wanted = signature(subject.definition)
    one = written(given, wanted, {**variables, frame: f"{name}.iloc[[place]].copy()"})
    whole = written(given, wanted, {**variables, frame: f"{name}.copy()"})
    is_series = (result := record.calls[0].outcome.result) is not None and result.kind == "series"
    check = "assert_series_equal" if is_series else "assert_frame_equal"
    test = f"test_{subject.name}_serves_row_by_row"
    lines = [
        f"def {test}():",
        *bindings([each for each in given if each.name != frame], variables),
        f"    {name} = {tidy(table)}.head({MOST_ROWS})",
        "",
        *statement(f"batch = {subject.name}(", whole, ")"),
        *comprehension("rows", (f"{subject.name}(", one, ")"), f"place in range(len({name}))"),
        "",
        "    # A row alone may get a narrower type: an integer where no row lacks a value.",
        f"    {check}(pd.concat(rows), batch, check_dtype=False)",
    ]
    return TestText(test, tuple(lines), (record,))
