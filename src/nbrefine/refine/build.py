"""Build a refined project in a copy of it, and say what its notebooks showed and held."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.compare.normalise import strip_ansi
from nbrefine.notebook.document import read_text
from nbrefine.recording.store import values_from_json
from nbrefine.refine.case import StepRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STARTED = "nbrefine observes "
# Of a build that failed, the end of what it printed says why.
_LAST_LINES = 30


@dataclass(frozen=True)
class BuildRun:
    """One build of a pipeline.

    Parameters
    ----------
    steps
        By the executed notebook's path.
    seconds
        How long it took.
    error
        The last lines that it printed if it failed; else empty.
    """

    steps: Mapping[Path, StepRun] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""


def build(
    root: Path,
    progress: Callable[[Path], None] | None = None,
    *,
    moved_to: Sequence[str] = (),
    relocated: Sequence[tuple[str, str]] = (),
) -> BuildRun:
    """Run ``ploomber build`` in a folder, and observe each notebook at its end.

    Parameters
    ----------
    root
        The folder of ``pipeline.yaml``.
    progress
        Called when a notebook starts, with the path of what it is executed to.
    moved_to
        Packages that hold what the notebook defined: its values are named as if it did still.
    relocated
        Beginnings of paths, and those of the notebook that they stand for.

    Returns
    -------
    BuildRun
        Also if the build fails.
    """
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="nbrefine-") as name:
        observations, log = Path(name, "observations"), Path(name, "log")
        observations.mkdir()
        with log.open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(  # noqa: S603  (this interpreter, our own module)
                [
                    *(sys.executable, "-P", "-m", "nbrefine.refine.observed_build"),
                    *(str(observations), json.dumps(list(moved_to)), json.dumps(relocated)),
                    str(os.getpid()),
                ],
                cwd=root,
                # The hash seed of the observed run: the order of a set is no difference.
                env={**os.environ, "PLOOMBER_STATS_ENABLED": "false", "PYTHONHASHSEED": "0"},
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                text=True,
            )
        printed = _follow(process, progress)
        text = printed + log.read_text(encoding="utf-8", errors="replace")
        return BuildRun(
            _read(observations),
            time.perf_counter() - started,
            _last_lines(text) if process.returncode else "",
        )


def _follow(process: subprocess.Popen[str], progress: Callable[[Path], None] | None) -> str:
    """Read what the build prints until it ends, and never leave it running."""
    printed = []
    try:
        for line in process.stdout or ():
            if not line.startswith(STARTED):
                printed.append(line)
            elif progress is not None:
                progress(Path(line.removeprefix(STARTED).rstrip("\n")))
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    return "".join(printed)


def _read(observations: Path) -> dict[Path, StepRun]:
    """Read what was observed."""
    runs = {}
    for file in observations.glob("*.json"):
        observed = json.loads(read_text(file))
        facts = observed["values"]
        values = None if facts is None else values_from_json(facts)
        runs[Path(observed["product"])] = StepRun(tuple(observed["cells"]), values)
    return runs


def _last_lines(text: str) -> str:
    """Return the end of what a build printed, without colours and empty lines."""
    lines = [line.rstrip() for line in strip_ansi(text).splitlines() if line.strip()]
    return "\n".join(lines[-_LAST_LINES:])
