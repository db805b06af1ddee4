"""Whatever is shown: equal to itself, and a change of it never passes unnoticed."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nbrefine.compare.lines import compare_lines
from nbrefine.compare.outputs import compare_outputs
from nbrefine.compare.tokens import to_lines, to_tokens
from nbrefine.compare.verdict import Verdict

texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\b"), max_size=60)
numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
outputs = st.one_of(
    st.builds(
        lambda name, text: {"output_type": "stream", "name": name, "text": text},
        st.sampled_from(["stdout", "stderr"]),
        texts,
    ),
    st.builds(
        lambda kind, mime, text: {"output_type": kind, "metadata": {}, "data": {mime: text}},
        st.sampled_from(["execute_result", "display_data"]),
        st.sampled_from(["text/plain", "text/html", "text/latex", "image/svg+xml", "image/png"]),
        texts,
    ),
    st.builds(
        lambda value: {
            "output_type": "display_data",
            "metadata": {},
            "data": {"application/json": value},
        },
        json_values,
    ),
    st.builds(
        lambda ename, evalue: {
            "output_type": "error",
            "ename": ename,
            "evalue": evalue,
            "traceback": [],
        },
        texts,
        texts,
    ),
)
cells = st.lists(outputs, max_size=5)


@given(cells)
def test_everything_equals_itself(cell: list[dict[str, Any]]) -> None:
    """No output is different from itself, in any number of runs."""
    assert compare_outputs(cell, cell, [cell, cell]).verdict is Verdict.EQUAL


@given(cells, cells)
def test_nobody_is_hurt_by_any_output(
    one: list[dict[str, Any]], other: list[dict[str, Any]]
) -> None:
    """Comparing never fails, and what differs one way differs the other way too."""
    there, back = compare_outputs(one, other), compare_outputs(other, one)
    assert (there.verdict is Verdict.EQUAL) is (back.verdict is Verdict.EQUAL)


@given(texts)
def test_tokens_are_the_line_again(text: str) -> None:
    """Nothing is lost where a line is split."""
    for line in text.splitlines():
        assert "".join(to_tokens(line)) == line


@given(st.lists(texts, min_size=1, max_size=4), st.data())
def test_a_changed_character_is_noticed(parts: list[str], data: st.DataObject) -> None:
    """Any letter put into any place of a text makes it different."""
    text = "\n".join(parts)
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + "q" + text[at:]
    found = compare_lines(to_lines(text), to_lines(changed))
    assert [line for line in found if line.verdict is Verdict.DIFFERENT]


@given(numbers, numbers)
def test_numbers_that_differ_visibly_differ(one: float, other: float) -> None:
    """What six digits show is never within tolerance."""
    assume(f"{one:.6e}" != f"{other:.6e}")
    assume(abs(one - other) > 2e-7 * max(abs(one), abs(other)) + 1e-12)
    found = compare_lines(to_lines(f"mean {one!r}"), to_lines(f"mean {other!r}"))
    assert [line.verdict for line in found] == [Verdict.DIFFERENT]


@given(numbers)
def test_numbers_with_noise_in_the_last_digit_do_not_differ(number: float) -> None:
    """A sum taken in another order is off by a few units in the last place."""
    assume(number != 0)
    found = compare_lines(to_lines(f"mean {number!r}"), to_lines(f"mean {number * (1 + 4e-16)!r}"))
    assert all(line.verdict is Verdict.WITHIN_TOLERANCE for line in found)


@given(st.lists(texts, min_size=2, max_size=4))
@settings(max_examples=50)
def test_a_rerun_excuses_no_more_than_what_it_varied(parts: list[str]) -> None:
    """A line in which all runs agree has to be the same."""
    steady = [f"steady {part}" for part in parts]
    old, rerun, new = (to_lines("\n".join([f"took {n} s", *steady])) for n in ("1", "2", "3"))
    assume(len(old) == len(rerun) == len(new))
    assert {line.verdict for line in compare_lines(old, new, [rerun])} == {Verdict.NONDETERMINISTIC}
    broken = [*new[:1], ("other",), *new[2:]]
    verdicts = [line.verdict for line in compare_lines(old, broken, [rerun])]
    assert Verdict.DIFFERENT in verdicts
