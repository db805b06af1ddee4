"""The steps that a sweep makes of one, and what they are called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.small_pipeline import make_project
from nbrefine.engine.sweep.chosen import chain_of, check_chain, grid_of, parameters_of
from nbrefine.engine.sweep.metrics import named, numbers_of
from nbrefine.engine.sweep.variants import combinations, name_of, swept
from nbrefine.errors import SweepError, UnknownStepError
from nbrefine.pipeline.arguments import arguments
from nbrefine.pipeline.declared import declared_of, step_of
from nbrefine.pipeline.spec import read_pipeline

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline

GRID = """
tasks:
  - source: notebooks/first.ipynb
    name: fit-[[n]]
    product: {nb: "out/[[n]].ipynb", data: "out/[[n]].json"}
    grid: {n: [1, 2]}
"""


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return read_pipeline(make_project(tmp_path / "project").root)


def test_variants_have_products_and_upstream_of_their_own(pipeline: Pipeline) -> None:
    """What lies above is shared; the source finds its upstream by the name that it knows."""
    derived, variants = swept(pipeline, ["second", "third"], combinations({"n": [1, 2]}))
    assert [*derived.steps] == [
        *("first", "second@n=1", "third@n=1"),
        *("second@n=2", "third@n=2"),
    ]
    assert derived.steps["first"] == pipeline.steps["first"]
    folder = pipeline.root / "build/sweeps/second/n=2"
    assert variants[1].folder == folder
    given = arguments(derived, derived.steps["third@n=2"])
    assert given["upstream"] == {
        "first": {
            "nb": str(pipeline.root / "out/first.ipynb"),
            "data": str(pipeline.root / "out/first.json"),
        },
        "second": {
            "nb": str(folder / "out/second.ipynb"),
            "data": str(folder / "out/second.json"),
        },
    }
    assert derived.steps["second@n=1"].params == {"n": 1}
    assert derived.steps["third@n=1"].declared_name == "third"
    assert "n" not in derived.steps["third@n=1"].params


def test_a_variant_can_be_reproduced(pipeline: Pipeline) -> None:
    """What the ledger keeps of it says what its source calls the steps above."""
    derived, _ = swept(pipeline, ["second", "third"], [{"n": 1}])
    step = derived.steps["third@n=1"]
    kept = declared_of(step, pipeline.root)
    again = step_of(step.name, json.loads(json.dumps(kept)), pipeline.root, {})
    assert again.called == step.called == {"second@n=1": "second"}
    assert again.declared_name == step.declared_name == "third"


def test_names_are_the_same_for_the_same_values_and_differ_for_others() -> None:
    """In any order; types tell apart, also on disks that take A for a."""
    assert name_of({"b": 1, "a": "gini"}) == name_of({"a": "gini", "b": 1}) == "a=gini,b=1"
    values = [1, 1.0, "1", True, "true", None, "null", "A", "a", [1], "x/../y", "x" * 300]
    names = [name_of({"a": value}) for value in values]
    assert len({name.casefold() for name in names}) == len(values)
    assert all("/" not in name and len(name) < 130 for name in names)


def test_names_hold_no_credentials() -> None:
    """A folder's name is seen by everybody."""
    assert "hunter2" not in name_of({"db_password": "hunter2"})


def test_a_chain_is_what_lies_between_two_steps(pipeline: Pipeline) -> None:
    """Both ends included; one that does not build on the other is refused with what does."""
    assert chain_of(pipeline, "first", None) == ("first",)
    assert chain_of(pipeline, "first", "third") == ("first", "second", "third")
    with pytest.raises(SweepError, match="does not build on") as caught:
        chain_of(pipeline, "second", "first")
    assert caught.value.hint == "Below it are: third."


def test_parameters_are_those_of_the_spec_and_of_the_cell(pipeline: Pipeline) -> None:
    """An unknown one is refused; one of a step below is told where it is."""
    assert parameters_of(pipeline.steps["first"]) == ("n",)
    with pytest.raises(SweepError, match="no parameter 'm'") as caught:
        check_chain(pipeline, ["first"], ["m"])
    assert caught.value.hint == "Known are: n."
    with pytest.raises(SweepError, match="no parameter 'upstream'"):
        check_chain(pipeline, ["first"], ["upstream"])


def test_functions_are_not_swept(tmp_path: Path) -> None:
    """Only notebooks have a cell of parameters."""
    spec = "tasks:\n  - source: tools.twice\n    product: out/t.json\n"
    project = make_project(tmp_path / "project", spec=spec)
    project.write("tools.py", "def twice(product):\n    pass\n")
    with pytest.raises(SweepError, match="no notebook"):
        check_chain(read_pipeline(project.root), ["twice"], ["n"])


def test_a_grid_is_found_by_a_step_a_pattern_or_a_beginning(tmp_path: Path) -> None:
    """As users call it."""
    pipeline = read_pipeline(make_project(tmp_path / "project", spec=GRID).root)
    for name in ("fit-1", "fit-*", "fit"):
        assert grid_of(pipeline, name) == ("fit-1", "fit-2")
    with pytest.raises(UnknownStepError, match="'fat'"):
        grid_of(pipeline, "fat")


def test_a_step_without_a_grid_needs_values(pipeline: Pipeline) -> None:
    """The hint names its parameters."""
    with pytest.raises(SweepError, match="nothing to sweep") as caught:
        grid_of(pipeline, "first")
    assert caught.value.hint == "Its parameters are: n."


def test_metrics_are_the_numbers_in_json(pipeline: Pipeline) -> None:
    """Nested ones with a dotted name; texts, lists and truth values are none."""
    steps = {name: pipeline.steps[name] for name in ("first", "second", "third")}
    texts = {
        "first": "[1, 2]",
        "second": "not JSON",
        "third": '{"auc": 0.5, "test": {"n": 3}, "kind": "x", "ok": true, "all": [1]}',
    }
    for name, text in texts.items():
        steps[name].files["data"].parent.mkdir(exist_ok=True)
        steps[name].files["data"].write_text(text)
    assert numbers_of(steps) == {
        ("third", "data", "auc"): 0.5,
        ("third", "data", "test.n"): 3,
    }


def test_metrics_of_the_same_name_are_told_apart() -> None:
    """By step; where one step has two, by product too."""
    one = {("fit", "a", "auc"): 1.0, ("fit", "b", "auc"): 2.0, ("test", "a", "auc"): 3.0}
    origins, rows = named([{}, {**one, ("test", "a", "loss"): 4.0}])
    assert rows == [{}, {"fit.a.auc": 1.0, "fit.b.auc": 2.0, "test.auc": 3.0, "loss": 4.0}]
    assert origins["test.auc"] == "test.a"


def test_a_metric_that_is_called_like_a_parameter_has_its_steps_name() -> None:
    """A table with two columns of one name would be read wrongly."""
    origins, rows = named([{("fit", "out", "depth"): 3.0}], {"depth"})
    assert rows == [{"fit.depth": 3.0}]
    assert origins == {"fit.depth": "fit.out"}
