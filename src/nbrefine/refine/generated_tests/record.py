"""What a build shows that tests are made of: calls of functions, and executed notebooks."""

from __future__ import annotations

import contextlib
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.engine.kernels import imports_of
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.survey import Survey
from nbrefine.recording.store import read_recording
from nbrefine.refine.generated_tests.baselines import make_baseline
from nbrefine.refine.generated_tests.calls import NotRecorded, RecordedCall
from nbrefine.refine.generated_tests.calls_json import call_from_json
from nbrefine.refine.generated_tests.check_baselines import check_baselines
from nbrefine.refine.generated_tests.keys import keyed
from nbrefine.refine.generated_tests.own_sources import own_source
from nbrefine.refine.place.credential_files import required_names, required_values
from nbrefine.refine.prove.build import Watched, build
from nbrefine.refine.prove.interpreter import interpreter_of
from nbrefine.refine.prove.prove import RECORDING
from nbrefine.refine.prove.redact import Redaction
from nbrefine.refine.prove.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.refine.extract.extraction import Moved
    from nbrefine.refine.generated_tests.baselines import Baseline
    from nbrefine.refine.generated_tests.transformers import Transformer
    from nbrefine.refine.prove.build import BuildRun


@dataclass(frozen=True)
class Records:
    """What a build showed of a project's functions.

    Parameters
    ----------
    calls
        The recorded calls, by function, the most telling first.
    missed
        Functions without one.
    learnt
        Functions whose transformer gave what they give on all data that the notebook passed.
    """

    calls: tuple[RecordedCall, ...] = ()
    missed: tuple[NotRecorded, ...] = ()
    learnt: frozenset[str] = frozenset()


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
        executed notebooks become baselines, which takes a run of them by nbval.
    whole
        Folder for the whole arguments of the calls, as pickles.
    transformers
        By function, what may learn what it takes from all rows.
    """

    moved: Sequence[Moved]
    notebooks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    varying: Collection[int] | None = None
    whole: Path | None = None
    transformers: Mapping[str, Transformer] = field(default_factory=dict)


@contextlib.contextmanager
def watched_build(
    project: Path, wanted: Wanted, progress: Callable[[str], None] | None = None
) -> Iterator[tuple[Path, BuildRun]]:
    """Build a copy of a project, and record calls of functions and classes.

    Parameters
    ----------
    project
        The project's root.
    wanted
        What to record.
    progress
        Called with the name of each step that starts.

    Yields
    ------
    copy : Path
        The root of the copy, which is gone afterwards. The project and its products stay as they
        are.
    run : BuildRun
        The build, also if it failed.
    """
    pipeline = read_pipeline(project)
    with (
        staged(pipeline, written_files(project)) as root,
        tempfile.TemporaryDirectory(prefix="nbrefine-") as folder,
    ):
        steps = _notebooks(pipeline)

        def started(product: Path) -> None:
            step = steps.get(product.relative_to(root.resolve()))
            if progress is not None and step is not None:
                progress(step.name)

        watched = watch(project, wanted, Path(folder))
        yield (
            root,
            build(root, started, watched=watched, python=interpreter_of(project / RECORDING)),
        )


def watch(root: Path, wanted: Wanted, folder: Path) -> Watched:
    """Return whose calls a build is to record.

    Parameters
    ----------
    root
        The project's root.
    wanted
        What to record.
    folder
        An empty one, for what is found.
    """
    return Watched(_brief(root, wanted), folder)


def read_records(project: Path, copy: Path, run: BuildRun, wanted: Wanted) -> Records:
    """Take from a build the calls that it recorded.

    Parameters
    ----------
    project
        The project's root.
    copy
        The root of the copy that was built.
    run
        The build.
    wanted
        What was to be recorded.
    """
    root = read_pipeline(project).root
    found = {
        step.source.relative_to(root).as_posix(): run.calls[product]
        for product, step in _executed(project, copy, run).items()
        if product in run.calls
    }
    return _merged(found, list(keyed(wanted.moved)))


def read_baselines(
    project: Path, copy: Path, run: BuildRun, varying: Collection[int]
) -> tuple[tuple[Baseline, ...], dict[str, str]]:
    """Make baselines of the notebooks that a build executed, and try them.

    Parameters
    ----------
    project, copy, run
        As for `read_records`. Baselines are tried in the copy: files are added to it.
    varying
        The notebook's cells, by origin, that show something else each time.

    Returns
    -------
    baselines : tuple of Baseline
        Those that pass under nbval.
    refused : dict of str to str
        Steps whose notebook nbval cannot run, and why.
    """
    steps = _executed(project, copy, run)
    redact = Redaction(required_values(project)).data
    roots = {str(copy), str(copy.resolve())}
    baselines = [
        make_baseline(step.name, run.steps[product].cells, roots, varying, redact)
        for product, step in steps.items()
    ]
    survey = Survey(project)
    ahead = sorted({name for step in steps.values() for name in imports_of(step, survey)})
    return check_baselines(copy, baselines, interpreter_of(project / RECORDING), ahead)


def _executed(project: Path, copy: Path, run: BuildRun) -> dict[Path, Step]:
    """Return the steps that a build has executed, by their notebooks."""
    place = copy.resolve()
    return {
        product: step
        for path, step in _notebooks(read_pipeline(project)).items()
        if (product := place / path) in run.steps
    }


def _notebooks(pipeline: Pipeline) -> dict[Path, Step]:
    """Return the steps by their executed notebooks, as paths from the root."""
    return {
        path.with_suffix(".ipynb").relative_to(pipeline.root): step
        for step in pipeline.steps.values()
        if step.kind in {"notebook", "script"}
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
            "learns": _learns(wanted.transformers.get(key)),
        }
        for key, each in keyed(wanted.moved).items()
    }
    return {
        "definitions": definitions,
        "secrets": required_names(root),
        "whole": str(wanted.whole or ""),
    }


def _learns(transformer: Transformer | None) -> dict[str, str] | None:
    if transformer is None:
        return None
    return {"name": transformer.name, "source": transformer.source()}


def written_files(root: Path) -> list[Path]:
    """Return the files that the notebook was seen to write to: no copy may share them.

    Parameters
    ----------
    root
        The project's folder; where nothing was recorded, there are none.
    """
    file = root / RECORDING
    if not file.is_file():
        return []
    return [Path(path) for cell in read_recording(file).cells for path in cell.files_written]


def _merged(found: Mapping[str, Path], names: Sequence[str]) -> Records:
    """Take each function's calls from the notebook that says most of it."""
    best: dict[str, list[RecordedCall]] = {}
    reasons: dict[str, str] = {}
    learnt: set[str] = set()
    refuted: set[str] = set()
    for notebook, folder in found.items():
        said: Mapping[str, Any] = {
            "recorded": [],
            "missed": [
                {"function": name, "reason": "the kernel did not answer in time"} for name in names
            ],
        }
        with contextlib.suppress(OSError, ValueError):
            said = json.loads((folder / "calls.json").read_bytes())
        for name, tried in said.get("learnt", {}).items():
            (learnt if "rows" in tried else refuted).add(name)
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
    return Records(chosen, missed, frozenset(learnt - refuted))


_SAYS_LITTLE = ("nothing has its name", "the notebook never calls it")


def _reach(calls: Sequence[RecordedCall]) -> tuple[int, int]:
    return len({line for call in calls for line in call.lines}), len(calls)
