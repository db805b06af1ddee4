"""What markdown shows is shown by the steps' notebooks too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.place.pictures import Pictures, keep_pictures
from nbrefine.refine.place.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path


def kept(folder: Path, text: str, kind: str = "markdown") -> Pictures:
    here = folder / "notes"
    (here / "img").mkdir(parents=True, exist_ok=True)
    for path in (here / "img" / "a b.png", here / "x.png", folder / "out.png"):
        path.write_bytes(b"png")
    notebook = Notebook(here / "n.ipynb", (Cell(kind, text),))
    return keep_pictures(notebook, here / "n_pipeline")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a](x.png)", "![a](../x.png)"),
        ('![a](./x.png "title") b', '![a](../x.png "title") b'),
        ("[see](<x.png>)", "[see](<../x.png>)"),
        ("![a](img/a%20b.png)", "![a](../img/a%20b.png)"),
        ("![a][1]\n\n[1]: x.png", "![a][1]\n\n[1]: ../x.png"),
        ("<img width=3 src='x.png'/>", "<img width=3 src='../x.png'/>"),
        ("![a](../out.png)", "![a](../../../out.png)"),
    ],
)
def test_places_are_named_from_the_step_s_notebook(
    tmp_path: Path, text: str, expected: str
) -> None:
    """As markdown and as HTML."""
    assert kept(tmp_path, text).notebook.cells[0].source == expected


@pytest.mark.parametrize(
    "text",
    [
        "![a](attachment:x.png)",
        "![a](https://example.org/x.png)",
        "![a](gone.png)",
        "[up](#x.png)",
        "`![a](x.png)`",
        "```\n![a](x.png)\n```",
        "x.png",
    ],
)
def test_other_texts_stay(tmp_path: Path, text: str) -> None:
    """Attachments, addresses, files that are not there, and code."""
    found = kept(tmp_path, text)
    assert found.notebook.cells[0].source == text
    assert found.links == {}


def test_code_is_left_alone(tmp_path: Path) -> None:
    """A text in code is no markdown."""
    assert kept(tmp_path, "f('](x.png)')", "code").links == {}


def test_files_beside_the_notebook_are_linked(tmp_path: Path) -> None:
    """Unless their folder is there already."""
    links = kept(tmp_path, "![](x.png) ![](img/a%20b.png) ![](../out.png)").links
    assert links == {
        "x.png": tmp_path / "notes" / "x.png",
        "img/a b.png": tmp_path / "notes" / "img" / "a b.png",
    }
    folder = {"img": tmp_path / "notes" / "img"}
    sources = Sources(folder, frozenset(), {}, {}, ())
    assert sources.linking(links).links == {**folder, "x.png": links["x.png"]}
