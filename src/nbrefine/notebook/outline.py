"""A notebook's headings and step tags."""

from __future__ import annotations

import ast
import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.notebook.step_names import step_name, step_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.notebook.document import Cell, Notebook

__all__ = ["Heading", "Outline", "outline", "step_name", "step_names"]

STEP_TAG = "step:"
BANNER_LEVEL, COMMENT_LEVEL = 5, 6
_FENCE = re.compile(r" {0,3}(```+|~~~+)")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+|(?=[^\s#]))(.*?)[ \t]*#*[ \t]*\Z")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*\Z")
_NOT_PROSE = re.compile(r"\s*(?:[-*+>|]|\d+[.)]\s|#|<|\Z)")
_HTML = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1\s*>", re.IGNORECASE | re.DOTALL)
_COMMENTED = re.compile(r"<!--.*?-->", re.DOTALL)
_BOLD = re.compile(r"\s*(\*\*|__)(?P<title>[^\n]+?)\1:?\s*\Z")
_BANNER = re.compile(
    r"#[#\s]*[-=*~_+#%]{2,}\s*(?P<title>[^\W_].*?)\s*[-=*~_+#%]*\Z|#{2,}\s*(?P<hash>[^\W_].*?)\s*#*\Z"
)
_RULE = re.compile(r"#[\s\-=*~_+#]*[-=*~_+#]{3,}\s*\Z")
_TITLE = re.compile(r"#\s*(?P<title>[^\W\d_].*?|\d+[.)]\s.*?)\s*\Z")
_MOST_WORDS, _LONGEST = 7, 60


@dataclass(frozen=True)
class Heading:
    """A heading, in markdown or in disguise.

    Parameters
    ----------
    cell
        Index of the cell that holds it, over all cells, from 0.
    level
        1 to 6. A comment that opens a code cell counts as 5 where it is drawn as a banner, as 6
        where it only reads like a title; so does a bold line that is a cell of its own.
    title
        Its text without markup.
    is_comment
        Whether it is a comment in a code cell.
    """

    cell: int
    level: int
    title: str
    is_comment: bool = False


@dataclass(frozen=True)
class Outline:
    """What the author says about a notebook's parts.

    Parameters
    ----------
    headings
        In the order of the document.
    tagged
        Names that tags such as ``step:clean`` give, by the index of their cell.
    """

    headings: tuple[Heading, ...]
    tagged: tuple[tuple[int, str], ...]


def outline(notebook: Notebook) -> Outline:
    """Collect a notebook's headings and step tags.

    Parameters
    ----------
    notebook
        The notebook.

    Returns
    -------
    Outline
        In the order of the document.
    """
    headings: list[Heading] = []
    for cell in notebook.cells:
        if cell.kind == "markdown":
            headings += [Heading(cell.index, *found) for found in _in_markdown(cell.source)]
        elif cell.kind == "code" and (found := _in_comment(cell.source)):
            headings.append(Heading(cell.index, *found, is_comment=True))
    tagged = tuple(
        (cell.index, name) for cell in notebook.cells if (name := _tagged(cell)) is not None
    )
    return Outline(tuple(headings), tagged)


def _tagged(cell: Cell) -> str | None:
    names = [tag.removeprefix(STEP_TAG) for tag in cell.tags if tag.startswith(STEP_TAG)]
    return next((name for each in names if (name := step_name(each))), None)


def _in_markdown(source: str) -> Iterator[tuple[int, str]]:
    if match := _BOLD.match(source):
        yield COMMENT_LEVEL, _plain(match["title"])
        return
    # HTML headings may go over several lines; each is put where it begins.
    text = _COMMENTED.sub("", source)
    text = _HTML.sub(lambda m: f"\n{'#' * int(m[1])} {' '.join(m[2].split())}\n", text)
    fence, before = "", ""
    for line in text.split("\n"):
        if match := _FENCE.match(line):
            if not fence:
                fence = match[1]
            elif match[1].startswith(fence):
                fence = ""
            before = ""
            continue
        if fence:
            continue
        if (match := _ATX.match(line)) and (title := _plain(match[2])):
            yield len(match[1]), title
            before = ""
        elif (match := _SETEXT.match(line)) and not _NOT_PROSE.match(before):
            yield 1 if match[1].startswith("=") else 2, _plain(before)
            before = ""
        else:
            before = line


def _plain(text: str) -> str:
    """Take the markup from a title."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = html.unescape(re.sub(r"</?[A-Za-z][^>]*>", "", text))
    text = re.sub(r"(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|[*`$]|\\(?=\W)|\{#[^}]*\}", "", text)
    return " ".join(text.split()).rstrip(":").strip()


def _in_comment(source: str) -> tuple[int, str] | None:
    """Return the level and the title that a code cell's first comment gives."""
    lines = [line.strip() for line in source.strip().split("\n")]
    if len(lines) > 1 and _RULE.match(lines[0]) and (match := _TITLE.match(lines[1])):
        return BANNER_LEVEL, _plain(match["title"].strip("#=-* "))
    if match := _BANNER.match(lines[0]):
        title = (match["title"] or match["hash"]).strip()
        return None if _is_code(title) else (BANNER_LEVEL, _plain(title))
    if (match := _TITLE.match(lines[0])) and _reads_like_a_title(match["title"], lines[1:]):
        return COMMENT_LEVEL, _plain(match["title"])
    return None


def _reads_like_a_title(text: str, rest: list[str]) -> bool:
    continued = bool(rest) and rest[0].startswith("#")
    return (
        not continued
        and len(text) <= _LONGEST
        and len(text.split()) <= _MOST_WORDS
        and not text.rstrip().endswith((".", ",", ";", "?"))
        and (text[0].isupper() or text[0].isdigit() or not text[0].islower())
        and not _is_code(text)
    )


def _is_code(text: str) -> bool:
    """Whether a comment is code that was commented out, or speaks to a tool."""
    if re.match(r"(?:noqa|type:|pylint|%|!|TODO|FIXME|XXX|NOTE|fmt:|isort)", text):
        return True
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    plain = (ast.Name, ast.Constant, ast.Tuple, ast.BinOp, ast.UnaryOp, ast.Load, ast.operator)
    return not all(
        isinstance(node, (ast.Module, ast.Expr, ast.AnnAssign, *plain, ast.Store, ast.unaryop))
        for node in ast.walk(tree)
    )
