"""pipeline.yaml, the environments and the step notebooks agree with each other."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
import yaml
from IPython.core.inputtransformer2 import TransformerManager

from flights.params import RANGES

ROOT = Path(__file__).parents[3]
TASKS = yaml.safe_load((ROOT / "pipeline.yaml").read_text(encoding="utf-8"))["tasks"]
STEPS = pytest.mark.parametrize("task", TASKS, ids=[task["name"] for task in TASKS])


def code_cells(task: dict) -> list[dict]:
    notebook = json.loads((ROOT / task["source"]).read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def tree_of(cells: list[dict]) -> ast.Module:
    to_python = TransformerManager().transform_cell
    return ast.parse("\n".join(to_python("".join(cell["source"])) for cell in cells))


@STEPS
def test_parameters_cells_name_the_params(task: dict) -> None:
    """The tagged cell holds upstream, product and every param of the pipeline, with a default."""
    (cell,) = [c for c in code_cells(task) if "parameters" in c["metadata"].get("tags", [])]
    names = [target.id for node in tree_of([cell]).body for target in node.targets]
    assert names == ["upstream", "product", *task.get("params", {})]


@STEPS
def test_nothing_is_defined_in_notebooks(task: dict) -> None:
    """Functions and classes live in src/flights, where tests reach them."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [n for n in ast.walk(tree_of(code_cells(task))) if isinstance(n, defined)]


@STEPS
def test_git_has_no_outputs(task: dict) -> None:
    """Outputs belong to the executed copies."""
    for cell in code_cells(task):
        assert (cell["outputs"], cell["execution_count"]) == ([], None)


@STEPS
def test_every_product_is_in_the_steps_folder(task: dict) -> None:
    """Products are found by their step; the executed notebook is kept in both forms."""
    folder = f"{{{{products}}}}/{task['name']}/"
    assert all(path.startswith(folder) for path in task["product"].values())
    assert task["nb_product_key"] == ["nb", "html"]


def test_environments_have_the_same_keys() -> None:
    """env.ci.yaml differs in values only, and no environment has a param without a range."""
    whole, small = (
        yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
        for name in ("env.yaml", "env.ci.yaml")
    )
    assert list(whole) == list(small)
    assert set(whole) - {"products", "raw_dir"} == set(RANGES)
    assert whole["products"] != small["products"]
