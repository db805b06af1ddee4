"""`pipeline.yaml` reads back as what was meant, and is the same for the same steps."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.refine.plan.steps import Product, Step
from nbrefine.refine.write.pipeline import pipeline_yaml

SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=40),
)


def params_of(text: str) -> list[dict[str, object]]:
    """Parameters of each task, as Ploomber reads them."""
    return [task.get("params", {}) for task in yaml.safe_load(text)["tasks"]]


@given(SCALARS)
def test_a_parameter_keeps_value_and_type(value: object) -> None:
    """Whatever YAML may take a text or a number for, it comes back as it was."""
    found = params_of(pipeline_yaml("a.ipynb", [Step("one", "One", (0,), params={"p": value})]))  # type: ignore[dict-item]  # any scalar
    assert found == [{"p": value}]
    assert type(found[0]["p"]) is type(value)


def test_a_shared_parameter_is_spelt_out_once() -> None:
    """Of two steps with one parameter the second refers to the first."""
    steps = [Step(name, name, (0,), params={"seed": 42}) for name in ("one", "two")]
    text = pipeline_yaml("a.ipynb", steps)
    assert text.count("42") == 1
    assert params_of(text) == [{"seed": 42}, {"seed": 42}]


def test_products_and_resources_are_declared() -> None:
    """Each step has its notebook as a product, and files to watch where it reads some."""
    step = Step(
        "load",
        "Load",
        (0,),
        products=(Product("df", "build/load/df.parquet"),),
        resources={"a_csv": "data/a.csv"},
    )
    task = yaml.safe_load(pipeline_yaml("a.ipynb", [step]))["tasks"][0]
    assert task["source"] == "notebooks/load.ipynb"
    assert task["product"] == {"nb": "build/load/load.ipynb", "df": "build/load/df.parquet"}
    assert task["params"] == {"resources_": {"a_csv": "data/a.csv"}}


@pytest.mark.parametrize("name", ["yes", "null", "1e3", "a: b", "été"])
def test_names_are_quoted_where_yaml_needs_it(name: str) -> None:
    """A key that YAML would read as something else stays a text."""
    step = Step("one", "One", (0,), products=(Product(name, "build/one/x"),))
    assert name in yaml.safe_load(pipeline_yaml("a.ipynb", [step]))["tasks"][0]["product"]
