"""The tests of what sync moves, from a run of the pipeline with it in ``src/``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.refine.generated_tests.adding import added_tests
from nbrefine.refine.generated_tests.generate import GeneratedTests, generate_tests
from nbrefine.refine.generated_tests.record import Wanted, written_files
from nbrefine.refine.prove.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbrefine.refine.sync.sync import Sync

__all__ = ["SyncTests", "with_tests"]


@dataclass(frozen=True)
class SyncTests:
    """What is to be written, with tests of it.

    Parameters
    ----------
    plan
        What moves, and the tests.
    tests
        What the tests came to. If it says that the build failed, nothing is to be written.
    """

    plan: Sync
    tests: GeneratedTests = field(default_factory=GeneratedTests)


def with_tests(plan: Sync, progress: Callable[[str], None] | None = None) -> SyncTests:
    """Build a copy of the project with what is to be moved in ``src/``, and write tests of it.

    Parameters
    ----------
    plan
        What is to be moved.
    progress
        Called with the name of each step that starts.

    Returns
    -------
    SyncTests
        Nothing is written yet. What is expected is what the notebook's own functions gave.
    """
    if not plan.moved:
        return SyncTests(plan)
    with staged(read_pipeline(plan.root), written_files(plan.root)) as place:
        for path, content in plan.files.items():
            write_atomic(place / path, content)
        tests = generate_tests(place, Wanted(plan.moved, plan.before), progress)
    package = plan.moved[0].module.partition(".")[0]
    files = {**plan.files, **added_tests(plan.root, tests.files, package)}
    return SyncTests(replace(plan, files=files), tests)
