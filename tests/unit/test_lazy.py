"""Public names that are imported when they are asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

PACKAGES = ("nbrefine.features", "nbrefine.serving", "nbrefine.transforms")


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there(name: str) -> None:
    """And is what it is called."""
    package = import_module(name)
    assert {each: getattr(package, each).__name__ for each in package.__all__} == {
        each: each for each in package.__all__
    }


@pytest.mark.parametrize("name", PACKAGES)
def test_a_name_that_there_is_not_is_answered_as_by_any_module(name: str) -> None:
    """So that `hasattr` and `from ... import` say what they always say."""
    with pytest.raises(AttributeError, match=f"module '{name}' has no attribute 'nowhere'"):
        getattr(import_module(name), "nowhere")  # noqa: B009  (mypy knows it, too)


def test_packages_cost_nothing_until_they_are_used() -> None:
    """Neither pandas nor scikit-learn."""
    program = f"import sys, {', '.join(PACKAGES)}; print('pandas' in sys.modules)"
    command = [sys.executable, "-c", program]
    assert subprocess.check_output(command, text=True, timeout=60) == "False\n"
