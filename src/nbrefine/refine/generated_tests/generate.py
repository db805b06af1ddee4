"""From a project whose functions are in ``src/`` to tests of them that pass."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.refine.extract.extraction import module_file
from nbrefine.refine.generated_tests.calls import NotRecorded
from nbrefine.refine.generated_tests.keys import keyed
from nbrefine.refine.generated_tests.record import (
    Records,
    Wanted,
    read_baselines,
    read_records,
    watched_build,
)
from nbrefine.refine.generated_tests.transformers import with_last
from nbrefine.refine.generated_tests.verify import verify
from nbrefine.refine.generated_tests.write_tests import (
    WrittenTests,
    write_tests,
    write_transformers,
)
from nbrefine.transforms.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from nbrefine.refine.extract.extraction import Moved
    from nbrefine.refine.generated_tests.baselines import Baseline
    from nbrefine.refine.generated_tests.calls import RecordedCall
    from nbrefine.refine.prove.build import BuildRun
    from nbrefine.transforms.model import Classification


@dataclass(frozen=True)
class GeneratedTests:
    """Tests of a project, which passed.

    Parameters
    ----------
    files
        Path relative to the project's root, and content.
    tests
        Names of the tests of each function and class.
    missed
        Functions and classes without a test, and why.
    left_out
        Tests that did not pass, and why; they are not in the files.
    masked
        Columns and arguments of fixtures that are made up, by function.
    passed
        How many cases passed.
    trouble
        Why there are no tests, or why they were not run; empty if all went well.
    build_failed
        Whether that is since there was no build to make them of.
    classifications
        What kind of transform each function is, of those that make frames of frames.
    transformers
        The class that learns what a function takes from all rows, by the function.
    baselines
        The executed step notebooks, such that they pass under nbval.
    refused
        Steps whose notebook nbval cannot run, and why.
    """

    files: Mapping[str, str | bytes] = field(default_factory=dict)
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    missed: tuple[NotRecorded, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    masked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passed: int = 0
    trouble: str = ""
    build_failed: bool = False
    classifications: Mapping[str, Classification] = field(default_factory=dict)
    transformers: Mapping[str, str] = field(default_factory=dict)
    baselines: tuple[Baseline, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)


def generate_tests(
    project: Path, wanted: Wanted, progress: Callable[[str], None] | None = None
) -> GeneratedTests:
    """Build a copy of a project, write tests from calls that are recorded thereby, and run them.

    Parameters
    ----------
    project
        The project's root; nothing in it is changed.
    wanted
        The functions and classes in its ``src/``, and what is known of them.
    progress
        Called with the name of each step that starts.

    Returns
    -------
    GeneratedTests
        With tests that passed. Those that did not are named, not kept.
    """
    if not wanted.moved and wanted.varying is None:
        return GeneratedTests()
    with watched_build(project, wanted, progress) as (copy, run):
        return tests_of_build(project, copy, run, wanted)


def tests_of_build(project: Path, copy: Path, run: BuildRun, wanted: Wanted) -> GeneratedTests:
    """Write tests of a project from a build of a copy of it, and run them.

    Parameters
    ----------
    project, wanted
        As for `generate_tests`.
    copy
        The root of the copy. Baselines are tried there: files are added to it.
    run
        The build.
    """
    if run.error:
        trouble = f"the observed build failed: {run.error}"
        return GeneratedTests(trouble=trouble, build_failed=True)
    with ThreadPoolExecutor(1) as pool:
        # nbval runs the steps again; meanwhile there is enough to do here.
        tried = None
        if wanted.varying is not None:
            tried = pool.submit(read_baselines, project, copy, run, wanted.varying)
        generated = _of_functions(project, read_records(project, copy, run, wanted), wanted)
        if tried is None:
            return generated
        baselines, refused = tried.result()
    files = {**generated.files, **{each.path: each.text() for each in baselines}}
    return replace(generated, files=files, baselines=baselines, refused=refused)


def _of_functions(project: Path, records: Records, wanted: Wanted) -> GeneratedTests:
    """Write tests of functions, classes and transformers, and run them."""
    moved = wanted.moved
    modules = {
        path: (project / path).read_text(encoding="utf-8")
        for path in {module_file(each.module) for each in moved}
    }
    kinds = _classified(records.calls, moved, modules)
    transformers = {
        key: each
        for key, each in wanted.transformers.items()
        if key in records.learnt and key in kinds and kinds[key].kind is Kind.FITTED
    }

    def write(left_out: frozenset[str] = frozenset()) -> WrittenTests:
        tests = write_tests(records.calls, moved, modules, kinds, left_out=left_out)
        more = write_transformers(records.calls, moved, transformers, left_out=left_out)
        return tests.with_transformers(more)

    generated = GeneratedTests(
        missed=records.missed,
        masked=_masked(records.calls),
        classifications=kinds,
    )
    return _passing(project, generated, write)


def _passing(
    project: Path, generated: GeneratedTests, write: Callable[..., WrittenTests]
) -> GeneratedTests:
    """Write tests, run them, and leave out those that fail."""
    tests = write()
    generated = replace(generated, missed=(*generated.missed, *tests.missed))
    if not tests.files:
        return generated
    verification = verify(project, tests.files)
    failed = dict(verification.failed)
    passed = verification.passed
    first = tests.tests
    if failed:
        tests = write(frozenset(failed))
    kinds = {
        name: _refuted(kind) if _serving(name) in failed else kind
        for name, kind in generated.classifications.items()
    }
    missed = [
        NotRecorded(name, f"its test did not pass: {failed[first[name][0]]}")
        for name, names in tests.tests.items()
        if not names
    ]
    return replace(
        generated,
        files={**generated.files, **tests.files},
        tests={name: names for name, names in tests.tests.items() if names},
        missed=(*generated.missed, *missed),
        left_out=failed,
        classifications=kinds,
        transformers=tests.transformers,
        passed=passed,
        trouble=f"the tests were not run: {verification.trouble}" if verification.trouble else "",
    )


def _serving(key: str) -> str:
    return f"test_{key.rpartition(':')[2]}_serves_row_by_row"


def _refuted(kind: Classification) -> Classification:
    """Take back that a transform is row-wise, since a row alone gave something else."""
    reason = "its code says row-wise, but a row alone gives something else than in the batch"
    return replace(kind, kind=Kind.UNKNOWN, reason=reason, evidence="both")


def _masked(calls: Iterable[RecordedCall]) -> dict[str, tuple[str, ...]]:
    masked: dict[str, dict[str, None]] = {}
    for call in calls:
        masked.setdefault(call.function, {}).update(dict.fromkeys(call.masked))
    return {name: tuple(labels) for name, labels in masked.items() if labels}


def _classified(
    calls: Iterable[RecordedCall], moved: Sequence[Moved], modules: Mapping[str, str]
) -> dict[str, Classification]:
    """Say of each function that makes frames of frames what kind of transform it is."""
    from nbrefine.transforms import classify  # noqa: PLC0415  (only where there are transforms)

    transforms = {call.function for call in calls if call.calls[0].outcome.facts}
    return {
        key: classify(with_last(modules[module_file(each.module)], each.name))
        for key, each in keyed(moved).items()
        if each.kind == "function" and key in transforms
    }
