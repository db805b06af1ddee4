"""Imports that are put off come when they are used, and what runs does not see a difference."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = """
import sys, time
import pandas as pd
from rfc3987_syntax import is_valid_syntax

assert "pandas.core" not in sys.modules
assert "lark" not in sys.modules
print(__name__, sys.argv[1:])
print(is_valid_syntax("iri", "https://example.org/a"), is_valid_syntax("iri", "no iri"))
print(pd.Series([1, 2]).sum())
"""


def test_a_module_runs_as_ever(tmp_path: Path) -> None:
    """With its arguments and as the main one; grammar and frames are there when asked for."""
    pytest.importorskip("rfc3987_syntax")
    (tmp_path / "script.py").write_text(_SCRIPT)
    done = subprocess.run(
        [sys.executable, "-m", "nbrefine.refine.prove.deferred", "script", "an argument"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["__main__ ['an argument']", "True False", "3"]
