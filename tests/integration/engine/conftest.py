"""Projects for the engine's tests: new ones, and copies of one that has been built."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.small_pipeline import Project, make_project


@pytest.fixture(scope="session")
def new_project() -> Callable[..., Project]:
    """Make a project in a folder."""
    return make_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project that has not been built."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that has been built; nobody changes it."""
    project = make_project(tmp_path_factory.mktemp("built") / "project")
    assert set(project.build().values()) == {"ran"}
    return project


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[Project], Project]:
    """Copy a project with all that was built in it."""
    return lambda project: project.copy(tmp_path / "copy")


@pytest.fixture
def built(built_once: Project, copied: Callable[[Project], Project]) -> Project:
    """A copy of a project that has been built."""
    return copied(built_once)
