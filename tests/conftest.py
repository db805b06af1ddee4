"""What tests share: one build of the small sample, and notebooks whose cells keep their order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from nbval.plugin import IPyNbCell

ROOT = Path(__file__).parents[1]

# As in the Makefile: sums keep their last digit.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# How long one example takes says more about the machine; pytest-timeout ends what hangs.
settings.register_profile("nbrefine", deadline=None)
settings.load_profile("nbrefine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put a notebook's cells back into their order after the shuffle, and unit tests at the end."""
    places = [index for index, item in enumerate(items) if isinstance(item, IPyNbCell)]
    cells = sorted((items[index] for index in places), key=lambda c: (str(c.path), c.cell_num))
    for index, cell in zip(places, cells, strict=True):
        items[index] = cell
    # What takes long comes first, so that no worker is left with it at the end.
    items.sort(key=lambda item: "unit" in item.path.parts)


@pytest.fixture(autouse=True)
def own_path() -> Iterator[None]:
    """Leave ``sys.path`` as it was: a command that runs in this process adds its project's code."""
    before = [*sys.path]
    yield
    sys.path[:] = before


def run(
    project: Path, command: str, *arguments: str, **environ: str
) -> subprocess.CompletedProcess:
    """Run one of the environment's commands in a project, on the small sample."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_"))}
    chosen = {"PLOOMBER_ENV_FILENAME": "env.ci.yaml", "PLOOMBER_STATS_ENABLED": "false"}
    return subprocess.run(
        [Path(sys.executable).with_name(command), *arguments],
        cwd=project,
        env=kept | chosen | _ONE_THREAD | {"COLUMNS": "200"} | environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
    )


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
            build = run(project, "ploomber", "build")
            assert build.returncode == 0, build.stdout + build.stderr
            (project / "built").touch()
    return project


@pytest.fixture(scope="session")
def run_command() -> Callable[..., subprocess.CompletedProcess]:
    """Run one of the environment's commands: ``run_command(project, "ploomber", "build")``."""
    return run
