"""What the plugin costs whoever does not use it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPORT = "import sys, pytest; pytest.main(sys.argv[1:]); print('MODULES', *sys.modules)"
PLUGIN = {"nbrefine", "nbrefine.testing", "nbrefine.testing.plugin"}


def test_nothing_is_loaded_before_a_notebook_is_collected(tmp_path: Path) -> None:
    """Nor is anything of pytest's own changed by it."""
    (tmp_path / "test_a.py").write_text("def test(): ...\n")
    options = ["-p", "nbrefine.testing.plugin", "-p", "no:randomly", "--nbval", "--collect-only"]
    done = subprocess.run(
        [sys.executable, "-c", REPORT, "-q", *options],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "test_a.py::test" in done.stdout
    loaded = done.stdout.rpartition("MODULES ")[2].split()
    assert {name for name in loaded if name.partition(".")[0] == "nbrefine"} == PLUGIN
