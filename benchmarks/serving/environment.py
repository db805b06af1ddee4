"""The environment of the other servers: their releases are pinned, the model's are as here."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from benchmarks.results import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HOME = ROOT / "build" / "bench" / "serving" / "env"
# MLflow's small distribution has its server; the large one refuses pandas 3.
PEERS = {"mlflow-skinny": "3.17.2", "bentoml": "1.4.40", "litserve": "0.2.19"}
# What decides how long a prediction takes, and what the look-ups need.
_SAME = ("fastapi", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops", "uvicorn")
_OURS = ("click", "pyyaml")


def peers_python() -> Path:
    """Make the environment unless it is made, and return its interpreter."""
    python, ready = HOME / "bin" / "python", HOME / "ready"
    wanted = [
        *(f"{name}=={release}" for name, release in PEERS.items()),
        *(f"{name}=={version(name)}" for name in (*_SAME, *_OURS)),
    ]
    text = "\n".join(wanted) + "\n"
    if not ready.exists() or ready.read_text() != text:
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(HOME))
        _uv(
            *("pip", "install", "--quiet", "--compile-bytecode"),
            *("--python", str(python), *wanted),
        )
        ready.write_text(text)
    return python


def _uv(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments], check=True)
