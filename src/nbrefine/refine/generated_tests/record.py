"""Build a pipeline, and record calls of its functions while their notebooks run."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.compare.normalise import strip_ansi
from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.recording.store import read_recording
from nbrefine.refine.build import STARTED
from nbrefine.refine.credential_files import required_names, required_values
from nbrefine.refine.generated_tests.baselines import Baseline, make_baseline
from nbrefine.refine.generated_tests.brief import BRIEF, FOUND
from nbrefine.refine.generated_tests.calls import NotRecorded, RecordedCall
from nbrefine.refine.generated_tests.calls_json import call_from_json
from nbrefine.refine.generated_tests.check_baselines import check_baselines
from nbrefine.refine.generated_tests.keys import keyed
from nbrefine.refine.generated_tests.own_sources import own_source
from nbrefine.refine.prove import RECORDING
from nbrefine.refine.redact import Redaction
from nbrefine.refine.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.refine.extract.extraction import Moved

_LAST_LINES = 15


@dataclass(frozen=True)
class Records:
    """What a build showed of a project's functions.

    Parameters
    ----------
    calls
        The recorded calls, by function, the most telling first.
    missed
        Functions without one.
    baselines
        The executed step notebooks, such that they pass under nbval.
    refused
        Steps whose notebook nbval cannot run, and why.
    error
        The last lines of the build if it failed; then there is nothing else.
    """

    calls: tuple[RecordedCall, ...] = ()
    missed: tuple[NotRecorded, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is to be tested.

    Parameters
    ----------
    moved
        The functions and classes in ``src/``.
    notebooks
        The step notebooks as they were before their definitions moved: path relative to the
        root, and nbformat's JSON. With them, what is expected is what the notebook's own functions
        give; without, what those in ``src/`` do.
    varying
        The notebook's cells, by origin, that show something else each time. With them, the
        executed notebooks become baselines, which takes another run of them.
    whole
        Folder for the whole arguments of the calls, as pickles.
    """

    moved: Sequence[Moved]
    notebooks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    varying: Collection[int] | None = None
    whole: Path | None = None


def record_calls(
    project: Path, wanted: Wanted, progress: Callable[[str], None] | None = None
) -> Records:
    """Build a copy of a project, and record calls of functions and classes.

    Parameters
    ----------
    project
        A folder of the project.
    wanted
        What to record.
    progress
        Called with the name of each step that starts.

    Returns
    -------
    Records
        Also if the build fails. The project and its products stay as they are.
    """
    pipeline = read_pipeline(find_root(project))
    with (
        staged(pipeline, _written(pipeline.root)) as root,
        tempfile.TemporaryDirectory(prefix="nbrefine-") as folder,
    ):
        steps = _notebooks(pipeline)

        def started(product: Path) -> None:
            step = steps.get(product.relative_to(root.resolve()))
            if progress is not None and step is not None:
                progress(step.name)

        write_atomic(Path(folder, BRIEF), json.dumps(_brief(pipeline.root, wanted)))
        error = _build(root, Path(folder), started)
        if error:
            return Records(error=error)
        found: dict[str, Path] = {}
        executed: dict[str, Sequence[Mapping[str, Any]]] = {}
        for here in sorted(Path(folder, FOUND).iterdir(), key=lambda path: int(path.name)):
            observed = json.loads(read_text(here / "notebook.json"))
            step = steps[Path(observed["product"]).relative_to(root.resolve())]
            found[step.source.relative_to(pipeline.root).as_posix()] = here
            executed[step.name] = observed["cells"]
        records = _merged(found, list(keyed(wanted.moved)))
        if wanted.varying is None:
            return records
        redact = Redaction(required_values(pipeline.root)).data
        roots = {str(root), str(root.resolve())}
        baselines = [
            make_baseline(step, cells, roots, wanted.varying, redact)
            for step, cells in executed.items()
        ]
        passing, refused = check_baselines(root, baselines)
        return replace(records, baselines=passing, refused=refused)


def _notebooks(pipeline: Pipeline) -> dict[Path, Step]:
    """Return the steps by their executed notebooks, as paths from the root."""
    return {
        path.with_suffix(".ipynb").relative_to(pipeline.root): step
        for step in pipeline.steps.values()
        if step.kind == "notebook"
        for path in step.files.values()
        if path.is_relative_to(pipeline.root)
    }


def _brief(root: Path, wanted: Wanted) -> dict[str, Any]:
    """Say what to record."""
    definitions = {
        key: {
            "module": each.module,
            "source": own_source(wanted.notebooks, each),
            "arguments": list(each.arguments),
        }
        for key, each in keyed(wanted.moved).items()
    }
    return {
        "definitions": definitions,
        "secrets": required_names(root),
        "whole": str(wanted.whole or ""),
    }


def _written(root: Path) -> list[Path]:
    """Return the files that the notebook was seen to write to: no copy may share them."""
    file = root / RECORDING
    if not file.is_file():
        return []
    return [Path(path) for cell in read_recording(file).cells for path in cell.files_written]


def _build(root: Path, folder: Path, started: Callable[[Path], None]) -> str:
    """Build; return the last lines that were printed if that fails."""
    printed = []
    # Warnings that libraries print do not fill a pipe that nobody reads.
    with subprocess.Popen(  # noqa: S603  (this interpreter, our own module)
        [
            *(sys.executable, "-P", "-m", "nbrefine.refine.generated_tests.observed_calls"),
            *(str(folder), str(os.getpid())),
        ],
        cwd=root,
        env={**os.environ, "PLOOMBER_STATS_ENABLED": "false", "PYTHONHASHSEED": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            for line in process.stdout or ():
                if line.startswith(STARTED):
                    started(Path(line.removeprefix(STARTED).rstrip("\n")))
                else:
                    printed.append(line)
        except BaseException:
            process.terminate()
            raise
    if process.returncode == 0:
        return ""
    lines = [line.rstrip() for line in strip_ansi("".join(printed)).splitlines() if line.strip()]
    return "\n".join(lines[-_LAST_LINES:]) or f"the build ended with status {process.returncode}"


def _merged(found: Mapping[str, Path], names: Sequence[str]) -> Records:
    """Take each function's calls from the notebook that says most of it."""
    best: dict[str, list[RecordedCall]] = {}
    reasons: dict[str, str] = {}
    for notebook, folder in found.items():
        said: Mapping[str, Any] = {
            "recorded": [],
            "missed": [
                {"function": name, "reason": "the kernel did not answer in time"} for name in names
            ],
        }
        with contextlib.suppress(OSError, ValueError):
            said = json.loads((folder / "calls.json").read_bytes())
        here: dict[str, list[RecordedCall]] = {}
        for data in said["recorded"]:
            call = call_from_json(data, folder / "fixtures", notebook)
            here.setdefault(call.function, []).append(call)
        for name, calls in here.items():
            if _reach(calls) > _reach(best.get(name, [])):
                best[name] = calls
        for each in said["missed"]:
            # A step that never had the function says nothing about why.
            if each["function"] not in reasons or not each["reason"].startswith(_SAYS_LITTLE):
                reasons[each["function"]] = each["reason"]
    chosen = tuple(call for name in names for call in best.get(name, ()))
    missed = tuple(
        NotRecorded(name, reasons.get(name, "no step runs it"))
        for name in names
        if name not in best
    )
    return Records(chosen, missed)


_SAYS_LITTLE = ("nothing has its name", "the notebook never calls it")


def _reach(calls: Sequence[RecordedCall]) -> tuple[int, int]:
    return len({line for call in calls for line in call.lines}), len(calls)
