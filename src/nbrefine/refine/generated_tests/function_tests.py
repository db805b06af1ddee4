"""Tests of a function from its recorded calls."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.refine.generated_tests.asserts import (
    TABLES,
    assert_value,
    equal,
    has_floats,
    is_flat,
)
from nbrefine.refine.generated_tests.drawings import assert_drawn
from nbrefine.refine.generated_tests.layout import statement, tidy
from nbrefine.refine.generated_tests.signature import passed, signature, written
from nbrefine.refine.generated_tests.subject import (
    Names,
    Subject,
    TestText,
    bindings,
    bound,
    remarks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.refine.generated_tests.calls import Argument, Call, RecordedCall, Value

ORDINALS = ("", "_again", "_third", "_fourth", "_fifth", "_sixth")
SEEDS = ["    random.seed(0)", "    np.random.seed(0)"]


def function_tests(subject: Subject, records: Sequence[RecordedCall]) -> list[TestText]:
    """Write the tests of a function.

    Parameters
    ----------
    subject
        The function.
    records
        Its recorded calls.

    Raises
    ------
    CannotCallError
        If no call fits the function as it is now.
    """
    plain = [record for record in records if _is_plain(record)]
    if len(plain) > 1:
        rest = [record for record in records if record not in plain]
        table = _table(subject, plain)
    else:
        rest, table = list(records), []
    tests = [
        _one_call(subject, record, ORDINALS[number + bool(table)])
        for number, record in enumerate(rest[: len(ORDINALS) - 1])
    ]
    return [*table, *tests]


def _is_plain(record: RecordedCall) -> bool:
    """Whether a call fits on a line of a table: literals in, a literal out, nothing else."""
    (call,) = record.calls
    outcome = call.outcome
    values = [each.value for each in call.arguments]
    values += [outcome.result] if outcome.result else []
    return not (
        record.seeded
        or outcome.printed
        or outcome.changed
        or outcome.drawn
        or any(each.name == "*" for each in call.arguments)
        or any(each.kind not in {"plain", "float"} for each in values)
        or any("FIXTURES" in each.expression for each in values)
    )


def _table(subject: Subject, records: Sequence[RecordedCall]) -> list[TestText]:
    """Write one test for calls with literals."""
    wanted = signature(subject.definition)
    calls = [record.calls[0] for record in records]
    given = [passed(call, wanted, subject.moved.arguments) for call in calls]
    defaults = {each.name: each.default for each in (wanted.parameters if wanted else ())}
    names = list(dict.fromkeys(each.name for call in given for each in call))
    values = [{each.name: tidy(each.value.expression) for each in call} for call in given]
    if any(set(each) != set(names) for each in values):
        return [
            _one_call(subject, record, ordinal)
            for record, ordinal in zip(records, ORDINALS, strict=False)
        ]
    constant = {
        name
        for name in names
        if len({each[name] for each in values}) == 1 and (len(names) > 1 or defaults.get(name))
    }
    varying = [name for name in names if name not in constant] or names[:1]
    free = Names({*Names().taken, subject.name} - {"expected"})
    variables = {name: free.free(name) for name in varying}
    fixed = {name: values[0][name] for name in names if name not in variables}
    expected = [_expected(call) for call in calls]
    rows = [
        f"({', '.join([*(each[name] for name in varying), result])})"
        for each, result in zip(values, expected, strict=True)
    ]
    arguments = ", ".join(written(given[0], wanted, {**fixed, **variables}))
    compared = _compared(f"{subject.name}({arguments})", expected)
    header = ", ".join(f'"{name}"' for name in [*variables.values(), "expected"])
    lines = [
        "@pytest.mark.parametrize(",
        f"    ({header}),",
        "    [",
        *(f"        {row}," for row in _in_order(rows)),
        "    ],",
        ")",
        f"def test_{subject.name}({', '.join([*variables.values(), 'expected'])}):",
        *compared,
    ]
    return [TestText(f"test_{subject.name}", tuple(lines), tuple(records))]


def _in_order(rows: Sequence[str]) -> list[str]:
    """Sort rows of numbers, and leave out what stands there twice."""
    once = list(dict.fromkeys(rows))
    try:
        return sorted(once, key=lambda row: _leading_numbers(ast.literal_eval(row)))
    except (TypeError, ValueError):
        return once


def _leading_numbers(row: tuple[object, ...]) -> tuple[float, ...]:
    if not all(type(each) in {int, float} for each in row[:-1]):
        raise TypeError(row)
    return tuple(float(str(each)) for each in row[:-1])


def _expected(call: Call) -> str:
    return tidy(call.outcome.result.expression) if call.outcome.result else "None"


def _compared(made: str, expected: Sequence[str]) -> list[str]:
    if any(has_floats(each) for each in expected) and all(map(is_flat, expected)):
        more = ", nan_ok=True" if any("nan" in each for each in expected) else ""
        return statement(f"assert {made} == pytest.approx(", [f"expected{more}"], ")")
    if {*expected} <= {"True", "False", "None"}:
        return [f"    assert {made} is expected"]
    return [f"    assert {made} == expected"]


def _one_call(subject: Subject, record: RecordedCall, ordinal: str) -> TestText:
    """Write a test of one call."""
    (call,) = record.calls
    names = Names()
    names.taken.add(subject.name)
    wanted = signature(subject.definition)
    given = passed(call, wanted, subject.moved.arguments)
    outcome = call.outcome
    variables = bound(given, [each.name for each in outcome.changed], names)
    kept = [
        each.name
        for each in given
        if each.name in variables
        and each.value.kind in TABLES
        and each.name not in {change.name for change in outcome.changed}
    ]
    copies = {name: "before" if len(kept) == 1 else f"{variables[name]}_before" for name in kept}
    lines = [
        *remarks(record),
        *(['    plt.close("all")'] if outcome.drawn else []),
        *bindings(given, variables),
        *(f"    {copy} = {variables[name]}.copy()" for name, copy in copies.items()),
        *(SEEDS if record.seeded else []),
    ]
    if lines:
        lines.append("")
    lines += made_call(subject.name, written(given, wanted, variables), outcome.result)
    after = after_call(call, variables, given)
    after += [
        line
        for name, copy in copies.items()
        for line in assert_value(variables[name], _as_is(given, name, copy))
    ]
    lines += [*([""] if after else []), *after]
    fixtures = ["capsys"] if outcome.printed else []
    head = f"def test_{subject.name}{ordinal}({', '.join(fixtures)}):"
    return TestText(f"test_{subject.name}{ordinal}", (head, *lines), (record,))


def made_call(name: str, arguments: Sequence[str], result: Value | None) -> list[str]:
    """Write a call, with its result bound if there is one."""
    return statement(f"{'result = ' if result else ''}{name}(", arguments, ")")


def after_call(call: Call, variables: dict[str, str], given: Sequence[Argument]) -> list[str]:
    """Write what is asserted after a call: result, what was printed, drawn and changed.

    Parameters
    ----------
    call
        The recorded call.
    variables
        The test's names of arguments.
    given
        What was passed.
    """
    outcome = call.outcome
    passed_names = {each.name for each in given}
    lines = assert_value("result", outcome.result) if outcome.result else []
    if outcome.printed:
        lines += equal("capsys.readouterr().out", tidy(repr(outcome.printed)))
    lines += assert_drawn(outcome.drawn)
    for each in outcome.changed:
        if each.name in passed_names:
            lines += assert_value(variables[each.name], each.value)
    return lines


def _as_is(given: Sequence[Argument], name: str, copy: str) -> Value:
    """Return the value of an argument, as it was before the call."""
    (value,) = (each.value for each in given if each.name == name)
    return replace(value, expression=copy, lax=False)
