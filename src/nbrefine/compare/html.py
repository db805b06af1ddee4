"""HTML as lines that can be compared: a line a tag or text, tables a line a cell."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from nbrefine.compare.normalise import id_renamer, normalise, rename_code_ids
from nbrefine.compare.tokens import compare_tokens, to_lines, to_tokens
from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbrefine.compare.tokens import Line

_CODE = ("script", "style")
_INLINE_IMAGE = re.compile(r"data:image/(?:png|jpeg|webp|gif);base64,([A-Za-z0-9+/=\s]+)")


def html_lines(document: str, folders: Sequence[str] = ()) -> list[Line]:
    """Turn HTML (or SVG) into lines.

    Parameters
    ----------
    document
        The text of an output.
    folders
        As in `nbrefine.compare.normalise.normalise`.

    Returns
    -------
    list of Line
        White space between tags is left out, attributes are sorted, generated ids are numbered;
        text that a reader sees is kept as it is.
    """
    parser = _Parser(id_renamer(document), folders)
    parser.feed(document)
    parser.close()
    return parser.finish()


def take_images(document: str) -> tuple[str, list[str]]:
    """Take the pictures out of an HTML text, where they stand in it as base64.

    Returns
    -------
    tuple
        The text with a mark in the place of each, and their bytes in base64.
    """
    images = _INLINE_IMAGE.findall(document)
    return _INLINE_IMAGE.sub("data:image", document), images


def table_grids(document: str) -> list[list[list[str]]]:
    """Return the tables of an HTML text as rows of the texts of their cells."""
    parser = _Tables()
    parser.feed(document)
    parser.close()
    return parser.tables


class _Parser(HTMLParser):
    """Collects lines."""

    def __init__(self, rename: Callable[[str], str], folders: Sequence[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._rename = rename
        self._folders = folders
        self._inside = ""
        self._text: list[str] = []
        self._lines: list[Line] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        if tag == "metadata":
            # An SVG's own: when and by which program it was drawn.
            self._hidden += 1
        self._inside = tag if tag in _CODE else ""
        shown = "".join(f" {name}={self._code(value or '')}" for name, value in sorted(attrs))
        self._add(f"<{tag}{shown}>")

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        self._inside = ""
        self._add(f"</{tag}>")
        if tag == "metadata":
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def finish(self) -> list[Line]:
        self._flush()
        return self._lines

    def _code(self, text: str) -> str:
        return rename_code_ids(normalise(self._rename(text), self._folders))

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        if not text.strip():
            return
        text = self._code(text) if self._inside else normalise(self._rename(text), self._folders)
        if not self._hidden:
            self._lines.extend(line for line in to_lines(text) if "".join(line).strip())

    def _add(self, line: str) -> None:
        if not self._hidden:
            self._lines.append(to_tokens(line))


class _Tables(HTMLParser):
    """Collects tables; one inside another is part of the outer cell's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self._depth = 0
        self._in_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  (the parser's interface)
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
        elif self._depth == 1 and tag == "tr":
            self.tables[-1].append([])
        elif self._depth == 1 and tag in ("td", "th") and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._depth = max(0, self._depth - 1)
        elif self._depth == 1 and tag in ("td", "th", "tr"):
            self._in_cell = False

    def handle_data(self, data: str) -> None:
        if self._depth and self._in_cell and self.tables[-1] and self.tables[-1][-1]:
            self.tables[-1][-1][-1] += data.strip()


def describe_tables(expected: str, actual: str) -> str:
    """Say where the tables of two HTML texts differ; empty if they have none, or agree."""
    before, after = table_grids(expected), table_grids(actual)
    if not before or len(before) != len(after):
        return ""
    slight = ""
    for old, new in zip(before, after, strict=True):
        if len(old) != len(new):
            return f"the table had {len(old)} rows, and has {len(new)}"
        for row, (old_row, new_row) in enumerate(zip(old, new, strict=True)):
            if len(old_row) != len(new_row):
                return f"row {row} of the table had {len(old_row)} cells, and has {len(new_row)}"
            for column, (a, b) in enumerate(zip(old_row, new_row, strict=True)):
                if a == b:
                    continue
                title = old[0][column] if row and column < len(old[0]) else ""
                message = f"row {row}, column {title or column}: {a!r} became {b!r}"
                # A cell that differs beyond tolerance is what the message is about.
                if compare_tokens(a, b) is Verdict.DIFFERENT:
                    return message
                slight = slight or message
    return slight
