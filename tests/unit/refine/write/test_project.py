"""The files around the steps."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from nbrefine.observer.interpreter import interpreter
from nbrefine.recording.facts import PythonFacts
from nbrefine.recording.formats import Stored
from nbrefine.refine.plan.steps import Product, Step
from nbrefine.refine.write.imports import modules_imported_in
from nbrefine.refine.write.project import Environment, environment_of, project_files

PYTHON = PythonFacts(
    "/python",
    "3.12.1",
    packages={
        "pandas": "3.1.1",
        "numpy": "2.4.6",
        "openpyxl": "3.1",
        "et_xmlfile": "2.0",
        "rich": "15.0",
        "ipykernel": "7.4.0",
    },
    modules={"pandas": "pandas", "numpy": "numpy", "openpyxl": "openpyxl", "rich": "rich"},
    required_by={"numpy": ["pandas"], "et_xmlfile": ["openpyxl"]},
    optional_for={"openpyxl": ["pandas"], "rich": ["ipython"]},
)


def pyproject(*imported: str) -> dict[str, Any]:
    files = project_files("sales", "sales.ipynb", (), environment_of(PYTHON, imported))
    return tomllib.loads(files["pyproject.toml"])


@pytest.mark.parametrize(
    ("imported", "asked_for"),
    [
        (["pandas"], {"pandas", "openpyxl"}),
        (["pandas", "numpy", "helpers"], {"pandas", "numpy", "openpyxl"}),
        (["rich"], {"rich"}),
        ([], set()),
    ],
)
def test_a_project_asks_for_what_its_notebook_imports(
    imported: list[str], asked_for: set[str]
) -> None:
    """And for what that makes use of, such as a reader of workbooks; not for what it requires."""
    found = {each.partition("==")[0] for each in pyproject(*imported)["project"]["dependencies"]}
    assert found == {*asked_for, "ipykernel", "ploomber"}


@pytest.mark.parametrize(
    ("kind", "needed"),
    [("parquet", ["pandas", "pyarrow==26.0"]), ("joblib", ["joblib"]), ("json", [])],
)
def test_a_project_asks_for_what_stores_its_values(kind: str, needed: list[str]) -> None:
    """In the version of the run, if it was loaded there."""
    product = Product("df", f"build/load/df.{kind}", Stored(("df",), kind))
    step = Step("load", "Load", (0,), "notebooks/load.ipynb", products=(product,))
    files = project_files("sales", "sales.ipynb", (step,), Environment(loaded={"pyarrow": "26.0"}))
    found = tomllib.loads(files["pyproject.toml"])["project"]["dependencies"]
    assert {*found} == {"ipykernel", "ploomber==0.23.3", *needed}


def test_the_environment_is_that_of_the_run() -> None:
    files = project_files("sales", "sales.ipynb", (), environment_of(PYTHON, ["pandas"]))
    assert all(f"- {name}==" in files["environment.yml"] for name in PYTHON.packages)


def test_author_s_imports_are_none_of_ruff_s_matter() -> None:
    """A cell of imports is as it was, whatever a step uses of it."""
    assert pyproject()["tool"]["ruff"]["lint"]["per-file-ignores"] == {"*.ipynb": ["F401"]}


def test_an_interpreter_knows_who_requires_what() -> None:
    python = interpreter()
    assert "pytest" in python["required_by"]["pluggy"]
    assert "pytest" not in python["required_by"].get("pytest", ())
    assert {*python["required_by"], *python["optional_for"]} <= {*python["packages"]}


def test_what_modules_import_is_found() -> None:
    """At any depth; what is in the package itself has no name, and broken text imports nothing."""
    texts = ["import os.path\n", "def f():\n    from scipy import stats\n", "from . import a\n"]
    assert modules_imported_in([*texts, "import (\n"]) == {"os", "scipy"}
