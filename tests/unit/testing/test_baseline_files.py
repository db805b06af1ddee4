"""Baselines in git: small differences, pictures as files, and damage that is told."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from nbrefine.errors import BaselineError
from nbrefine.testing.baseline import BaselineCell, baseline_file, executed_output, read_baseline
from nbrefine.testing.written import write_baseline

if TYPE_CHECKING:
    from conftest import Make


def test_what_is_written_is_read(make: type[Make], tmp_path: Path) -> None:
    """All outputs, those of other runs, the reasons and the prose."""
    varied = ((make.printed("b\n"),), (make.printed("c\n"),))
    cells = (
        BaselineCell("markdown", "# Report", "title"),
        make.cell("plot()", make.plot(), id="plot", tags=("slow",)),
        make.cell(
            "draw()",
            make.printed("a\n"),
            id="d",
            others=varied,
            notes={"varies": ["x"], "why": "y"},
        ),
        make.cell("1 / 0", {"output_type": "error", "ename": "E", "evalue": "no"}, id="e"),
    )
    write_baseline(tmp_path, make.baseline(*cells))
    assert read_baseline(tmp_path, "report").cells == cells


def test_of_other_runs_only_the_lines_are_kept_that_differ(
    make: type[Make], tmp_path: Path
) -> None:
    """A table that differs in one number is not there once more."""
    shown = "rows\nscore 0.71234\nend\n"
    others = ((make.printed(shown.replace("34", "39")),), (make.printed(shown),))
    cell = make.cell("score()", make.printed(shown), others=others, notes={"varies": ["x"]}, id="s")
    file = write_baseline(tmp_path, make.baseline(cell))
    (written,) = json.loads(file.read_text())["cells"]
    assert [run[0]["text"] for run in written["metadata"]["nbrefine"]["others"]] == [
        {"2": "score 0.71239\n"},
        {},
    ]
    assert read_baseline(tmp_path, "report").cells == (cell,)


def test_lines_of_other_runs_that_are_gone_are_told(make: type[Make], tmp_path: Path) -> None:
    """Somebody has edited the outputs: what the other runs showed is not known any more."""
    others = ((make.printed("a\nc\n"),),)
    cell = make.cell("f()", make.printed("a\nb\n"), others=others, notes={"varies": ["x"]}, id="f")
    file = write_baseline(tmp_path, make.baseline(cell))
    document = json.loads(file.read_text())
    document["cells"][0]["outputs"][0]["text"] = ["a\n"]
    file.write_text(json.dumps(document))
    with pytest.raises(BaselineError, match="damaged"):
        read_baseline(tmp_path, "report")


def test_pictures_are_files_with_a_digest(make: type[Make], tmp_path: Path) -> None:
    """The notebook holds no base64, the same picture is kept once, and what is gone goes."""
    old = make.baseline(
        make.cell("a", make.plot(0), id="a"),
        make.cell("b", make.plot(0), make.plot(9), id="b"),
    )
    file = write_baseline(tmp_path, old)
    folder = file.parent / "images" / "report"
    assert sorted(each.name for each in folder.iterdir()) == ["a-1.png", "b-2.png"]
    assert make.png()[:40] not in file.read_text()
    assert "axes 1" in file.read_text()
    write_baseline(tmp_path, replace(old, cells=old.cells[:1]))
    assert [each.name for each in folder.iterdir()] == ["a-1.png"]


def test_a_new_cell_changes_no_other_line(make: type[Make], tmp_path: Path) -> None:
    """Nothing in the file counts cells, or depends on what stands above."""
    cells = [make.cell(f"step({n})", make.result(str(n))) for n in range(4)]
    file = write_baseline(tmp_path, make.baseline(*cells))
    before = file.read_text().splitlines()
    write_baseline(tmp_path, make.baseline(make.cell("new()"), *cells))
    changed = [
        line
        for line in difflib.unified_diff(before, file.read_text().splitlines(), n=0, lineterm="")
        if line.startswith("-") and not line.startswith("---")
    ]
    assert changed == []


def test_it_is_a_notebook_that_plain_nbval_takes(make: type[Make], tmp_path: Path) -> None:
    """Valid, with the parameters in it, and what nbval cannot compare tagged."""
    fit = make.cell("print(1)", make.printed("1\n"), id="fit")
    unfit = make.cell("print(f)", make.printed("0x12\n"), id="unfit", notes={"nbval": "address"})
    baseline = replace(make.baseline(fit, unfit), setting="n = 3", position=1)
    file = write_baseline(tmp_path, baseline)
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    assert [cell.source for cell in notebook.cells] == ["print(1)", "n = 3", "print(f)"]
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells]
    assert tags == [[], ["injected-parameters"], ["nbval-ignore-output"]]
    assert all(cell.execution_count for cell in notebook.cells)
    # Here the tag is ours, and says nothing.
    assert [cell.tags for cell in read_baseline(tmp_path, "report").cells] == [(), ()]


def test_baselines_of_plain_nbval_are_read(make: type[Make], tmp_path: Path) -> None:
    """With the pictures inside, the user's own tags, and cells that only set things."""
    notebook = nbformat.v4.new_notebook()
    code = nbformat.v4.new_code_cell
    notebook.cells = [
        code("n = 3", metadata={"tags": ["injected-parameters"]}),
        code(
            "plot()",
            metadata={"tags": ["nbval-ignore-output"]},
            outputs=[nbformat.v4.new_output("display_data", {"image/png": make.png()})],
        ),
    ]
    file = baseline_file(tmp_path, "report")
    file.parent.mkdir(parents=True)
    nbformat.write(notebook, file)
    (cell,) = read_baseline(tmp_path, "report").cells
    assert cell.tags == ("nbval-ignore-output",)
    assert cell.outputs[0]["data"]["image/png"] == make.png()


@pytest.mark.parametrize("damage", ["gone", "cut", "picture gone", "other picture", "notes"])
def test_damage_is_one_clear_error(make: type[Make], tmp_path: Path, damage: str) -> None:
    """With the place, and what to do."""
    file = write_baseline(tmp_path, make.baseline(make.cell("a", make.plot(), id="a")))
    picture = file.parent / "images" / "report" / "a-1.png"
    if damage == "gone":
        file.unlink()
    elif damage == "cut":
        file.write_text(file.read_text()[:200])
    elif damage == "picture gone":
        picture.unlink()
    elif damage == "other picture":
        picture.write_bytes(picture.read_bytes() + b"x")
    else:
        document = json.loads(file.read_text())
        document["cells"][0]["outputs"][0]["metadata"]["nbrefine"]["pictures"] = [1]
        file.write_text(json.dumps(document))
    with pytest.raises(BaselineError) as caught:
        read_baseline(tmp_path, "report")
    assert caught.value.where is not None
    assert "ecord" in caught.value.hint


def test_words_for_a_figure_come_from_the_metadata(make: type[Make]) -> None:
    """Where the observer leaves them; counts and tracebacks are not kept."""
    raw = {
        "output_type": "display_data",
        "data": {"image/png": make.png()},
        "metadata": {"application/vnd.nbrefine.figure": {"lines": ["a", "b"]}},
    }
    assert executed_output(raw)["data"] == {"image/png": make.png(), "figure": "a\nb"}
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["File x"]}
    assert executed_output(error) == {"output_type": "error", "ename": "E", "evalue": "v"}
