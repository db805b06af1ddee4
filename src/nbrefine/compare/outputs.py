"""Compare what a cell shows with what it showed."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from nbrefine.compare.parts import compare_part
from nbrefine.compare.screen import STREAM, Shown, shown
from nbrefine.compare.stderr import Warned, split_warnings
from nbrefine.compare.verdict import CellVerdict, Difference, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

# Beside these, HTML holds the same data once more, and a library's code.
_SPECIFIC = ("application/vnd.plotly", "application/vnd.vega")


def compare_outputs(
    expected: Sequence[Mapping[str, Any]],
    actual: Sequence[Mapping[str, Any]],
    alternatives: Sequence[Sequence[Mapping[str, Any]]] = (),
    *,
    varies: bool = False,
    folders: Sequence[str] = (),
) -> CellVerdict:
    """Compare the outputs of a cell with those that are expected.

    Parameters
    ----------
    expected, actual
        Outputs as nbformat 4 has them.
    alternatives
        Outputs of the same cell in other runs of the original: where these disagree with
        `expected`, a difference is nondeterministic.
    varies
        Whether the cell is known to vary, even if its runs agree by luck. An output that is
        missing, or one too many, is still a difference.
    folders
        Folders that stand for each other in texts: the notebook's own, the project's root.

    Returns
    -------
    CellVerdict
        Warnings are left out: compare them over the whole notebook, with
        `nbrefine.compare.stderr.compare_warnings`. So are tracebacks, since they name files and
        lines: an error is compared by its class and message.
    """
    old, new = (_without_warnings(shown(outputs), folders) for outputs in (expected, actual))
    runs = [_by_position(old, _without_warnings(shown(run), folders)) for run in alternatives]
    steady = all(None not in run.values() and -1 not in run for run in runs)
    found: list[Difference] = []
    for index, before, after in aligned(old, new):
        if before is None or after is None:
            found.append(_unmatched(index, before, after, steady=steady))
            continue
        others = [run[index] for run in runs if index is not None]
        found += _compare_pair(index, before, after, others, folders, varies=varies)
    return CellVerdict.of(found)


def cell_warnings(
    outputs: Iterable[Mapping[str, Any]], folders: Sequence[str] = ()
) -> tuple[Warned, ...]:
    """Return the warnings that a cell shows."""
    texts = (item.parts.get("stderr", "") for item in shown(tuple(outputs)) if item.kind == STREAM)
    return tuple(warned for text in texts for warned in split_warnings(text, folders)[0])


def _without_warnings(items: list[Shown], folders: Sequence[str]) -> list[Shown]:
    """Take the warnings out of stderr; a stream that held nothing else goes with them."""
    left: list[Shown] = []
    for item in items:
        parts = dict(item.parts)
        if item.kind == STREAM and "stderr" in parts:
            parts["stderr"] = split_warnings(parts["stderr"], folders)[1]
            if not parts["stderr"]:
                del parts["stderr"]
        if parts:
            left.append(Shown(item.kind, parts))
    return left


def aligned(
    old: Sequence[Shown], new: Sequence[Shown]
) -> Iterator[tuple[int | None, Shown | None, Shown | None]]:
    """Pair what two cells show.

    Parameters
    ----------
    old, new
        What was shown and what is, from `nbrefine.compare.screen.shown`.

    Yields
    ------
    tuple
        A position in `old` and the two things there: alike in kind where possible, and None
        where one side has nothing.
    """
    keys = [[(item.kind, *sorted(item.parts)) for item in items] for items in (old, new)]
    matcher = SequenceMatcher(None, keys[0], keys[1], autojunk=False)
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        for offset in range(max(end - start, new_end - new_start)):
            before = start + offset if start + offset < end else None
            after = new_start + offset if new_start + offset < new_end else None
            yield (
                before,
                None if before is None else old[before],
                None if after is None else new[after],
            )


def _by_position(old: Sequence[Shown], run: Sequence[Shown]) -> dict[int, Shown | None]:
    """Map each position of `old` to its counterpart in another run; -1 for what is too many."""
    return {(-1 if index is None else index): after for index, _, after in aligned(old, run)}


def _unmatched(
    index: int | None, before: Shown | None, after: Shown | None, *, steady: bool
) -> Difference:
    """Report an output that has no counterpart."""
    item = before or after
    parts = "" if item is None else " and ".join(item.parts)
    if before is not None:
        verdict, message = Verdict.MISSING, "is not shown"
    else:
        verdict, message = Verdict.DIFFERENT, "is shown, and was not before"
    return Difference(verdict if steady else Verdict.NONDETERMINISTIC, parts, index, message)


def _compare_pair(  # noqa: PLR0913  (an output has that many sides)
    index: int | None,
    before: Shown,
    after: Shown,
    others: Sequence[Shown | None],
    folders: Sequence[str],
    *,
    varies: bool,
) -> Iterator[Difference]:
    """Compare two outputs part by part."""
    if before.kind != after.kind:
        message = f"was a {before.kind}, and is a {after.kind}"
        yield Difference(Verdict.DIFFERENT, before.kind, index, message)
    names = {**before.parts, **after.parts}
    has_data = any(name.startswith(_SPECIFIC) for name in names)
    for name in names:
        if name == "text/html" and has_data:
            continue
        if name not in before.parts or name not in after.parts:
            gone = name in before.parts
            verdict = Verdict.MISSING if gone else Verdict.DIFFERENT
            yield Difference(verdict, name, index, f"there is {'no' if gone else 'a new'} {name}")
            continue
        # A run that does not even show the part says that all of it varies.
        runs = [None if other is None else other.parts.get(name) for other in others]
        difference = compare_part(name, before.parts[name], after.parts[name], runs, folders)
        if difference is None:
            continue
        verdict = difference.verdict
        if varies and verdict is Verdict.DIFFERENT:
            verdict = Verdict.NONDETERMINISTIC
        yield Difference(
            verdict,
            name,
            index,
            difference.message,
            difference.expected,
            difference.actual,
            difference.picture,
        )
