"""What needs no build; the states of a built pipeline are held against Ploomber's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nbrefine.pipeline.records import Record, changed_params, read_record, record_file
from nbrefine.pipeline.source_text import same_source, source_text
from nbrefine.pipeline.state import Status, StepState, states

if TYPE_CHECKING:
    from tests.unit.pipeline.conftest import Project

SPEC = """\
tasks:
  - {source: a.ipynb, product: out/a.ipynb, params: {n: 1}}
  - {source: b.ipynb, product: {nb: out/b.ipynb, x: out/b.csv}}
"""


@pytest.fixture
def built(project: Project) -> Project:
    """Two steps with records as a build leaves them, the second made later."""
    project.notebook("a.ipynb")
    project.notebook("b.ipynb", "upstream = ['a']")
    pipeline = project.read(SPEC)
    for made, step in enumerate(pipeline.steps.values(), start=1000):
        for path in step.files.values():
            path.parent.mkdir(exist_ok=True)
            path.write_text("product")
            record = {
                "timestamp": made,
                "stored_source_code": source_text(step),
                "params": dict(step.params),
            }
            record_file(path).write_text(json.dumps(record))
    return project


def test_a_built_pipeline_is_up_to_date(built: Project) -> None:
    """With records that fit nothing has a reason to run, and the times are told."""
    assert states(built.read()) == {
        "a": StepState(Status.UP_TO_DATE, (), 1000.0),
        "b": StepState(Status.UP_TO_DATE, (), 1001.0),
    }


def test_several_missing_products_are_counted(built: Project) -> None:
    """One missing product is named, several are counted, all of them are "never built"."""
    built.file("pipeline.yaml", SPEC.replace("x: out/b.csv", "x: out/b.csv, y: y.csv, z: z.csv"))
    assert states(built.read())["b"].reasons == ("2 of 4 products are missing, such as y.csv",)
    (built.root / "out/a.ipynb").unlink()
    found = states(built.read(SPEC))
    assert found["a"] == StepState(Status.MISSING, ("never built",))
    assert found["b"].status is Status.OUTDATED
    assert found["b"].reasons == ("a is missing",)


@pytest.mark.parametrize(
    ("made", "reasons"),
    [(1001, ()), (1001.5, ("a was made later",)), (None, ("a was made later",))],
)
def test_times_are_compared_as_ploomber_does(
    built: Project, made: float | None, reasons: tuple[str, ...]
) -> None:
    """Made at the same time is no reason; made later is, and so is an upstream without a time."""
    record = record_file(built.root / "out/a.ipynb")
    record.write_text(json.dumps({**json.loads(record.read_text()), "timestamp": made}))
    assert states(built.read())["b"].reasons == reasons


def test_the_oldest_product_counts(built: Project) -> None:
    """A step with several products was made when the first of them was."""
    record = record_file(built.root / "out/b.csv")
    record.write_text(json.dumps({**json.loads(record.read_text()), "timestamp": 999}))
    found = states(built.read())["b"]
    assert (found.made, found.reasons) == (999.0, ("a was made later",))


def test_reading_changes_nothing(built: Project) -> None:
    """No file of the project is touched by asking for states."""
    before = changes(built.root)
    states(built.read())
    assert changes(built.root) == before


def changes(root: Path) -> dict[Path, tuple[int, ...]]:
    """Return what shows a change of a file; the time of the last reading does not."""
    found = ((path, path.stat()) for path in root.rglob("*"))
    return {path: (stat.st_ctime_ns, stat.st_size, stat.st_ino) for path, stat in found}


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (SPEC + "clients: {File: db.client}\n", "remote storage"),
        (SPEC.replace("params: {n: 1}", "product_client: db.c"), "remote storage"),
        (SPEC.replace("{n: 1}", "{n: 'module::function'}"), "param n comes from code"),
    ],
)
def test_what_cannot_be_told_is_unknown(built: Project, spec: str, reason: str) -> None:
    """Where only running code or asking a server would tell, the state is not guessed."""
    found = states(built.read(spec))
    assert {state.status for state in found.values()} == {Status.UNKNOWN}
    assert reason in found["a"].reasons[0]


def test_databases_and_shell_steps_are_unknown(project: Project) -> None:
    """Their states are Ploomber's alone to tell, and so are those below them."""
    project.file("a.sql", "SELECT 1")
    project.file("b.sh", "{{upstream.a}} {{product}}")
    found = states(
        project.read(
            "tasks:\n  - {source: a.sql, product: [n, table]}\n  - {source: b.sh, product: b}\n"
        )
    )
    assert "in a database" in found["a"].reasons[0]
    assert "shell step" in found["b"].reasons[0]


def test_outdated_beats_unknown(built: Project) -> None:
    """A step that surely runs is called outdated even if something above it is unknown."""
    built.read(SPEC)
    record_file(built.root / "out/a.ipynb").write_text("[]")
    built.notebook("b.ipynb", "upstream = ['a']\nx = 2")
    found = states(built.read())
    assert found["a"].status is Status.UNKNOWN
    assert found["b"].status is Status.OUTDATED


def test_records(project: Project) -> None:
    """A record counts only if its product is there; a damaged one says what to do."""
    product = project.file("x.csv", "1")
    assert read_record(product) == Record(product)
    record_file(product).write_text('{"timestamp": 5, "stored_source_code": "x", "params": {}}')
    assert read_record(product) == Record(product, found=True, timestamp=5.0, source="x", params={})
    record_file(product).write_text('{"timestamp": null}')
    assert read_record(product) == Record(product, found=True)
    record_file(product).write_bytes(b"\xff\xfe")
    assert read_record(product).damage.endswith("Ploomber stops at it: delete it")
    product.unlink()
    assert read_record(product) == Record(product)


def test_changed_params(project: Project) -> None:
    """Each change has a reason of its own; what is never recorded is not compared."""
    project.file("raw.csv", "1")
    digest = "c4ca4238a0b923820dcc509a6f75849b"  # MD5 of "1"
    old = {"n": 15, "gone": 1, "same": [1], "resources_": {"raw": digest, "old": "x"}}
    new = {"n": 20, "new": "a", "same": [1], "resources_": {"raw": "raw.csv", "r2": "raw.csv"}}
    new["when"] = object()
    new["resources_"]["r3"] = "."
    assert list(changed_params(old, new, project.root)) == [
        "param n: 15 -> 20",
        "param new is new: 'a'",
        "raw.csv is new",
        ". cannot be read: Is a directory",
        "the resource old was taken out",
        "param gone was taken out",
    ]


FUNCTION = 'def f(x):\n    """Doc."""\n    # why\n    return x+1\n'


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (FUNCTION.replace("# why", "# because"), True),
        (FUNCTION.replace("Doc.", "Other."), True),
        (FUNCTION.replace("x+1", "x + 1"), True),
        (FUNCTION.replace("x+1", "x+2"), False),
        (FUNCTION.replace("(x)", "(x, y=1)"), False),
        ("def f(x:", False),
        (None, False),
    ],
)
def test_when_a_function_has_changed(
    project: Project,
    other: str | None,
    same: bool,  # noqa: FBT001  (a parameter of the table above)
) -> None:
    """Comments, docstring and formatting do not count, anything else does."""
    project.file("m.py", "import os\n\n\n" + FUNCTION + "\n\ndef g(): ...\n")
    step = project.read("tasks: [{source: m.f, product: x}]\n").steps["f"]
    assert source_text(step) == FUNCTION
    assert same_source(step, other, FUNCTION) is same


def test_a_docstring_beside_the_def_counts(project: Project) -> None:
    """Ploomber takes a docstring out only where it has lines of its own."""
    project.file("m.py", 'def f(): "Doc."\n')
    step = project.read("tasks: [{source: m.f, product: x}]\n").steps["f"]
    assert same_source(step, 'def f(): "Other."\n', 'def f(): "Doc."\n') is False
    assert same_source(step, "def f():\n  return 1\n", "def f():\n    return 1\n") is True


def test_a_decorator_is_part_of_a_function(project: Project) -> None:
    """The text begins with the first decorator, as Python's own does."""
    project.file("m.py", "@a\n@b(1)\ndef f():\n    return 1  # end\n")
    step = project.read("tasks: [{source: m.f, product: x}]\n").steps["f"]
    assert source_text(step) == "@a\n@b(1)\ndef f():\n    return 1  # end\n"


def test_blank_lines_of_a_script_are_left_to_ploomber(project: Project) -> None:
    """Where jupytext's finer rules could decide, neither answer is guessed."""
    project.file("s.py", "# %% tags=['parameters']\nupstream = None\n\n# %%\n# %time f()\n1\n")
    step = project.read("tasks: [{source: s.py, product: x.ipynb}]\n").steps["s"]
    current = source_text(step)
    assert current == "upstream = None\n%time f()\n1"
    assert same_source(step, current, current) is True
    assert same_source(step, current.replace("\n1", "\n\n1"), current) is None
    assert same_source(step, current.replace("%time", "# %time"), current) is None
    assert same_source(step, current.replace("\n1", "\n2"), current) is False
