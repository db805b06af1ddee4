"""Variables are compared by what an observer noted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nbrefine.compare.values import compare_values
from nbrefine.compare.verdict import Verdict


@dataclass(frozen=True)
class Noted:
    """What an observer noted of a frame."""

    type: str = "pandas.DataFrame"
    digest: str | None = "aa"
    shape: tuple[int, ...] | None = (3, 2)
    summary: str = "3 rows, 2 columns"
    sampled: bool = False
    opaque: str = ""


FRAME = Noted()
GENERATOR = Noted("generator", None, None, "generator", opaque="a generator runs only once")


def test_equal_digests_are_equal_and_a_sample_is_said() -> None:
    """Of a value too large to read whole, only that its sample agrees is known."""
    assert compare_values(FRAME, FRAME).verdict is Verdict.EQUAL
    large = replace(FRAME, sampled=True)
    assert "sample" in compare_values(large, large).message


def test_the_message_says_what_is_known_to_differ() -> None:
    """Type, then shape, then the summary, then that it is the content."""
    cases = {
        "the type was pandas.DataFrame, and is pandas.Series": {"type": "pandas.Series"},
        "the shape was (3, 2), and is (4, 2)": {"shape": (4, 2)},
        "it was 3 rows, 2 columns, and is other": {"summary": "other"},
        "the content differs (3 rows, 2 columns)": {},
    }
    for message, changes in cases.items():
        found = compare_values(FRAME, replace(FRAME, digest="bb", **changes))
        assert (found.verdict, found.message) == (Verdict.DIFFERENT, message)


def test_a_name_that_is_gone_is_missing() -> None:
    """Even if the original varies in it."""
    assert compare_values(FRAME, None, varies=True).verdict is Verdict.MISSING


def test_an_opaque_value_is_not_compared_and_that_is_said() -> None:
    """But of another type it is different."""
    found = compare_values(GENERATOR, GENERATOR)
    assert found.verdict is Verdict.NOT_COMPARED
    assert found.message == "generator: a generator runs only once"
    assert compare_values(FRAME, replace(FRAME, digest=None)).verdict is Verdict.NOT_COMPARED
    assert compare_values(GENERATOR, FRAME).verdict is Verdict.DIFFERENT


def test_what_varies_in_the_original_is_nondeterministic() -> None:
    """Because its runs disagree, or since the cell is known to vary; otherwise it is different."""
    other, rerun = replace(FRAME, digest="bb"), replace(FRAME, digest="cc")
    assert compare_values(FRAME, other, [rerun]).verdict is Verdict.NONDETERMINISTIC
    assert compare_values(FRAME, other, varies=True).verdict is Verdict.NONDETERMINISTIC
    assert compare_values(FRAME, other, [FRAME]).verdict is Verdict.DIFFERENT
