"""A refine that is interrupted goes on where it was, and leaves nothing running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

CELLS = (
    ("markdown", "# Squares\n\n## Make"),
    ("code", "import time\n\nnumbers = list(range(20))"),
    ("code", "time.sleep(1)"),
    ("markdown", "## Square"),
    ("code", "squares = [number**2 for number in numbers]\nsquares[:3]"),
    ("code", "print(sum(squares))"),
)
SECONDS = 200
MARK = "NBREFINE_TEST_FOLDER"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook's folder; a blank in its name, as people have it."""
    folder = tmp_path / "my work"
    folder.mkdir()
    cells = [
        {"cell_type": kind, "metadata": {}, "source": source, "id": str(number)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for number, (kind, source) in enumerate(CELLS)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "squares.ipynb").write_text(json.dumps(document))
    return folder


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder for the temporary files of a refine; its path is as short as sockets need.

    Nothing else is in it.
    """
    with tempfile.TemporaryDirectory() as name:
        monkeypatch.setenv("TMPDIR", name)
        yield Path(name)


def start(folder: Path, log: Path) -> subprocess.Popen[str]:
    """Start a refine in a process group of its own, as a terminal does."""
    with log.open("w") as errors:
        return subprocess.Popen(
            [sys.executable, "-m", "nbrefine", "refine", "squares.ipynb"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
            env={
                **os.environ,
                "PLOOMBER_STATS_ENABLED": "false",
                # Another project's, which has no say in this one.
                "PLOOMBER_ENV_FILENAME": "env.elsewhere.yaml",
                MARK: str(folder),
            },
        )


def stop_at(stage: str, how: signal.Signals, folder: Path, log: Path) -> tuple[int, str]:
    """Interrupt a refine once it says that a stage has begun; return exit code and messages."""
    process = start(folder, log)
    end = time.monotonic() + SECONDS
    while f"{stage} ..." not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < end
        time.sleep(0.05)
    if how is signal.SIGINT:
        os.killpg(process.pid, how)  # Ctrl-C reaches the kernels too
    else:
        process.send_signal(how)
    process.communicate(timeout=SECONDS)
    return process.returncode, log.read_text()


def go_on(folder: Path, log: Path) -> tuple[str, str]:
    """Call refine again, to its end; return what it says on both channels."""
    process = start(folder, log)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, said + log.read_text()
    return said, log.read_text()


def assert_nothing_runs(mark: str) -> None:
    """Wait until no process is left that a refine has started: they inherit what we set."""
    end = time.monotonic() + SECONDS
    while left := [each for each in psutil.process_iter() if has_mark(each, mark)]:
        assert time.monotonic() < end, left
        time.sleep(0.2)


def has_mark(process: psutil.Process, mark: str) -> bool:
    try:
        return process.environ().get(MARK) == mark
    except psutil.Error:  # gone, or not ours
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ended_while_recording_it_leaves_nothing(
    how: signal.Signals, folder: Path, tmp_path: Path, temporary: Path
) -> None:
    """No file, no kernel; the message says that the same command begins anew."""
    code, said = stop_at("observed", how, folder, tmp_path / "log")
    assert code == 130
    assert "Interrupted before anything was found out" in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["squares.ipynb"]
    assert [*temporary.iterdir()] == []
    assert_nothing_runs(str(folder))


@pytest.mark.timeout(500)  # three times to the build
def test_killed_and_interrupted_while_proving_it_goes_on(folder: Path, tmp_path: Path) -> None:
    """The notebook is not run again, what was half done is no obstacle, and the result holds."""
    log = tmp_path / "log"
    code, said = stop_at("to compare", signal.SIGKILL, folder, log)
    assert code == -signal.SIGKILL
    assert "observed ..." in said
    assert_nothing_runs(str(folder))
    code, said = stop_at("to compare", signal.SIGINT, folder, log)
    assert code == 130
    assert "the same command goes on from there" in said
    assert "recorded by an earlier call" in said
    assert "observed ..." not in said
    assert_nothing_runs(str(folder))
    said, progress = go_on(folder, log)
    assert "recorded by an earlier call" in said
    assert "The pipeline says what the notebook said." in said
    assert "observed" not in progress
    assert "formats" not in progress
    again = subprocess.run(
        [sys.executable, "-m", "nbrefine", "refine", "squares.ipynb"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert again.returncode == 2
    assert "not empty" in again.stderr
