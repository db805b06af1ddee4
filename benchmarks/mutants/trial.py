"""Tries a mutant: whether it changes a result, and whether a test fails with it."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.mutants.effect import differ, load_module, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

# Of a processor; a busy machine makes nothing look like an endless loop.
_SECONDS = 60
_PATIENCE = 1200


def changes_result(
    name: str, mutant: str, function: str, expected: Mapping[Path, list[Any]]
) -> bool:
    """Whether a mutant gives something else on what the notebook passed.

    Parameters
    ----------
    name
        The module's.
    mutant
        Its text with the change.
    function
        Name of the changed function or class.
    expected
        What the original gives, by the file with the whole arguments.
    """

    def compare() -> int:
        try:
            changed = load_module(name, mutant)
        except Exception:  # noqa: BLE001  (whatever a mutant raises)
            return 1
        return int(
            any(differ(said, outcomes(changed, function, file)) for file, said in expected.items())
        )

    return in_a_child(compare) != 0


def is_caught(project: Path, path: str, mutant: str, tests: Sequence[str]) -> bool:
    """Whether one of a module's tests fails with a mutant in the module's place.

    Parameters
    ----------
    project
        A copy of the project, whose module may be overwritten.
    path
        The module, relative to the project's root.
    mutant
        The module's text with the change.
    tests
        What to run, as pytest names it.
    """
    original = (project / path).read_text(encoding="utf-8")
    (project / path).write_text(mutant, encoding="utf-8")
    shutil.rmtree((project / path).parent / "__pycache__", ignore_errors=True)

    def run() -> int:
        os.chdir(project)
        # Plugins that are installed here take most of the time, and no test needs one.
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "ignore"]
        return int(pytest.main([*tests, *options, "-c", "pytest.ini"]))

    try:
        return in_a_child(run) != 0
    finally:
        (project / path).write_text(original, encoding="utf-8")


def in_a_child(work: Callable[[], int]) -> int:
    """Do something in a fork of this process, in which everything is imported already.

    Returns
    -------
    int
        What it returned, or another number than 0 if it failed or took too long.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
            sys.dont_write_bytecode = True
            with (
                contextlib.redirect_stdout(io.StringIO()),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                status = work()
        finally:
            os._exit(status)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -1
