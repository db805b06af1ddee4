"""Cut a notebook whose headings are hidden, and see whether the cuts are where they were.

A script for the environment of the version that is measured. Arguments: the notebook, and what was
recorded of its run. Prints for how many cuts a heading stood before the cell, and of how many.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.notebook.reading import read_any
from nbrefine.recording.store import read_recording
from nbrefine.refine.draft import Wishes, make_draft
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.expected import expected_formats

if TYPE_CHECKING:
    from nbrefine.notebook.document import Notebook

_HEADING = re.compile(
    r"^ {0,3}#{1,6}(?=[ \t]|\w).*$|^.+\n {0,3}(?:={2,}|-{3,})[ \t]*$|<h([1-6])\b(?:.|\n)*?</h\1>",
    re.MULTILINE | re.IGNORECASE,
)


def headed(notebook: Notebook) -> frozenset[int]:
    """Return the cells (by origin) that a markdown heading stands before, but for the first."""
    found, pending, origin = set(), False, 0
    for cell in notebook.cells:
        if cell.kind == "markdown":
            pending |= bool(_HEADING.search(cell.source))
        elif cell.kind == "code" and cell.source.strip():
            if pending and origin:
                found.add(origin)
            pending = False
            origin += 1
    return frozenset(found)


def without_headings(notebook: Notebook) -> Notebook:
    """Take the headings away, and the cells of which nothing else is left."""
    cells = (
        replace(cell, source=_HEADING.sub("", cell.source)) if cell.kind == "markdown" else cell
        for cell in notebook.cells
    )
    return replace(notebook, cells=tuple(c for c in cells if c.kind == "code" or c.source.strip()))


def main(path: Path, recording: Path) -> None:
    """Print the counts as JSON."""
    notebook = read_any(path)
    hidden = without_headings(notebook)
    cells = gather(hidden, read_recording(recording))
    draft = make_draft(hidden, cells, path.parent, expected_formats(cells), Wishes())
    starts = [cut[0] for cut in draft.plan.cuts[1:]]
    headings = headed(notebook)
    counts = {
        "hit": len(headings.intersection(starts)),
        "cuts": len(starts),
        "headings": len(headings),
        "places": max(len(cells) - 1, 0),
    }
    sys.stdout.write(json.dumps(counts) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
