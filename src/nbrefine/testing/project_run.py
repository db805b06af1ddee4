"""The run of a project's notebooks for one pytest session: built once, compared step by step."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from nbval.plugin import get_sanitize_patterns  # type: ignore[import-untyped]

from nbrefine.errors import InputError, NbrefineError
from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.own_folder import FOLDER, make_own_folder
from nbrefine.pipeline.planned_state import is_built_by_engine
from nbrefine.testing.apart import execute_apart
from nbrefine.testing.checking import check_step
from nbrefine.testing.comparison import Rules
from nbrefine.testing.executed import sample_pipeline
from nbrefine.testing.report_files import write_step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.testing.checking import StepCheck
    from nbrefine.testing.executed import Executed

_KEY = pytest.StashKey[dict["Path", "ProjectRun | None"]]()
_THIS_PYTHON = "python3"


@dataclass
class ProjectRun:
    """What a session knows of a project.

    Parameters
    ----------
    pipeline
        On its small sample.
    rules
        How cells are compared.
    executed
        By step, once they are run.
    error
        Why nothing could be run.
    """

    pipeline: Pipeline
    rules: Rules
    executed: Mapping[str, Executed] = field(default_factory=dict)
    error: NbrefineError | None = None
    _checks: dict[str, StepCheck] = field(default_factory=dict)

    def run(self, config: pytest.Config, steps: Sequence[str]) -> None:
        """Build steps; what fails is told by their tests.

        Of parallel test processes one builds, and the others find all up to date.
        """
        try:
            if config.option.nbrefine_all:
                self.executed = self._forced(config, steps)
            else:
                self.executed = execute_apart(self.pipeline, steps, force=False)
        except NbrefineError as error:
            self.error = error

    def check(self, step: str) -> StepCheck:
        """Return how a step compares, and leave a page where it differs.

        Raises
        ------
        NbrefineError
            If nothing could be run.
        """
        if self.error is not None:
            raise self.error
        if step not in self._checks:
            found = check_step(self.pipeline, self.executed[step], self.rules, stored=True)
            if not found.passes:
                write_step(self.pipeline.root, found)
            self._checks[step] = found
        return self._checks[step]

    def _forced(self, config: pytest.Config, steps: Sequence[str]) -> Mapping[str, Executed]:
        """Run all steps, in the first of parallel test processes alone."""
        session = getattr(config, "workerinput", {}).get("testrunuid", str(os.getpid()))
        root = self.pipeline.root
        make_own_folder(root)
        done = root / FOLDER / "notebook_tests"
        with FileLock(done.with_suffix(".lock")):
            first = not done.is_file() or done.read_text("utf-8") != session
            executed = execute_apart(self.pipeline, steps, force=first)
            write_atomic(done, session)
        return executed


def project_run(root: Path, config: pytest.Config) -> ProjectRun | None:
    """Return what a session knows of a project; None if nbrefine's engine does not build it.

    Raises
    ------
    NbrefineError
        If its pipeline cannot be read.
    """
    known = config.stash.setdefault(_KEY, {})
    if root not in known:
        pipeline = sample_pipeline(root)
        known[root] = _project_run(pipeline, config) if is_built_by_engine(pipeline) else None
    return known[root]


def project_runs(config: pytest.Config) -> list[ProjectRun]:
    """Return all projects of a session that notebooks were collected of."""
    return [each for each in config.stash.get(_KEY, {}).values() if each is not None]


def _project_run(pipeline: Pipeline, config: pytest.Config) -> ProjectRun:
    option = config.option
    kernel = _THIS_PYTHON if option.nbval_current_env else option.nbval_kernel_name
    if kernel:
        steps = {
            name: replace(step, options={**step.options, "kernelspec_name": kernel})
            for name, step in pipeline.steps.items()
        }
        pipeline = replace(pipeline, steps=steps)
    rules = Rules(lax=option.nbval_lax)
    if option.nbval_sanitize_with:
        rules = replace(rules, clean=_sanitize(option.nbval_sanitize_with))
    return ProjectRun(pipeline, rules)


def _sanitize(file: str) -> Callable[[str], str]:
    """Return what nbval's file of regular expressions does to a text."""
    try:
        with open(file, encoding="utf-8") as stream:  # noqa: PTH123  (as the user has given it)
            patterns = get_sanitize_patterns(stream.read())
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None

    def clean(text: str) -> str:
        for pattern, replacement in patterns:
            text = re.sub(pattern, replacement, text)
        return text

    return clean
