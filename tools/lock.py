"""Resolve requirements.lock anew, for every supported Python, with hashes and without addresses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

COMMAND = [
    *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml"),
    *("--output-file", "requirements.lock", "--upgrade", "--universal", "--generate-hashes"),
    *("--python-version", "3.11", "--all-extras", "--group", "dev"),
    *("--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"),
]

if __name__ == "__main__":
    sys.exit(subprocess.run(COMMAND, cwd=ROOT, check=False).returncode)
