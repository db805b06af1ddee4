"""Whether a step makes the same when it runs twice."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.compare.files import compare_files
from nbrefine.compare.outputs import compare_outputs
from nbrefine.compare.verdict import Verdict
from nbrefine.engine.export import notebook_products
from nbrefine.engine.kept import executed_notebook
from nbrefine.engine.lock import building
from nbrefine.engine.publish import recover
from nbrefine.engine.staging import Staging
from nbrefine.engine.step_run import run_step
from nbrefine.engine.undo import put_back, undo_folder
from nbrefine.errors import InputError
from nbrefine.files.paths import shown
from nbrefine.pipeline.content import content_digest
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nbrefine.engine.stop import Stop
    from nbrefine.pipeline.model import Pipeline, Step


def check_determinism(
    pipeline: Pipeline, name: str, stop: Stop, say: Callable[[str], None] = lambda _: None
) -> tuple[str, ...]:
    """Run a step twice, publish nothing, and compare.

    Parameters
    ----------
    pipeline
        The pipeline.
    name
        The step.
    stop
        Ends it before its time.
    say
        Told, before it is waited for, who builds.

    Returns
    -------
    tuple of str
        What differs, in words; empty if nothing does.

    Raises
    ------
    UnknownStepError
        If there is no such step.
    InputError
        If what it builds on is not there, or it fails.
    BuildLockedError
        If it is stopped while another build goes on.
    """
    step = pipeline.step(name)
    for up in step.upstream:
        missing = [path for path in pipeline.steps[up].files.values() if not path.exists()]
        if missing:
            raise InputError(
                f"{name!r} builds on {up!r}, and {shown(missing[0])} is missing.",
                hint=f"Run: nbrefine build {up}",
            )
    with (
        building(pipeline.root, say=say, stop=stop),
        Ledger(pipeline.root) as ledger,
        tempfile.TemporaryDirectory(prefix="nbrefine-") as private,
    ):
        recover(pipeline.root, ledger.publish)
        runs = [_run(pipeline, step, stop, Path(private, each)) for each in ("first", "second")]
        return tuple(_differences(step, *runs))


def _run(pipeline: Pipeline, step: Step, stop: Stop, place: Path) -> dict[str, Path]:
    """Run a step and return where its files are, by what they are called."""
    timeout = read_settings(pipeline.root).timeout_of(step)
    staging = Staging(pipeline.root, step.name)
    run = run_step(pipeline, step, stop, timeout=timeout)
    if run.failure is not None:
        raise InputError(f"{step.name!r} fails: {run.failure.reason}", where=step.place)
    made = {name: staging.made(path) for name, path in step.files.items()}
    made[""] = staging.path(executed_notebook(pipeline.root, step.name))
    kept = {}
    for number, (name, source) in enumerate(made.items()):
        kept[name] = place / str(number) / source.name
        kept[name].parent.mkdir(parents=True)
        if source.is_dir():
            shutil.copytree(source, kept[name])
        else:
            shutil.copy2(source, kept[name])
    put_back(undo_folder(pipeline.root, step.name))
    staging.clear()
    return kept


def _differences(
    step: Step, first: Mapping[str, Path], second: Mapping[str, Path]
) -> Iterator[str]:
    yield from _cells(*(json.loads(run[""].read_bytes()) for run in (first, second)))
    for name, path in step.files.items():
        if name in notebook_products(step):
            continue
        if content_digest(first[name]) != content_digest(second[name]):
            yield f"{shown(path)}: {_difference(first[name], second[name])}"


def _difference(first: Path, second: Path) -> str:
    """Say how a product differs; of a folder, the first of its files that do."""
    if first.is_dir() and second.is_dir():
        before, after = _files(first), _files(second)
        for name in sorted(before ^ after):
            return f"only one of the runs has written {name}"
        for name in sorted(before):
            if content_digest(first / name) != content_digest(second / name):
                return f"{name}: {_difference(first / name, second / name)}"
    if first.is_dir() != second.is_dir():
        return "it is a folder in one of the runs only"
    found = compare_files(first, second)
    message = found.message if found and found.verdict is not Verdict.EQUAL else ""
    return message or "its bytes differ, though it holds the same"


def _files(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


def _cells(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    for index, pair in enumerate(zip(first["cells"], second["cells"], strict=True), 1):
        old, new = (cell.get("outputs", []) for cell in pair)
        verdict = compare_outputs(old, new)
        if verdict.verdict is not Verdict.EQUAL:
            why = verdict.differences[0].message if verdict.differences else str(verdict.verdict)
            yield f"cell {index}: {why}"
