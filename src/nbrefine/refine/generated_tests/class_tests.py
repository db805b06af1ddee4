"""Tests of a class from the recorded calls of its objects' methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.refine.generated_tests.asserts import assert_value
from nbrefine.refine.generated_tests.function_tests import ORDINALS, SEEDS, after_call, made_call
from nbrefine.refine.generated_tests.layout import statement
from nbrefine.refine.generated_tests.signature import passed, signature, written
from nbrefine.refine.generated_tests.subject import (
    Names,
    Subject,
    TestText,
    bindings,
    bound,
    remarks,
    snake_case,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.generated_tests.calls import Call, RecordedCall


def class_tests(subject: Subject, records: Sequence[RecordedCall]) -> list[TestText]:
    """Write the tests of a class: one for each object that was followed.

    Parameters
    ----------
    subject
        The class.
    records
        The calls of its objects.

    Raises
    ------
    CannotCallError
        If the calls do not fit the class as it is now.
    """
    return [
        _one_object(subject, record, ordinal)
        for record, ordinal in zip(records, ORDINALS, strict=False)
    ]


def _one_object(subject: Subject, record: RecordedCall, ordinal: str) -> TestText:
    names = Names()
    names.taken.add(subject.name)
    variable = names.free(snake_case(subject.name))
    lines = [*remarks(record)]
    calls = list(record.calls)
    if calls[0].method != "__init__":
        lines.append(f"    {variable} = {subject.name}()")
    prints = any(call.outcome.printed for call in calls)
    for call in calls:
        lines += _one_method(subject, call, variable, seeded=record.seeded)
        if prints and not call.outcome.printed:
            lines.append("    capsys.readouterr()")
    name = f"test_{snake_case(subject.name)}{ordinal}"
    head = f"def {name}({'capsys' if prints else ''}):"
    return TestText(name, (head, *lines), (record,))


def _one_method(subject: Subject, call: Call, variable: str, *, seeded: bool) -> list[str]:
    names = Names({*Names().taken, subject.name, variable})
    wanted = signature(subject.definition, call.method)
    given = passed(call, wanted, subject.moved.arguments)
    outcome = call.outcome
    variables = bound(given, [each.name for each in outcome.changed], names)
    lines = [
        *(['    plt.close("all")'] if outcome.drawn else []),
        *bindings(given, variables),
        *(SEEDS if seeded else []),
    ]
    arguments = written(given, wanted, variables)
    if call.method == "__init__":
        return [*lines, *statement(f"{variable} = {subject.name}(", arguments, ")")]
    called = f"{variable}.{call.method}"
    if outcome.returns_self:
        lines += statement(f"assert {called}(", arguments, f") is {variable}")
    else:
        lines += made_call(called, arguments, outcome.result)
    if outcome.learnt is not None:
        lines += assert_value(variable, outcome.learnt)
    return lines + after_call(call, variables, given)
