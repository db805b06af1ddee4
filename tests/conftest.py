"""What tests share: one build of the small sample, and notebooks whose cells keep their order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from nbval.plugin import IPyNbCell

ROOT = Path(__file__).parents[1]
PLOOMBER = Path(sys.executable).with_name("ploomber")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put a notebook's cells back into their order after the shuffle; they build on each other."""
    places = [index for index, item in enumerate(items) if isinstance(item, IPyNbCell)]
    cells = sorted((items[index] for index in places), key=lambda c: (str(c.path), c.cell_num))
    for index, cell in zip(places, cells, strict=True):
        items[index] = cell


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment, made fit for running the project's commands."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_"))}
    return kept | {"PLOOMBER_STATS_ENABLED": "false", "OMP_NUM_THREADS": "1"} | changes


def copy_project(target: Path) -> Path:
    """Copy what git tracks or would track to a new folder, as a user's clone would have it."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(("tests/", ".github/")):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@pytest.fixture(scope="session")
def ci_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, built on the small sample; whoever changes it copies it first.

    The parallel test processes share one copy.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    project = shared / "ci-project"
    with FileLock(shared / "ci-project.lock"):
        if not (project / "built").exists():
            copy_project(project)
            if (ROOT / "build" / "ci").exists():
                shutil.copytree(ROOT / "build" / "ci", project / "build" / "ci", dirs_exist_ok=True)
            build = subprocess.run(
                [PLOOMBER, "build"],
                cwd=project,
                env=environment(PLOOMBER_ENV_FILENAME="env.ci.yaml"),
                check=False,
                capture_output=True,
                text=True,
            )
            assert build.returncode == 0, build.stdout + build.stderr
            (project / "built").touch()
    return project
