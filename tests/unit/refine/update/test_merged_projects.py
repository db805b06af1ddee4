"""What a user made of the steps stays, wherever the changed notebook has put it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import yaml

from nbrefine.refine.update.project import MergedProject, merge_projects
from nbrefine.refine.write.base import Base, digest_of

CELLS = ("rows = load('rows.csv')", "rows = rows.dropna()", "rows.total.mean()")
SPEC = """\
# The steps.
meta:
  extract_upstream: true

tasks:
  - source: notebooks/load.ipynb
    name: load
    product:
      nb: build/load.ipynb

  - source: notebooks/report.ipynb
    name: report
    product:
      nb: build/report.ipynb
    params:
      limit: 3
"""
MODULE = '''\
"""Clean."""

import re


def tidy(text):
    """Tidy up."""
    return re.sub("a", "b", text)


def large(rows):
    return rows[rows.total > 5]
'''
Cell = dict[str, Any]
Files = dict[str, bytes]


def code(source: str, origin: int | str | None = None, name: str = "", **more: Any) -> Cell:  # noqa: ANN401
    """Return a cell, of the original if it has an origin, or with a role."""
    key = "origin" if isinstance(origin, int) else "role"
    metadata: dict[str, Any] = {} if origin is None else {"nbrefine": {key: origin}}
    cell = {"cell_type": "code", "id": name or f"{origin}", "metadata": metadata}
    return {**cell, "outputs": [], "execution_count": None, "source": source, **more}


def notebook(cells: Sequence[Cell]) -> bytes:
    document = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document).encode()


def written(cells: Sequence[str] = CELLS, cut: int = 2, **names: str) -> Files:
    """Return what refine writes: two steps, cut before a cell."""
    parts = {
        names.get("load", "load"): list(enumerate(cells))[:cut],
        names.get("report", "report"): list(enumerate(cells))[cut:],
    }
    files = {
        f"notebooks/{name}.ipynb": notebook(
            [
                code("upstream = None", "parameters", f"{name}-p"),
                *(code(source, origin, f"{name}-{origin}") for origin, source in part),
                code("write(product)", "write", f"{name}-w"),
            ]
        )
        for name, part in parts.items()
    }
    spec = SPEC
    for name, new in names.items():
        spec = spec.replace(f"notebooks/{name}.", f"notebooks/{new}.").replace(
            f"name: {name}", f"name: {new}"
        )
    return {**files, "pipeline.yaml": spec.encode(), "src/shop/cleaning.py": MODULE.encode()}


BASE = written()


def merge(
    ours: Mapping[str, bytes],
    theirs: Mapping[str, bytes],
    cells: Sequence[str] = CELLS,
    base: Mapping[str, bytes] = BASE,
    **more: bool,
) -> MergedProject:
    texts = {path: content.decode() for path, content in base.items() if path[-1] != "t"}
    digests = {path: digest_of(content) for path, content in base.items() if path not in texts}
    return merge_projects(Base(CELLS, {}, texts, digests), ours, theirs, cells, **more)


def edited(files: Mapping[str, bytes], path: str, old: str, new: str) -> Files:
    text = files[path].decode()
    assert old in text
    return {**files, path: text.replace(old, new).encode()}


def sources(merged: MergedProject, name: str) -> list[str]:
    cells = json.loads(merged.files[f"notebooks/{name}.ipynb"])["cells"]
    return ["".join(cell["source"]) for cell in cells]


def inserted(files: Files, name: str, at: int, cell: Cell) -> Files:
    path = f"notebooks/{name}.ipynb"
    document = json.loads(files[path])
    document["cells"].insert(at, cell)
    return {**files, path: json.dumps(document).encode()}


def without(files: Files, name: str, at: int) -> Files:
    path = f"notebooks/{name}.ipynb"
    document = json.loads(files[path])
    del document["cells"][at]
    return {**files, path: json.dumps(document).encode()}


def test_a_project_nobody_edited_becomes_what_refine_writes() -> None:
    theirs = written((*CELLS, "rows.describe()"))
    merged = merge(BASE, theirs, (*CELLS, "rows.describe()"))
    assert merged.files == theirs
    assert not merged.conflicts


def test_a_notebook_that_did_not_change_leaves_the_users_project() -> None:
    ours = edited(BASE, "notebooks/report.ipynb", "mean()", "median()")
    ours = inserted(ours, "load", 2, code("rows.shape", None, "mine"))
    merged = merge(ours, BASE)
    assert merged.files == ours
    assert not merged.conflicts


def test_an_edit_follows_its_cell_into_another_step() -> None:
    """The notebook got a new first cell, and is cut elsewhere now: origins and steps differ."""
    cells = ("import this", *CELLS)
    ours = edited(BASE, "notebooks/load.ipynb", "dropna()", "fillna(0)")
    merged = merge(ours, written(cells, cut=2), cells)
    assert not merged.conflicts
    assert sources(merged, "load")[1:3] == ["import this", CELLS[0]]
    assert sources(merged, "report")[1:3] == ["rows = rows.fillna(0)", CELLS[2]]
    report = json.loads(merged.files["notebooks/report.ipynb"])["cells"]
    assert [cell["metadata"]["nbrefine"].get("origin") for cell in report] == [None, 2, 3, None]


def test_an_edit_follows_its_cell_into_a_renamed_step() -> None:
    ours = edited(BASE, "notebooks/report.ipynb", "mean()", "median()")
    ours = edited(ours, "pipeline.yaml", "limit: 3", "limit: 5")
    merged = merge(ours, written(report="summary"))
    assert not merged.conflicts
    assert sources(merged, "summary")[1] == "rows.total.median()"
    assert "notebooks/report.ipynb" not in merged.files
    tasks = yaml.safe_load(merged.files["pipeline.yaml"])["tasks"]
    assert [(task["name"], task.get("params")) for task in tasks] == [
        ("load", None),
        ("summary", {"limit": 5}),
    ]


def test_a_step_that_the_user_renamed_keeps_the_users_name() -> None:
    ours = written(report="figures")
    cells = (*CELLS, "rows.describe()")
    merged = merge(ours, written(cells), cells)
    assert not merged.conflicts
    assert sources(merged, "figures")[1:3] == [CELLS[2], "rows.describe()"]
    assert "notebooks/report.ipynb" not in merged.files
    assert "notebooks/figures.ipynb" in merged.files["pipeline.yaml"].decode()


def test_added_cells_stay_behind_the_cell_that_they_follow() -> None:
    ours = inserted(BASE, "load", 2, code("rows.shape", None, "mine"))
    ours = inserted(ours, "load", 3, code("# split off", 0, "half"))
    cells = ("import this", *CELLS)
    merged = merge(ours, written(cells, cut=3), cells)
    assert sources(merged, "load")[1:5] == ["import this", CELLS[0], "rows.shape", "# split off"]
    half = json.loads(merged.files["notebooks/load.ipynb"])["cells"][4]
    assert half["metadata"]["nbrefine"] == {"origin": 1}


def test_a_cell_that_the_user_moved_stays_where_the_user_put_it() -> None:
    path = "notebooks/load.ipynb"
    document = json.loads(BASE[path])
    document["cells"][1:3] = reversed(document["cells"][1:3])
    cells = (*CELLS[:2], "rows.head()", CELLS[2])
    merged = merge({**BASE, path: json.dumps(document).encode()}, written(cells, cut=3), cells)
    assert not merged.conflicts
    assert sources(merged, "load")[1:4] == [CELLS[1], CELLS[0], "rows.head()"]


def test_a_removed_cell_stays_removed_unless_the_notebook_changed_it() -> None:
    ours = without(BASE, "load", 2)
    assert CELLS[1] not in sources(merge(ours, BASE), "load")
    cells = (CELLS[0], "rows = rows.dropna(how='all')", CELLS[2])
    (conflict,) = merge(ours, written(cells), cells).conflicts
    assert conflict.what == "you removed it, the notebook changed it"
    assert (conflict.base, conflict.ours, conflict.theirs) == (CELLS[1], None, cells[1])


def test_a_cell_that_both_changed_is_a_conflict_with_its_place_and_all_texts() -> None:
    ours = edited(BASE, "notebooks/report.ipynb", "mean()", "median()")
    cells = (*CELLS[:2], "rows.total.sum()")
    merged = merge(ours, written(cells), cells)
    (conflict,) = merged.conflicts
    assert (conflict.path, conflict.cell) == ("notebooks/report.ipynb", 2)
    assert conflict.what == "you changed it, and so did the notebook"
    assert (conflict.base, conflict.ours, conflict.theirs) == (
        CELLS[2],
        "rows.total.median()",
        cells[2],
    )
    assert sources(merged, "report")[1] == "rows.total.median()"
    preferred = merge(ours, written(cells), cells, keeps_ours=False)
    assert sources(preferred, "report")[1] == cells[2]


def test_a_cell_that_the_notebook_has_no_more_is_a_conflict_only_if_it_was_edited() -> None:
    cells = (CELLS[0], CELLS[2])
    theirs = written(cells, cut=1)
    assert not merge(BASE, theirs, cells).conflicts
    ours = edited(BASE, "notebooks/load.ipynb", "dropna()", "ffill()")
    merged = merge(ours, theirs, cells)
    assert [each.what for each in merged.conflicts] == [
        "you changed it, the notebook no longer has it"
    ]
    assert "rows = rows.ffill()" in sources(merged, "load")


def test_lines_of_one_cell_merge_where_they_are_apart() -> None:
    old = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5"
    cells = (old, *CELLS[1:])
    base = written(cells)
    ours = edited(base, "notebooks/load.ipynb", "a = 1", "a = 10")
    new = (old.replace("e = 5", "e = 50"), *CELLS[1:])
    texts = {path: content.decode() for path, content in base.items()}
    merged = merge_projects(Base(cells, {}, texts, {}), ours, written(new), new)
    assert not merged.conflicts
    assert sources(merged, "load")[1] == "a = 10\nb = 2\nc = 3\nd = 4\ne = 50"


def test_outputs_stay_with_a_cell_that_reads_as_before_and_go_with_another() -> None:
    ran = [{"output_type": "stream", "name": "stdout", "text": "3"}]
    path = "notebooks/report.ipynb"
    document = json.loads(BASE[path])
    document["cells"][1] |= {"outputs": ran, "execution_count": 4}
    ours = {**BASE, path: json.dumps(document).encode()}
    cells = ("import this", *CELLS)
    merged = merge(ours, written(cells, cut=3), cells)
    assert json.loads(merged.files[path])["cells"][1]["outputs"] == ran
    cells = (*CELLS[:2], "rows.total.sum()")
    merged = merge(ours, written(cells), cells)
    cell = json.loads(merged.files[path])["cells"][1]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_a_function_edited_by_hand_stays_so_in_another_module() -> None:
    path, other = "src/shop/cleaning.py", "src/shop/features.py"
    ours = edited(BASE, path, "> 5", "> 7")
    ours = edited(ours, path, "import re\n", "import re\nimport sys\n")
    kept, _, moved = MODULE.partition("\n\n\ndef large")
    theirs = {
        **BASE,
        path: f"{kept}\n\n\ndef new():\n    return re.A\n".encode(),
        other: f'"""Features."""\n\n\ndef large{moved}'.encode(),
    }
    merged = merge(ours, theirs)
    assert not merged.conflicts
    assert merged.files[other].decode() == theirs[other].decode().replace("> 5", "> 7")
    text = merged.files[path].decode()
    assert text == theirs[path].decode().replace("import re\n", "import re\nimport sys\n")


def test_a_module_that_is_no_python_is_merged_by_its_lines() -> None:
    path = "src/shop/cleaning.py"
    ours = edited(BASE, path, "    return rows[", "    return rows[[")
    merged = merge(ours, edited(BASE, path, '"""Clean."""', '"""Clean rows."""'))
    assert not merged.conflicts
    text = merged.files[path].decode()
    assert "rows[[" in text
    assert "Clean rows" in text


def test_steps_and_modules_of_the_users_own_stay() -> None:
    ours = {**BASE, "notebooks/mine.ipynb": notebook([code("1", None, "x")])}
    ours["src/shop/mine.py"] = b"def mine():\n    return 1\n"
    ours["pipeline.yaml"] += (
        b"\n  - source: notebooks/mine.ipynb\n    product: {nb: build/m.ipynb}\n"
    )
    cells = (*CELLS, "rows.describe()")
    merged = merge(ours, written(cells), cells)
    assert not merged.conflicts
    assert merged.files["notebooks/mine.ipynb"] == ours["notebooks/mine.ipynb"]
    assert merged.files["src/shop/mine.py"] == ours["src/shop/mine.py"]
    tasks = yaml.safe_load(merged.files["pipeline.yaml"])["tasks"]
    assert [task["source"] for task in tasks][2] == "notebooks/mine.ipynb"


def test_two_files_of_one_name_are_not_mixed() -> None:
    path = "notebooks/model.ipynb"
    ours = {**BASE, path: notebook([code("mine", None, "x")])}
    theirs = {**BASE, path: notebook([code("new", None, "x")])}
    conflicts = merge(ours, theirs).conflicts
    assert [each.path for each in conflicts] == [path]


@pytest.mark.parametrize(
    ("ours", "theirs", "result", "conflicts"),
    [
        (b"\xff1", b"\xff2", b"\xff2", 0),
        (b"\xff3", b"\xff1", b"\xff3", 0),
        (b"\xff3", b"\xff2", b"\xff3", 1),
        (None, b"\xff1", None, 0),
        (None, b"\xff2", None, 1),
        (b"\xff1", None, None, 0),
    ],
)
def test_files_that_are_no_texts_are_taken_whole(
    ours: bytes | None, theirs: bytes | None, result: bytes | None, conflicts: int
) -> None:
    path = "tests/fixtures/rows.parquet"
    sides = [{**BASE, **({path: each} if each else {})} for each in (ours, theirs)]
    merged = merge(*sides, base={**BASE, path: b"\xff1"})
    assert merged.files.get(path) == result
    assert len(merged.conflicts) == conflicts


def test_the_baseline_of_a_step_that_the_user_edited_is_named() -> None:
    path = "tests/notebooks/report.ipynb"
    base = {**BASE, path: notebook([code("1")])}
    ours = edited(base, "notebooks/report.ipynb", "mean()", "median()")
    merged = merge(ours, {**BASE, path: notebook([code("2")])}, base=base)
    assert merged.stale == (path,)
    assert merge(base, base, base=base).stale == ()


def test_a_baseline_that_the_user_renewed_is_kept_and_named() -> None:
    path = "tests/notebooks/report.ipynb"
    base, ours, theirs = ({**BASE, path: notebook([code(each)])} for each in "123")
    merged = merge(ours, theirs, base=base)
    assert (merged.stale, merged.conflicts) == ((path,), ())
    assert merged.files[path] == ours[path]
