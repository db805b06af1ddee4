from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.errors import NotebookError
from nbrefine.notebook.document import Cell
from nbrefine.notebook.script import read_script

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = '''\
# ---
# jupyter:
#   jupytext: {}
# ---
# first

# %% tags=["parameters", "x"]
upstream = None


# %% A title [markdown]
# # Head
#
# text

# %% [md]
"""
words
"""

#%%
# %time
# !ls
x = "# %%"


def f():
    pass

# %% [raw]
# as it is
'''


def test_cells_of_a_script(tmp_path: Path) -> None:
    """Cells come out as jupytext makes them: no header, magics live, comments of prose gone."""
    path = tmp_path / "a.py"
    path.write_text(SCRIPT)
    assert read_script(path).cells == (
        Cell("code", "# first"),
        Cell("code", "upstream = None", ("parameters", "x"), index=1),
        Cell("markdown", "# Head\n\ntext", index=2),
        Cell("markdown", "words", index=3),
        Cell("code", '%time\n!ls\nx = "# %%"\n\n\ndef f():\n    pass', index=4),
        Cell("raw", "as it is", index=5),
    )


def test_an_empty_script_has_no_cells(tmp_path: Path) -> None:
    """Nothing is no error."""
    path = tmp_path / "a.py"
    path.write_text("\n")
    assert read_script(path).cells == ()


def test_other_formats_are_refused(tmp_path: Path) -> None:
    """A script without marks is not guessed at; the hint says how to convert it."""
    path = tmp_path / "a.py"
    path.write_text("# + tags=['parameters']\nupstream = None\n# -\n")
    with pytest.raises(NotebookError, match="no cells") as caught:
        read_script(path)
    assert f"jupytext --to py:percent {path}" in caught.value.hint
