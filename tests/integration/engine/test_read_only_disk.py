"""On a disk that turned read-only the products stay, all questions are answered, and it is said."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.small_pipeline import Project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        sys.platform != "linux" or os.geteuid() != 0, reason="only root on Linux may mount"
    ),
]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "nbrefine-test", place],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", place], check=True)


def test_nothing_is_lost(disk: Path, new_project: Callable[..., Project]) -> None:
    """A build says why it cannot; the next one is right."""
    project = new_project(disk / "project")
    project.build()
    project.replace("src/tools.py", "2 * n", "3 * n")
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    refused = project.run("nbrefine", "build")
    assert refused.returncode == 1
    assert "Read-only file system" in refused.stderr
    assert "Traceback" not in refused.stderr
    for question in (["status"], ["build", "--dry-run"], ["lineage", "out/third.json"]):
        answered = project.run("nbrefine", *question)
        assert answered.returncode == 0, answered.stderr
    assert project.read("out/third.json") == {"total": 12}
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert project.build() == {"first": "up to date", "second": "ran", "third": "ran"}
    assert project.read("out/third.json") == {"total": 18}
