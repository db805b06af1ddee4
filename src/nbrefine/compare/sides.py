"""Outputs of a cell as HTML: what was and what is, side by side, with what differs marked."""

from __future__ import annotations

import base64
import binascii
import json
from difflib import SequenceMatcher
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Any

from nbrefine.compare.html import table_grids, take_images
from nbrefine.compare.normalise import strip_ansi
from nbrefine.compare.outputs import aligned
from nbrefine.compare.screen import shown
from nbrefine.compare.tokens import to_tokens
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbrefine.compare.screen import Shown
    from nbrefine.compare.verdict import Difference

# Of the parts of an output the first of these speaks for all.
_BEST_FIRST = ("image/png", "image/jpeg", "image/svg+xml", "text/html", "text/plain")
# Nobody reads more; the rest is in the executed notebook.
_MOST_LINES = 60
_MOST_ROWS = 25


def sides_html(
    expected: Sequence[Mapping[str, Any]],
    actual: Sequence[Mapping[str, Any]],
    differences: Iterable[Difference],
    heads: tuple[str, str],
    *,
    equal: bool,
) -> str:
    """Show a cell's outputs: once where they are equal, else side by side.

    Parameters
    ----------
    expected, actual
        Outputs as nbformat 4 has them.
    differences
        What was found; their pictures stand below the second side.
    heads
        What the sides are called.
    equal
        Whether nothing differs.

    Returns
    -------
    str
        Pictures, tables and text; nothing of an output's own HTML gets into the page.
    """
    old, new = shown(expected), shown(actual)
    if equal:
        return "".join(_side(item, item) for item in old) or '<p class="soft">Shows nothing.</p>'
    pictures = {each.output: each.picture for each in differences if each.picture}
    rows = [
        f"<tr><td>{_side(before, after)}</td><td>{_side(after, before)}"
        f"{_picture(pictures.get(index, ''))}</td></tr>"
        for index, before, after in aligned(old, new)
    ]
    if not rows:
        return ""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    table = f'<table class="sides"><tr>{head}</tr>{"".join(rows)}</table>'
    return f'<div class="scroll">{table}</div>'


def _side(item: Shown | None, other: Shown | None) -> str:
    """Show one output, and mark what the other does not have."""
    if item is None:
        return '<p class="soft">Not shown.</p>'
    names = sorted(item.parts, key=_rank)
    if item.kind in ("result", "display"):
        names = names[:1]
    return "".join(
        _part(name, item.parts[name], None if other is None else other.parts.get(name))
        for name in names
    )


def _rank(mime: str) -> int:
    return _BEST_FIRST.index(mime) if mime in _BEST_FIRST else len(_BEST_FIRST) - 2


def _part(mime: str, content: Any, other: Any) -> str:  # noqa: ANN401  (text or JSON)
    """Show one part of an output."""
    if mime in ("image/png", "image/jpeg"):
        return _image(mime, str(content))
    if mime == "image/svg+xml":
        # As an image it cannot run or load anything.
        return _image(mime, base64.b64encode(str(content).encode()).decode())
    if mime == "text/html":
        return _markup(str(content), None if other is None else str(other))
    label = "" if mime in ("text/plain", "stdout") else f'<p class="soft">{escape(mime)}</p>'
    return label + _text(_readable(content), None if other is None else _readable(other))


def _readable(content: Any) -> str:  # noqa: ANN401  (text or JSON)
    text = content if isinstance(content, str) else json.dumps(content, indent=1, sort_keys=True)
    return mask_text(strip_ansi(text))


def _image(mime: str, content: str) -> str:
    data = "".join(content.split())
    try:
        base64.b64decode(data, validate=True)
    except binascii.Error:
        return '<p class="soft">A picture that cannot be read.</p>'
    return f'<img alt="" src="data:{mime};base64,{data}">'


def _picture(content: str) -> str:
    return (
        f'<p class="soft">Where they differ, in red:</p>{_image("image/png", content)}'
        if content
        else ""
    )


def _markup(document: str, other: str | None) -> str:
    """Show the tables, pictures or else the text of an HTML output."""
    tables = table_grids(document)
    images = take_images(document)[1]
    if not tables and not images:
        return _text(mask_text(document), None if other is None else mask_text(other))
    others = table_grids(other) if other is not None else []
    shown_tables = (
        _table(table, others[index] if index < len(others) else None)
        for index, table in enumerate(tables)
    )
    return "".join((*shown_tables, *(_image("image/png", image) for image in images)))


def _table(rows: Sequence[Sequence[str]], other: Sequence[Sequence[str]] | None) -> str:
    """Draw a table anew, and mark the cells that differ."""
    lines = []
    for index, row in enumerate(rows[:_MOST_ROWS]):
        beside = other[index] if other is not None and index < len(other) else ()
        cells = (
            f"<td{_marked(other is not None and (list(beside[at : at + 1]) != [text]))}>"
            f"{escape(mask_text(text))}</td>"
            for at, text in enumerate(row)
        )
        lines.append(f"<tr>{''.join(cells)}</tr>")
    left = len(rows) - _MOST_ROWS
    more = f'<p class="soft">… and {left} more rows</p>' if left > 0 else ""
    return f'<table class="grid">{"".join(lines)}</table>{more}'


def _marked(differs: bool) -> str:  # noqa: FBT001  (a flag is all that there is to say)
    return ' class="differs"' if differs else ""


def _text(text: str, other: str | None) -> str:
    """Show text with the words marked that the other does not have."""
    lines = text.splitlines()
    if other is None or other == text:
        body = [escape(line) for line in lines[:_MOST_LINES]]
    else:
        body = list(_diff(lines, other.splitlines()))[:_MOST_LINES]
    left = len(lines) - _MOST_LINES
    more = f'\n<span class="soft">… and {left} more lines</span>' if left > 0 else ""
    return f"<pre>{chr(10).join(body)}{more}</pre>"


def _diff(lines: Sequence[str], other: Sequence[str]) -> Iterator[str]:
    """Give lines as HTML, with what differs marked."""
    matcher = SequenceMatcher(None, lines, other)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        for offset, line in enumerate(lines[start:end]):
            at = other_start + offset
            if kind == "equal":
                yield escape(line)
            elif at < other_end:
                yield _diff_words(line, other[at])
            else:
                yield f"<mark>{escape(line)}</mark>"


def _diff_words(line: str, other: str) -> str:
    """Mark the words and numbers of a line that differ."""
    words, others = to_tokens(line), to_tokens(other)
    return "".join(
        escape("".join(words[start:end]))
        if is_equal or start == end
        else f"<mark>{escape(''.join(words[start:end]))}</mark>"
        for is_equal, start, end in _spans(words, others)
    )


def _spans(words: Sequence[str], others: Sequence[str]) -> Iterator[tuple[bool, int, int]]:
    """Give what is equal and what differs, as a beginning and an end in the first of two lines."""
    if len(words) == len(others):  # as where only numbers differ; a matcher takes its time for it
        for is_equal, places in groupby(range(len(words)), lambda at: words[at] == others[at]):
            span = [*places]
            yield is_equal, span[0], span[-1] + 1
        return
    for kind, start, end, _, _ in SequenceMatcher(None, words, others).get_opcodes():
        yield kind == "equal", start, end
