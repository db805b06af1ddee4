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
from typing import TYPE_CHECKING, Any

from nbrefine.compare.normalise import strip_ansi
from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.recording.store import values_from_json
from nbrefine.refine.prove.case import StepRun
from nbrefine.refine.prove.interpreter import kernels_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STARTED = "nbrefine observes "
BRIEF = "brief.json"
"""What the process that builds is told: a file in the folder that it gets."""
OBSERVATIONS = "observations"
"""The folder in there that takes what it sees."""
# Of a build that failed, the end of what it printed says why.
_LAST_LINES = 30


@dataclass(frozen=True)
class Watched:
    """Functions and classes whose calls are recorded while a pipeline is built.

    Parameters
    ----------
    brief
        ``definitions``, ``secrets`` and ``whole``, as the observer's `call_record.start` takes
        them.
    folder
        For what is found: it gets a folder for each notebook.
    """

    brief: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True)
class BuildRun:
    """One build of a pipeline.

    Parameters
    ----------
    steps
        By the executed notebook's path.
    calls
        The folders with the recorded calls, likewise.
    seconds
        How long it took.
    error
        The last lines that it printed if it failed; else empty.
    """

    steps: Mapping[Path, StepRun] = field(default_factory=dict)
    calls: Mapping[Path, Path] = field(default_factory=dict)
    seconds: float = 0.0
    error: str = ""


def build(  # noqa: PLR0913  (a build has that many sides)
    root: Path,
    progress: Callable[[Path], None] | None = None,
    *,
    moved_to: Sequence[str] = (),
    relocated: Sequence[tuple[str, str]] = (),
    watched: Watched | None = None,
    python: str = "",
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
    watched
        Whose calls are recorded, if any are.
    python
        Interpreter to run the notebooks in; this one if empty.

    Returns
    -------
    BuildRun
        Also if the build fails.
    """
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="nbrefine-") as name:
        observations, log = Path(name, OBSERVATIONS), Path(name, "log")
        observations.mkdir()
        brief = {
            "moved_to": [*moved_to],
            "relocated": [*relocated],
            "calls": watched and {**watched.brief, "folder": str(watched.folder)},
        }
        write_atomic(Path(name, BRIEF), json.dumps(brief))
        kernels = kernels_in(python, Path(name))
        with log.open("w", encoding="utf-8") as errors:
            process = subprocess.Popen(  # noqa: S603  (this interpreter, our own module)
                [
                    *(sys.executable, "-P", "-m", "nbrefine.refine.prove.deferred"),
                    *("nbrefine.refine.prove.observed_build", name, str(os.getpid())),
                ],
                cwd=root,
                # The hash seed of the observed run: the order of a set is no difference.
                env={
                    **os.environ,
                    **kernels,
                    "PLOOMBER_STATS_ENABLED": "false",
                    "PYTHONHASHSEED": "0",
                },
                stdout=subprocess.PIPE,
                stderr=errors,
                stdin=subprocess.DEVNULL,
                text=True,
            )
        printed = _follow(process, progress)
        text = printed + log.read_text(encoding="utf-8", errors="replace")
        steps, calls = _read(observations)
        error = _last_lines(text) if process.returncode else ""
        return BuildRun(steps, calls, time.perf_counter() - started, error)


def _follow(process: subprocess.Popen[str], progress: Callable[[Path], None] | None) -> str:
    """Read what the build prints until it ends, and never leave it running."""
    printed = []
    with process:
        try:
            for line in process.stdout or ():
                if not line.startswith(STARTED):
                    printed.append(line)
                elif progress is not None:
                    progress(Path(line.removeprefix(STARTED).rstrip("\n")))
        except BaseException:
            process.terminate()
            raise
    return "".join(printed)


def _read(observations: Path) -> tuple[dict[Path, StepRun], dict[Path, Path]]:
    """Read what was observed, and where the recorded calls are."""
    steps, calls = {}, {}
    for file in observations.glob("*.json"):
        observed = json.loads(read_text(file))
        facts = observed["values"]
        values = None if facts is None else values_from_json(facts)
        product = Path(observed["product"])
        steps[product] = StepRun(tuple(observed["cells"]), values)
        if observed["calls"]:
            calls[product] = Path(observed["calls"])
    return steps, calls


def _last_lines(text: str) -> str:
    """Return the end of what a build printed, without colours and empty lines."""
    lines = [line.rstrip() for line in strip_ansi(text).splitlines() if line.strip()]
    return "\n".join(lines[-_LAST_LINES:])
