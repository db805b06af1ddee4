"""Write what a benchmark measured, with what it was measured on."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "results"


def write_results(
    name: str, figures: Mapping[str, Any], packages: Iterable[str], **more: object
) -> Path:
    """Write ``benchmarks/results/NAME.json``.

    Parameters
    ----------
    name
        Of the benchmark.
    figures
        What was measured, by the names that are agreed on.
    packages
        Distributions whose versions matter.
    **more
        Anything else that a reader of the figures wants to know.

    Returns
    -------
    Path
        The file.
    """
    content = {
        "figures": figures,
        "commit": commit(),
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "machine": machine(),
        "versions": {package: version(package) for package in sorted(packages)},
        **more,
    }
    file = FOLDER / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return file


def commit() -> str:
    """Return the commit that is measured, marked if the sources are not as committed."""
    head = _git("rev-parse", "HEAD")
    changed = _git("status", "--porcelain", "--", "src", "benchmarks", ":!benchmarks/results")
    return f"{head}+changes" if changed else head


def machine() -> dict[str, Any]:
    """Return what the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
        "memory_gb": round(memory / 1e9, 1),
        "python": platform.python_version(),
    }


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
