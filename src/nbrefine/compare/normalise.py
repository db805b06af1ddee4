"""Take out of a text what names this very process: addresses, temporary files, generated ids.

Only what cannot carry a result is taken out. Dates and times stay: where they vary, the
original's own runs disagree, and that is what tells them from a result.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_WORD = r"[^\s'\"<>()]"
_TEMPORARY = r"(?:/var)?/tmp|(?:/private)?/var/folders/\w+/\w+/T|[A-Z]:\\[^\s:'\"]*\\Temp"
_PATTERNS = (
    # <function f at 0x7f3c2a1b9d00>
    (re.compile(r"\bat 0x[0-9a-fA-F]+"), "at 0x…"),
    # The file that a kernel gives a cell: /tmp/ipykernel_123/456.py:7, <ipython-input-3-0a1b2c>
    # (looked for only where a word begins: an output may be one word of a million characters)
    (re.compile(rf"(?<!{_WORD}){_WORD}*[/\\]ipykernel_\d+[/\\]\d+\.py(?::\d+)?"), "<cell>"),
    (re.compile(r"<ipython-input-\d+-[0-9a-f]+>(?::\d+)?"), "<cell>"),
    (re.compile(r"\bCell In\s?\[\d+\]"), "Cell In[…]"),
    # What the tempfile module names
    (re.compile(rf"(?:{_TEMPORARY})[/\\]tmp[a-z0-9_]{{8}}\b"), "<tmp>"),
    # tqdm's clock: 10/10 [00:01<00:00,  9.52it/s]
    (re.compile(r"\[\d+:\d+(?::\d+)?<[^\]\n]*\]"), "[…]"),
    # %time and %timeit say how long it took, whatever the result
    (re.compile(r"^(CPU times|Wall time|Compiler time|Compiler): .*$", re.MULTILINE), r"\1: …"),
    (
        re.compile(r"^[^±\n]* ± [^±\n]* per loop \(mean ± std\. dev\. of .*\)$", re.MULTILINE),
        "… per loop",
    ),
)

_UUID = r"[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}"
_GENERATED = rf"{_UUID}|[0-9a-f]{{32}}"
# In an id, also: pandas Styler's T_0a1b2, scikit-learn's sk-container-id-3, matplotlib's SVG ids
_IN_ID = re.compile(
    rf"{_GENERATED}|(?<=T_)[0-9a-f]{{5}}(?=_|$)|sk-(?:container|estimator)-id-\d+|[0-9a-f]{{8,}}"
)
_ID = re.compile(r"\b(?:id|for|class)\s*=\s*\\?[\"']([^\"'\\<>]+)|\bvar\s+(\w+)\s*=")
_CODE_ID = re.compile(rf"\b{_GENERATED}\b")
_BOKEH_ID = re.compile(r"\bp\d{4,}\b")


def normalise(text: str, folders: Sequence[str] = ()) -> str:
    """Replace what names the process that wrote a text.

    Parameters
    ----------
    text
        Any text of an output.
    folders
        Folders that stand for each other: the original's own, the project's root.

    Returns
    -------
    str
        With the same lines.
    """
    if pattern := _folder_pattern(tuple(folders)):
        text = pattern.sub("<folder>", text)
    for expression, replacement in _PATTERNS:
        text = expression.sub(replacement, text)
    return text


def strip_ansi(text: str) -> str:
    """Take out what colours a terminal."""
    return _ANSI.sub("", text)


def collapse_returns(text: str) -> str:
    """Show a text as a terminal does: a carriage return goes back to the line's beginning.

    What is overwritten is gone; what is longer than its successor still sticks out.
    """
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(_typed(line) for line in text.replace("\r\n", "\n").split("\n"))


def _typed(line: str) -> str:
    """Write the parts of a line over each other."""
    shown: list[str] = []
    at = 0
    for character in line:
        if character == "\r":
            at = 0
        elif character == "\b":
            at = max(0, at - 1)
        else:
            shown[at : at + 1] = [character]
            at += 1
    return "".join(shown).rstrip() if "\r" in line else "".join(shown)


def id_renamer(document: str) -> Callable[[str], str]:
    """Return a function that numbers generated ids in the order in which a document has them.

    Parameters
    ----------
    document
        A whole HTML or SVG text.

    Returns
    -------
    callable
        Renames the ids in any part of it.
    """
    names: dict[str, str] = {}
    for match in _ID.finditer(document):
        for core in _IN_ID.findall(match.group(1) or match.group(2)):
            names.setdefault(core, f"id-{len(names)}")
    if not names:
        return lambda text: text
    # The longest first: one id can be the beginning of another.
    every = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    return lambda text: every.sub(lambda match: names[match.group()], text)


def rename_code_ids(code: str) -> str:
    """Replace the generated ids of a script or a style sheet by numbers, in their order."""
    names: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return names.setdefault(match.group(), f"code-{len(names)}")

    code = _CODE_ID.sub(number, code)
    return _BOKEH_ID.sub(number, code) if "bokeh" in code.lower() else code


@lru_cache
def _folder_pattern(folders: tuple[str, ...]) -> re.Pattern[str] | None:
    """Match any of some folders, the longest first; one directly below the root is too short."""
    usable = sorted(
        (
            re.escape(folder.rstrip("/\\"))
            for folder in folders
            if folder.count("/") > 1 or "\\" in folder
        ),
        key=len,
        reverse=True,
    )
    return re.compile(rf"(?:{'|'.join(usable)})(?![\w-])") if usable else None
