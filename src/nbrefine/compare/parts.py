"""Compare one part of an output by what its mime type means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from nbrefine.compare.data import json_lines
from nbrefine.compare.html import describe_tables, html_lines, take_images
from nbrefine.compare.images import ImageComparison, compare_images
from nbrefine.compare.lines import LineDifference, compare_lines
from nbrefine.compare.normalise import normalise, rename_code_ids
from nbrefine.compare.tokens import to_lines
from nbrefine.compare.verdict import Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbrefine.compare.tokens import Line

Part: TypeAlias = Any
"""Text, or JSON."""

_PIXELS = ("image/png", "image/jpeg", "image/webp", "image/gif")
# Bokeh puts its scripts under a JSON type.
_CODE = ("javascript", "json")
_MARKUP = ("text/html", "image/svg+xml")
# How many of the lines that differ a message shows.
_SHOWN_LINES = 8


@dataclass(frozen=True)
class PartDifference:
    """How one part differs; see `nbrefine.compare.verdict.Difference`."""

    verdict: Verdict
    message: str
    expected: str = ""
    actual: str = ""
    picture: str = ""


def compare_part(
    mime: str,
    old: Part,
    new: Part,
    runs: Sequence[Part | None] = (),
    folders: Sequence[str] = (),
) -> PartDifference | None:
    """Compare what two outputs hold under one mime type.

    Parameters
    ----------
    mime
        The type; for streams ``stdout`` or ``stderr``, for errors ``ename`` or ``evalue``.
    old, new
        What was and what is.
    runs
        The same part in other runs of the original; None where a run does not have it.
    folders
        As in `nbrefine.compare.normalise.normalise`.

    Returns
    -------
    PartDifference or None
        None if they are equal.
    """
    if old == new:
        return None
    if mime in _PIXELS:
        return _compare_images(
            [str(old)], [str(new)], [None if run is None else [str(run)] for run in runs]
        )
    if mime in _MARKUP:
        return _compare_markup(str(old), str(new), runs, folders)
    old_lines, new_lines = (part_lines(mime, part, folders) for part in (old, new))
    others = [[] if run is None else part_lines(mime, run, folders) for run in runs]
    return _from_lines(compare_lines(old_lines, new_lines, others))


def part_lines(mime: str, part: Part, folders: Sequence[str] = ()) -> list[Line]:
    """Turn a part into lines that can be compared."""
    if not isinstance(part, str):
        return json_lines(part, folders)
    text = normalise(part, folders)
    return to_lines(rename_code_ids(text) if mime.endswith(_CODE) else text)


def _compare_markup(
    old: str, new: str, runs: Sequence[Part | None], folders: Sequence[str]
) -> PartDifference | None:
    """Compare HTML or SVG: the text by words and numbers, pictures inside it by pixels."""
    (old, old_images), (new, new_images) = take_images(old), take_images(new)
    taken = [None if run is None else take_images(str(run)) for run in runs]
    others = [[] if run is None else html_lines(run[0], folders) for run in taken]
    found = compare_lines(html_lines(old, folders), html_lines(new, folders), others)
    text = _from_lines(found)
    if text is not None and (where := describe_tables(old, new)):
        text = PartDifference(text.verdict, where, text.expected, text.actual)
    images = _compare_images(
        old_images, new_images, [None if run is None else run[1] for run in taken]
    )
    present = [difference for difference in (text, images) if difference is not None]
    order = list(Verdict)
    return max(present, key=lambda difference: order.index(difference.verdict), default=None)


def _compare_images(
    old: Sequence[str], new: Sequence[str], runs: Sequence[Sequence[str] | None]
) -> PartDifference | None:
    """Compare images one by one, and return the worst."""
    if len(old) != len(new):
        return PartDifference(Verdict.DIFFERENT, f"{len(old)} pictures became {len(new)}")
    judged = [compare_images(a, b) for a, b in zip(old, new, strict=True)]
    order = list(Verdict)
    bad = max(judged, key=lambda each: order.index(each.verdict), default=None)
    if bad is None or bad.verdict is Verdict.EQUAL:
        return None
    verdict = bad.verdict
    if verdict is Verdict.DIFFERENT and any(_image_varies(old, run) for run in runs):
        verdict = Verdict.NONDETERMINISTIC
    return PartDifference(verdict, bad.message, picture=bad.picture)


def _image_varies(old: Sequence[str], run: Sequence[str] | None) -> bool:
    """Whether another run of the original draws another picture."""
    if run is None or len(run) != len(old):
        return True
    compared: list[ImageComparison] = [compare_images(a, b) for a, b in zip(old, run, strict=True)]
    return any(each.verdict is not Verdict.EQUAL for each in compared)


def _from_lines(found: Sequence[LineDifference]) -> PartDifference | None:
    """Sum up the lines that differ."""
    if not found:
        return None
    verdict = worst(line.verdict for line in found)
    bad = [line for line in found if line.verdict is verdict]
    first = bad[0].index + 1
    more = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    what = "in white space " if all(line.only_space for line in bad) else ""
    texts = (
        "\n".join(text for text in side if text is not None)
        for side in zip(*((line.expected, line.actual) for line in bad[:_SHOWN_LINES]), strict=True)
    )
    return PartDifference(
        verdict, f"line {first}{more} differ{'' if more else 's'} {what}".rstrip(), *texts
    )
