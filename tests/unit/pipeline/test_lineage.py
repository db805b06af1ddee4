"""What made a product and what was made from it, as the ledger has it."""

from __future__ import annotations

import pytest
from tests.unit.pipeline.building import publish, publish_all
from tests.unit.pipeline.conftest import Project

from nbrefine.errors import InputError
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.lineage import Condition, Lineage, lineage_of
from nbrefine.pipeline.observed import Observed

SPEC = """\
tasks:
  - {source: load.ipynb, product: {nb: out/load.ipynb, a: out/a.csv, b: out/b.csv}}
  - {source: fit.ipynb, product: {nb: out/fit.ipynb, model: out/model.bin}}
  - {source: report.ipynb, product: out/report.html}
  - {source: other.ipynb, product: {nb: out/other.ipynb, c: out/c.csv}}
"""


@pytest.fixture
def built(project: Project) -> Project:
    """`fit` reads both products of `load`, `report` reads `fit`, `other` reads a file of `load`."""
    project.file("pipeline.yaml", SPEC)
    project.file("raw.csv", "1")
    project.notebook("load.ipynb")
    project.notebook("fit.ipynb", 'upstream = ["load"]')
    project.notebook("report.ipynb", 'upstream = ["fit"]')
    project.notebook("other.ipynb")
    publish(project.root, "load", Observed(read=("raw.csv",)))
    publish(project.root, "fit")
    publish(project.root, "report")
    publish(project.root, "other", Observed(read=("out/b.csv",)))
    return project


def lineage(project: Project, path: str) -> Lineage:
    with Ledger(project.root) as ledger:
        return lineage_of(project.root / path, ledger)


def test_what_made_a_product_is_followed_to_the_first_inputs(built: Project) -> None:
    """Each version of a product is found once, after those that it was made from."""
    found = lineage(built, "out/report.html")
    assert found.condition is Condition.AS_MADE
    names = [f"{each.row.step}.{each.name}" for each in found.origin.all()]
    assert names == ["load.a", "load.b", "fit.model", "report.product"]
    first = next(found.origin.all())
    assert [*first.inputs] == ["raw.csv"]


def test_what_depends_on_a_product_is_found_near_and_far(built: Project) -> None:
    """Also what read its file without naming the step; not what read only its fellow."""
    near = {
        each.step: (each.through, each.current) for each in lineage(built, "out/b.csv").dependents
    }
    assert near == {"fit": ("", True), "other": ("", True), "report": ("fit", True)}
    steps = [each.step for each in lineage(built, "out/a.csv").dependents]
    assert steps == ["fit", "report"]
    assert lineage(built, "out/report.html").dependents == ()


def test_what_was_made_from_an_older_version_is_told_apart(built: Project) -> None:
    """A later run of the step leaves those below behind."""
    publish(built.root, "load", content={"a": "new", "b": "new"})
    dependents = lineage(built, "out/b.csv").dependents
    assert {each.step: each.current for each in dependents} == {
        "fit": False,
        "other": False,
        "report": False,
    }
    above = {each.name: each.made.content for each in lineage(built, "out/model.bin").origin.above}
    assert above["a"] != lineage(built, "out/a.csv").origin.made.content


def test_a_file_that_was_put_back_is_known_again(built: Project) -> None:
    """The version that the file is counts, not the last one."""
    old = (built.root / "out/a.csv").read_text()
    publish(built.root, "load", content={"a": "new"})
    last = lineage(built, "out/a.csv").origin.row.id
    built.file("out/a.csv", old)
    found = lineage(built, "out/a.csv")
    assert found.condition is Condition.AS_MADE
    assert found.origin.row.id < last


@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_file_that_nobody_made_is_said(built: Project, how: str) -> None:
    """What is recorded is shown all the same."""
    file = built.root / "out/a.csv"
    if how == "changed":
        file.write_text("by hand")
    else:
        file.unlink()
    found = lineage(built, "out/a.csv")
    assert how in found.condition
    assert found.origin.row.step == "load"


def test_a_record_that_is_gone_is_said(built: Project) -> None:
    """A ledger that forgot a step does not make up another origin."""
    with Ledger(built.root) as ledger:
        ledger.forget("load")
    assert lineage(built, "out/model.bin").origin.lost == ("load.a", "load.b")


def test_what_no_build_has_made_is_refused(built: Project) -> None:
    """With the nearest product's name."""
    with pytest.raises(InputError, match=r"No build has made out/aa\.csv") as caught:
        lineage(built, "out/aa.csv")
    assert "out/a.csv" in caught.value.hint


def test_many_ways_to_one_input_are_gone_once(project: Project) -> None:
    """Thirteen steps that each read two products of the one before: thousands of ways."""
    tasks = [
        f"  - {{source: s{i}.ipynb, product: {{nb: n{i}.ipynb, a: a{i}.csv, b: b{i}.csv}}}}\n"
        for i in range(13)
    ]
    project.file("pipeline.yaml", "tasks:\n" + "".join(tasks))
    for i in range(13):
        project.notebook(f"s{i}.ipynb", f'upstream = ["s{i - 1}"]' if i else "upstream = None")
    publish_all(project.root)
    assert len([*lineage(project, "a12.csv").origin.all()]) == 25


def test_a_step_with_a_dot_in_its_name(project: Project) -> None:
    """Names of steps and of products are told apart."""
    project.file(
        "pipeline.yaml",
        "tasks:\n  - {source: load.ipynb, name: a.b, product: {nb: x.ipynb, d: d.csv}}\n"
        "  - {source: fit.ipynb, product: y.ipynb}\n",
    )
    project.notebook("load.ipynb")
    project.notebook("fit.ipynb", 'upstream = ["a.b"]')
    publish_all(project.root)
    assert [each.name for each in lineage(project, "y.ipynb").origin.above] == ["d"]
