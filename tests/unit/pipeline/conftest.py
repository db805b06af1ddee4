"""Small pipelines, written into a folder of their own."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

import pytest

from nbrefine.environment import distributions
from nbrefine.pipeline.spec import Pipeline, read_pipeline

if TYPE_CHECKING:
    from pathlib import Path


class Project:
    """A folder with a pipeline in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def file(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def notebook(self, name: str, parameters: str | None = "upstream = None") -> Path:
        """Write a notebook whose ``parameters`` cell is the second one."""
        cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text"]}]
        if parameters is not None:
            cells.append(code(parameters, ["parameters"]))
        cells.append(code("x = 1"))
        document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        return self.file(name, json.dumps(document))

    def read(self, spec: str | None = None) -> Pipeline:
        if spec is not None:
            self.file("pipeline.yaml", spec)
        return read_pipeline(self.root)


def code(source: str, tags: list[str] | None = None) -> dict[str, object]:
    metadata = {"tags": tags} if tags else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


# What is installed stays as it is while tests run.
_INSTALLED = functools.cache(distributions._installed)


@pytest.fixture(autouse=True)
def _installed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look up what is installed once for all projects."""
    monkeypatch.setattr(distributions, "_installed", _INSTALLED)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project, which is also the working directory."""
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)
