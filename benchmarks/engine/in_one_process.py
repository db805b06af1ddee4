"""Runs scripts one after the other in one process that has imported all: what cells alone take.

``in_one_process.py FOLDER RESULT``.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path


def run(scripts: Path) -> tuple[float, float]:
    """Run all scripts of a folder.

    Returns
    -------
    cpu, wall
        Seconds that they took, without the imports.
    """
    codes = [compile(file.read_text(), str(file), "exec") for file in sorted(scripts.glob("*.py"))]
    _warm_up()
    began, before = time.monotonic(), _cpu()
    for code in codes:
        exec(code, {"__name__": "__main__"})  # noqa: S102  (the benchmark's own scripts)
    return _cpu() - before, time.monotonic() - began


def _warm_up() -> None:
    """Import what the scripts import, and what that loads when it is used first."""
    import io  # noqa: PLC0415

    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415
    import sklearn.linear_model  # noqa: PLC0415
    import sklearn.metrics  # noqa: PLC0415
    import sklearn.model_selection  # noqa: F401, PLC0415

    plt.figure()
    plt.close()
    stored = io.BytesIO()
    pd.DataFrame({"a": [1]}).to_parquet(stored)
    pd.read_parquet(stored)


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    cpu, wall = run(Path(sys.argv[1]))
    Path(sys.argv[2]).write_text(f"{cpu} {wall}\n")
