"""Which cells show something else: line by line as they are, with no comparison of ours."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# What names the process or the place, and no result.
_MEANINGLESS = re.compile(r"0x[0-9a-f]{6,}|ipykernel_\d+/\d+|T_[0-9a-f]{5}|sk-\w+-id-\d+")

_TEXTS = ("text", "ename", "evalue")


def shown(notebook: Path) -> dict[str, list[str]]:
    """Return digests of the lines that each code cell of an executed notebook shows, by id."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return {
        cell["id"]: [_digest(line) for output in cell["outputs"] for line in _lines(output)]
        for cell in cells
        if cell["cell_type"] == "code"
    }


def _lines(output: Mapping[str, Any]) -> Iterator[str]:
    """Give what a reader sees of an output, line by line; of a stream, a picture, an error."""
    if output.get("name") == "stderr":
        return
    parts = {**output.get("data", {}), **{key: output[key] for key in _TEXTS if key in output}}
    for name, part in sorted(parts.items()):
        yield from (f"{name} {line}" for line in _text(part).split("\n"))


def _text(part: object) -> str:
    """Return a part of an output as one text: notebooks have it as a list of lines, too."""
    if isinstance(part, list) and all(isinstance(each, str) for each in part):
        return "".join(part)
    return part if isinstance(part, str) else json.dumps(part, sort_keys=True)


def _digest(line: str) -> str:
    return hashlib.sha256(_MEANINGLESS.sub("", line).encode()).hexdigest()[:16]


def steady(runs: Sequence[Mapping[str, Sequence[str]]]) -> dict[str, list[str | None]]:
    """Return what each cell shows in all runs: only that says whether a fault shows.

    Parameters
    ----------
    runs
        From `shown`.

    Returns
    -------
    dict of str to list
        By cell, its lines; None for one that is another in some run, such as a time. A cell that
        does not even show as many lines each time is not there.
    """
    found = {}
    for name, lines in runs[0].items():
        others = [run.get(name, ()) for run in runs]
        if all(len(other) == len(lines) for other in others):
            columns = zip(*others, strict=True)
            found[name] = [each[0] if len({*each}) == 1 else None for each in columns]
    return found


def first_changed(
    notebook: Path, before: Mapping[str, Sequence[str | None]], order: Sequence[str]
) -> str | None:
    """Return the id of the first cell that shows something else; None if none does."""
    now = shown(notebook)
    known = (name for name in order if name in before)
    return next((name for name in known if _differs(before[name], now.get(name, ()))), None)


def _differs(before: Sequence[str | None], now: Sequence[str]) -> bool:
    if len(before) != len(now):
        return True
    return any(old not in {None, new} for old, new in zip(before, now, strict=True))
