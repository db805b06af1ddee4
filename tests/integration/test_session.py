from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbrefine.errors import EnvironmentFaultError
from nbrefine.kernels.session import Session
from nbrefine.recording.inject import loading_code, snapshot_code
from nbrefine.recording.store import values_from_json

# A kernel that outlives whoever started it would run for ever.
OWNER = """
import sys, time
from pathlib import Path
from nbrefine.kernels.session import Session
with Session(Path.cwd()) as session:
    print(session.pid, flush=True)
    time.sleep(60)
"""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A kernel for all tests that leave it alive."""
    with Session(tmp_path_factory.mktemp("kernel"), env={**os.environ, "GIVEN": "yes"}) as opened:
        yield opened


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_cell_shows_what_jupyter_would_show(session: Session) -> None:
    """Streams, results with their count, figures as pictures and text."""
    run = session.run_cell("import sys\nprint('a')\nprint('b', file=sys.stderr)\n1 + 1")
    assert [output["output_type"] for output in run.outputs] == [
        "stream",
        "stream",
        "execute_result",
    ]
    assert run.outputs[-1]["data"] == {"text/plain": "2"}
    assert run.outputs[-1]["execution_count"] == run.execution_count
    figure = session.run_cell("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert {"image/png", "text/plain"} <= figure.outputs[-1]["data"].keys()


def test_the_kernel_gets_its_folder_and_environment(session: Session) -> None:
    """Variables are those given; the user's history file is not written to."""
    code = "import os; (os.environ['GIVEN'], get_ipython().history_manager.hist_file)"
    run = session.run_cell(code)
    assert run.outputs[0]["data"]["text/plain"] == "('yes', ':memory:')"


def test_silent_code_leaves_no_trace(session: Session) -> None:
    """Neither count nor history nor names nor ``_`` move, also when the observer is brought in."""
    state = "(sorted(globals()), _, len(In), get_ipython().execution_count)"
    session.run_cell("41 + 1")
    before = session.run_cell(state).outputs[0]["data"]["text/plain"]
    session.run_cell("41 + 1")
    session.run_cell(loading_code(), silent=True)
    after = session.run_cell(state).outputs[0]["data"]["text/plain"]
    count = int(before.rpartition(",")[2].strip(" )"))
    assert int(after.rpartition(",")[2].strip(" )")) == count + 2
    assert "nbrefine" not in after
    assert "42" in after


def test_names_can_be_looked_at_without_having_been_observed(
    session: Session, tmp_path: Path
) -> None:
    """The facts of a kernel's names come by a file; what IPython put there is left out."""
    session.run_cell("import numpy as np\nwanted = np.arange(3)\n_private = 'x'")
    file = tmp_path / "facts"
    assert session.run_cell(snapshot_code(str(file)), silent=True).error is None
    facts = values_from_json(json.loads(file.read_text()))
    assert (facts["wanted"].type, facts["wanted"].shape) == ("numpy.ndarray", (3,))
    assert facts["_private"].summary == "'x'"
    assert not {"In", "Out", "get_ipython", "exit", "_"} & facts.keys()


def test_an_error_ends_a_cell_and_not_the_session(session: Session) -> None:
    """The error is handed over with its parts; the next cell runs."""
    run = session.run_cell("1 / 0")
    assert run.error is not None
    assert (run.error.ename, run.error.evalue) == ("ZeroDivisionError", "division by zero")
    assert run.outputs[0]["output_type"] == "error"
    assert session.run_cell("'on'").outputs[0]["data"]["text/plain"] == "'on'"


def test_a_cell_that_takes_too_long_is_interrupted(session: Session) -> None:
    """The cell ends with a true message, and the session goes on."""
    run = session.run_cell("import time\ntime.sleep(60)", timeout=1)
    assert run.timed_out
    assert run.error is not None
    assert run.error.evalue == "The cell was interrupted because it had run for 1 s."
    assert run.seconds < 10
    assert session.run_cell("1").error is None


def test_a_cell_that_cannot_be_interrupted_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where an interrupt does nothing, the kernel is killed, and said to be gone."""
    monkeypatch.setattr("nbrefine.kernels.session.GRACE_SECONDS", 1.0)
    deaf = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)"
    with Session(tmp_path) as session:
        run = session.run_cell(deaf, timeout=0.5)
        assert run.kernel_died
        assert run.error is not None
        assert run.error.evalue.endswith("It had to be killed.")


def test_a_dead_kernel_gives_its_signal(tmp_path: Path) -> None:
    """A kernel that dies says how, within seconds."""
    with Session(tmp_path) as session:
        run = session.run_cell("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)")
    assert run.kernel_died
    assert run.error is not None
    assert run.error.evalue == "The kernel ended by signal SIGABRT."


def test_the_kernel_is_gone_when_its_owner_is(tmp_path: Path) -> None:
    """Also when the owner is killed and cannot say goodbye."""
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    with owner, owner.stdout as said:
        pid = int(said.readline())
        assert alive(pid)
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not alive(pid)


@pytest.mark.parametrize(
    ("keywords", "message", "hint"),
    [
        ({"kernel": "pyhton3"}, "No kernel is installed under the name 'pyhton3'.", "'python3'"),
        ({"python": "/no/python"}, "No kernel could be started with /no/python", "by hand"),
    ],
)
def test_a_kernel_that_cannot_start_says_why(
    tmp_path: Path, keywords: dict[str, str], message: str, hint: str
) -> None:
    """An unknown kernel, or no interpreter, is told in words with what to do."""
    with pytest.raises(EnvironmentFaultError) as caught, Session(tmp_path, **keywords):
        pass
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


def test_an_interpreter_without_ipykernel_says_so(tmp_path: Path) -> None:
    """The hint is the command that installs it."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(EnvironmentFaultError) as caught, Session(tmp_path, python=str(bare)):
        pass
    assert caught.value.message == f"{bare} has no ipykernel, so notebooks cannot run in it."
    assert caught.value.hint == f"Install it: {bare} -m pip install ipykernel"
