"""Imports are sorted once all are there, whoever put them there."""

from __future__ import annotations

import json

import pytest

from nbrefine.refine.write.import_order import in_order, sorted_runs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "import pandas as pd\nfrom mine.plots import draw\nimport os",
            "import os\n\nimport pandas as pd\n\nfrom mine.plots import draw",
        ),
        (
            "%matplotlib inline\nfrom b import (\n    y,\n    x,\n)\nimport a\n\nset()",
            "%matplotlib inline\nimport a\nfrom b import x, y\n\nset()",
        ),
        (
            "import sys\n\nsys.path.append('a')\n\nimport helpers\nimport pandas",
            "import sys\n\nsys.path.append('a')\n\nimport pandas\n\nimport helpers",
        ),
        ("try:\n    import a\nexcept ImportError:\n    a = None", None),
        ("import b; x = 1\nimport a", None),
        ("x = 1", None),
    ],
)
def test_runs_of_imports_are_sorted(text: str, expected: str | None) -> None:
    """What stands between them, and what is no plain import, keeps its place."""
    assert sorted_runs(text, {"mine", "helpers"}) == (text if expected is None else expected)


def test_only_cells_that_were_added_change() -> None:
    """The author's imports stay as they are, and other files too."""
    source = ["import b\n", "import a"]
    cells = [{"source": source, "metadata": {"nbrefine": {"role": "imports"}}}]
    cells.append({"source": source, "metadata": {"nbrefine": {"origin": 0}}})
    text = json.dumps({"cells": cells})
    found = in_order({"notebooks/a.ipynb": text, "src/a.py": "import b\nimport a\n"}, ())
    new = json.loads(found["notebooks/a.ipynb"])["cells"]
    assert [cell["source"] for cell in new] == [["import a\n", "import b"], source]
    assert found["src/a.py"] == "import b\nimport a\n"
