"""The pytest plugin: ``pytest --nbval`` on the notebooks of a pipeline, and on their baselines.

Nothing but this file is imported before such a notebook is collected.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our option to nbval's."""
    group = parser.getgroup("nbval", "Jupyter Notebook validation")
    group.addoption(
        "--nbrefine-all",
        action="store_true",
        help="Run all steps of a pipeline, not only those that a change can have affected",
    )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[Any], list[Any]]:
    """Collect a pipeline's notebook in nbval's stead."""
    found = yield
    option = parent.config.option
    wanted = getattr(option, "nbval", False) or getattr(option, "nbval_lax", False)
    if not wanted or file_path.suffix != ".ipynb":
        return found
    from nbrefine.testing.collecting import pipeline_notebook  # noqa: PLC0415  (heavy)

    ours = pipeline_notebook(file_path, parent)
    return found if ours is None else [ours]


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Run what the collected notebooks need; no test's time limit holds for that."""
    collecting = sys.modules.get("nbrefine.testing.collecting")
    if collecting is not None and not session.config.option.collectonly:
        collecting.execute_collected(session)
