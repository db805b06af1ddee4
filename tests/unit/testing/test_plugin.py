"""What the plugin costs whoever does not use it."""

from __future__ import annotations

import subprocess
import sys

REPORT = "import sys, nbrefine.testing.plugin; print(*sys.modules)"
HEAVY = {"nbformat", "nbval", "jupyter_client", "numpy", "pandas", "IPython", "psutil", "yaml"}


def test_nothing_is_loaded_before_a_notebook_is_collected() -> None:
    """Beside pytest, which is there, it is one small file."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT], check=True, capture_output=True, text=True, timeout=60
    )
    loaded = {*done.stdout.split()}
    ours = {name for name in loaded if name.partition(".")[0] == "nbrefine"}
    assert ours == {"nbrefine", "nbrefine.testing", "nbrefine.testing.plugin"}
    assert not HEAVY & loaded
