"""Merging by items keeps the laws of a three-way merge, whatever was changed, moved or removed."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from nbrefine.refine.update.align import align
from nbrefine.refine.update.lines import merge_lines
from nbrefine.refine.update.merge import merge_documents
from nbrefine.refine.update.model import Document, Item
from nbrefine.refine.update.order import longest_rise

TEXTS = st.lists(st.sampled_from("abcd"), max_size=6).map("\n".join)
Version = tuple[Document, ...]


@st.composite
def versions(draw: st.DrawFn) -> Version:
    """Some files of items; two versions share keys where both drew the same number."""
    keys = draw(st.lists(st.integers(0, 8), unique=True, max_size=9))
    bodies = st.sampled_from(["x", "y", "x\ny", "x\nz\ny", ""])
    texts = {key: f"{key}\n{draw(bodies)}" for key in keys}
    cuts = sorted(draw(st.lists(st.integers(0, len(keys)), min_size=2, max_size=2)))
    parts = keys[: cuts[0]], keys[cuts[0] : cuts[1]], keys[cuts[1] :]
    return tuple(
        Document(name, f"{name}.ipynb", tuple(Item(f"k{key}", texts[key]) for key in part))
        for name, part in zip("abc", parts, strict=True)
        if part
    )


def read(documents: Sequence[Document]) -> dict[str, list[tuple[str, str]]]:
    return {
        each.path: [(item.key, item.text) for item in each.items]
        for each in documents
        if each.items
    }


@given(versions(), versions())
def test_what_one_side_alone_changed_is_taken(base: Version, other: Version) -> None:
    """With no change on our side the result is theirs, and the other way round."""
    for sides in ((base, other), (other, base)):
        merged = merge_documents(base, *sides)
        assert not merged.conflicts
        assert read(merged.documents) == read(other)


@given(versions(), versions())
def test_what_both_did_alike_is_no_contradiction(base: Version, other: Version) -> None:
    merged = merge_documents(base, other, other)
    assert not merged.conflicts
    assert read(merged.documents) == read(other)


@given(versions(), versions(), versions())
def test_nothing_of_either_side_is_lost_unsaid(
    base: Version, ours: Version, theirs: Version
) -> None:
    """Without a conflict each item that a side changed or added is there, with its change."""
    merged = merge_documents(base, ours, theirs)
    if merged.conflicts:
        return
    before, result = ({i.key: i.text for d in x for i in d.items} for x in (base, merged.documents))
    for side in (ours, theirs):
        for item in (item for each in side for item in each.items):
            if item.key not in before:
                assert item.key in result
            elif item.text != before[item.key]:
                lines = set(item.text.splitlines()) - set(before[item.key].splitlines())
                assert lines <= set(result[item.key].splitlines())
        kept = {item.key for each in side for item in each.items}
        assert not (before.keys() - kept) & result.keys()


@given(versions(), versions(), versions())
def test_an_item_is_in_the_result_once(base: Version, ours: Version, theirs: Version) -> None:
    for keeps_ours in (True, False):
        merged = merge_documents(base, ours, theirs, keeps_ours=keeps_ours)
        keys = [item.key for each in merged.documents for item in each.items]
        assert len(keys) == len(set(keys))


@given(TEXTS, TEXTS)
def test_the_laws_hold_for_lines(base: str, other: str) -> None:
    assert merge_lines(base, base, other) == other
    assert merge_lines(base, other, base) == other
    assert merge_lines(base, other, other) == other


@given(TEXTS, TEXTS, TEXTS, st.booleans())
def test_lines_merge_alike_from_both_sides(base: str, ours: str, theirs: str, strict: bool) -> None:  # noqa: FBT001
    one = merge_lines(base, ours, theirs, strict=strict)
    assert one == merge_lines(base, theirs, ours, strict=strict)


@given(st.lists(st.integers(), unique=True, max_size=12))
def test_the_longest_rise_rises_and_is_longest(numbers: list[int]) -> None:
    found = [numbers[index] for index in longest_rise(numbers)]
    assert found == sorted(found)
    best = [1] * len(numbers)
    for index, number in enumerate(numbers):
        best[index] += max((best[n] for n in range(index) if numbers[n] < number), default=0)
    assert len(found) == max(best, default=0)


@given(st.lists(st.sampled_from(["a = 1", "b = 2", "c(a)", "d.plot()"]), max_size=8))
def test_a_notebook_that_did_not_change_is_itself(cells: list[str]) -> None:
    assert align(cells, cells) == {index: index for index in range(len(cells))}
