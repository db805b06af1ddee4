"""A step's declaration is kept without where the project was, and without credentials."""

from __future__ import annotations

import json

import pytest
from tests.unit.pipeline.conftest import Project

from nbrefine.pipeline.declared import declared_of, step_of

SPEC = """\
tasks:
  - source: load.ipynb
    product: {nb: out/load.ipynb, data: out/load.csv}
    params:
      n: 15
      where: '{{root}}/raw/x.csv'
      api_key: 9f8e7d6c5b4a39281706
      resources_: {f: f.csv}
    executor_params: {log_output: true}
  - {source: fit.ipynb, product: out/fit.ipynb}
"""


@pytest.fixture
def two(project: Project) -> Project:
    project.notebook("load.ipynb")
    project.notebook("fit.ipynb", 'upstream = ["lo*"]')
    project.file("f.csv", "1")
    project.file("pipeline.yaml", SPEC)
    return project


@pytest.mark.parametrize("name", ["load", "fit"])
def test_a_step_comes_back_in_another_folder(
    two: Project, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """It is the step that the same spec declares there."""
    other = Project(tmp_path_factory.mktemp("other"))
    for file in ("load.ipynb", "fit.ipynb", "f.csv", "pipeline.yaml"):
        other.file(file, (two.root / file).read_text())
    step, there = two.read().steps[name], other.read().steps[name]
    kept = json.loads(json.dumps(declared_of(step, two.root)))
    secrets = {"api_key": "9f8e7d6c5b4a39281706"}
    found = step_of(name, kept, other.root, secrets)
    assert vars(found) == vars(there) | {"place": None}


def test_neither_the_folder_nor_credentials_are_kept(two: Project) -> None:
    """The ledger may be on a shared disk."""
    text = json.dumps(declared_of(two.read().steps["load"], two.root))
    assert str(two.root) not in text
    assert "9f8e7d6c5b4a39281706" not in text
    with pytest.raises(KeyError, match="api_key"):
        step_of("load", json.loads(text), two.root, {})
