"""A forked kernel is like a fresh one: nothing of another's is in it, and nothing is missing."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.integration.kinds_of_cell import KINDS_OF_CELL

from nbrefine.compare.normalise import normalise
from nbrefine.kernels.direct_connection import DirectConnection
from nbrefine.kernels.jupyter_connection import JupyterConnection
from nbrefine.kernels.session import COLD_KERNEL_NEEDED, CellRun, Session
from nbrefine.kernels.zygote import NoZygoteError, Zygote
from nbrefine.kernels.zygotes import ZYGOTES, Zygotes, interpreter_of

pytestmark = pytest.mark.slow

_AHEAD = ("numpy", "wave", "logging.handlers")
# What a notebook can see of its process. Only the finder of hidden modules may differ.
_FACTS = r"""
import gc, json, locale, os, re, signal, stat, sys, threading, warnings
def described(value):
    return re.sub(" at 0x.*", "", repr(value))
print(json.dumps({
    "modules": sorted(name for name in sys.modules if not name.startswith("_nbrefine")),
    "path": sys.path,
    "arguments": sys.argv[:1] + sys.argv[3:],
    "interpreter": [sys.executable, sys.prefix, *sys.orig_argv[:3], repr(sys.flags)],
    "filters": [repr(each) for each in warnings.filters],
    "finders": [each for each in map(described, sys.meta_path) if "Hidden" not in each],
    "environ": {k: v for k, v in sorted(os.environ.items())
                if k not in {"JPY_PARENT_PID", "PYTEST_CURRENT_TEST"}},
    "folder": os.getcwd(),
    "umask": [os.umask(18), os.umask(18)][1],
    "signals": [described(signal.getsignal(number)) for number in (2, 10, 15, 17)],
    "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "threads": sorted(re.sub(r"\d+", "", each.name) for each in threading.enumerate()),
    "main": threading.current_thread() is threading.main_thread(),
    "leader": os.getpid() == os.getpgrp() == os.getsid(0),
    "limits": [sys.getrecursionlimit(), sys.getswitchinterval()],
    "garbage": [gc.isenabled(), gc.get_threshold()],
    "locale": locale.setlocale(locale.LC_ALL),
    "input": [stat.S_IFMT(os.fstat(0).st_mode), os.read(0, 1).hex()],
    "builtins": sorted(vars(__import__("builtins"))),
    "names": sorted(vars(sys.modules["__main__"])),
    "streams": [type(each).__name__ for each in (sys.stdout, sys.stderr, sys.__stdout__)],
}))
"""
_LOADED = "import numpy, wave\n" + _FACTS


def _said(run: CellRun) -> str:
    assert run.error is None, run.error
    return "".join(each["text"] for each in run.outputs if each["output_type"] == "stream")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all kernels run."""
    return tmp_path_factory.mktemp("warm kernels")


@pytest.fixture(scope="module", params=[False, True], ids=["Jupyter's channels", "one socket"])
def direct(request: pytest.FixtureRequest) -> bool:
    """Whether kernels are talked with over one socket."""
    return bool(request.param)


@pytest.fixture(scope="module")
def warm(folder: Path, *, direct: bool) -> Callable[[], Session]:
    """Make a kernel that is forked; all have one zygote."""
    return lambda: Session(folder, ahead=_AHEAD, direct=direct)


@pytest.fixture(scope="module")
def seen_cold(folder: Path) -> list[dict[str, Any]]:
    """What a notebook sees of a kernel that was started by itself, before and after imports."""
    with Session(folder) as session:
        return [json.loads(_said(session.run_cell(code))) for code in (_FACTS, _LOADED)]


@pytest.fixture
def session(warm: Callable[[], Session], *, direct: bool) -> Iterator[Session]:
    """A forked kernel."""
    with warm() as opened:
        assert psutil.Process(opened.pid).ppid() != os.getpid()
        assert isinstance(opened._connection, DirectConnection) == direct
        yield opened


def test_a_forked_kernel_is_like_a_fresh_one(
    session: Session, seen_cold: list[dict[str, Any]], *, direct: bool
) -> None:
    """Modules, paths, filters, variables, threads, signals: all that a notebook can see."""
    # Notebooks that look at threads are not run in one that has no channels to serve.
    passed_over = {"threads"} if direct else set()
    for code, cold in zip((_FACTS, _LOADED), seen_cold, strict=True):
        seen = json.loads(_said(session.run_cell(code)))
        for name in cold.keys() - passed_over:
            assert seen[name] == cold[name], name


def test_nothing_of_another_kernel_is_in_it(session: Session, warm: Callable[[], Session]) -> None:
    """Seeds, folder, variables, paths, filters, threads, and what was done to libraries."""
    _said(
        session.run_cell(
            "import json, os, random, sys, threading, time, warnings\nimport numpy as np\n"
            "random.seed(0); np.random.seed(0); os.chdir('/'); os.environ['LEFT'] = '1'\n"
            "sys.path.append('/left'); warnings.simplefilter('error'); np.left = json.left = 1\n"
            "threading.Thread(target=time.sleep, args=(60,), daemon=True, name='left').start()\n"
            "np.set_printoptions(precision=2); left = 1"
        )
    )
    look = (
        "import json, os, random, sys, threading, warnings\nimport numpy as np\n"
        "print(os.getcwd() == '/', 'LEFT' in os.environ, '/left' in sys.path, "
        "warnings.filters[0][0] == 'error', hasattr(np, 'left'), hasattr(json, 'left'), "
        "any(each.name == 'left' for each in threading.enumerate()), "
        "np.get_printoptions()['precision'] == 2, 'left' in globals())\n"
        "print(random.random(), np.random.random())"
    )
    drawn = set()
    for _ in range(2):
        with warm() as other:
            found, numbers = _said(other.run_cell(look)).splitlines()
            assert {*found.split()} == {"False"}
            drawn |= {*numbers.split()}
    assert len(drawn) == 4


def _by_stream(outputs: Sequence[dict[str, Any]]) -> list[Any]:
    """Put together what each stream says between displays: which is sent first is a race."""
    found: list[Any] = []
    for is_stream, group in groupby(outputs, lambda each: each["output_type"] == "stream"):
        if is_stream:
            texts: dict[str, str] = {}
            for each in group:
                texts[each["name"]] = texts.get(each["name"], "") + each["text"]
            found.append({name: normalise(text) for name, text in sorted(texts.items())})
        else:
            found += group
    return found


def _shown(run: CellRun) -> str:
    said = [_by_stream(run.outputs), run.error and run.error.ename]
    text = json.dumps(said, default=str, indent=1, ensure_ascii=False)
    return re.sub(r"0x[0-9a-f]+|ipykernel_\d+/\d+", "", text)


def test_cells_show_what_they_show_in_a_fresh_kernel(session: Session, folder: Path) -> None:
    """Streams, shells, tracebacks, displays, processes and threads."""
    with Session(folder) as cold:
        for cell in KINDS_OF_CELL:
            assert _shown(session.run_cell(cell)) == _shown(cold.run_cell(cell)), cell


def test_a_forked_kernel_is_interrupted_and_killed(warm: Callable[[], Session]) -> None:
    """By a time limit, and by its owner; how it ended is told."""
    with warm() as session:
        run = session.run_cell("import time; time.sleep(60)", timeout=0.5)
        assert run.timed_out
        assert not run.kernel_died
        assert _said(session.run_cell("print('goes on')")) == "goes on\n"
        run = session.run_cell("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
        assert run.kernel_died
        assert run.error is not None
        assert "SIGSEGV" in run.error.evalue
    with warm() as session:
        run = session.run_cell("import os; os._exit(3)")
        assert run.error is not None
        assert "exit code 3" in run.error.evalue


def test_what_is_shown_comes_whole_when_a_cell_is_interrupted(folder: Path) -> None:
    """A message on the socket is never cut in two, however much is printed then."""
    with Session(folder, ahead=_AHEAD, direct=True) as session:
        for _ in range(3):
            run = session.run_cell("while True: print('x' * 100_000, flush=True)", timeout=0.3)
            assert run.timed_out
            assert not run.kernel_died
            assert _said(session.run_cell("print('goes on')")) == "goes on\n"


def test_text_that_cannot_be_sent_holds_nothing_up(session: Session) -> None:
    """Half a character, as cutting JSON leaves it; what comes after it is shown."""
    assert not session.run_cell("print('half \\ud83d a character')", timeout=20).timed_out
    assert _said(session.run_cell("print('goes on')", timeout=20)) == "goes on\n"


def test_processes_that_print_at_once_do_not_mix_their_messages(session: Session) -> None:
    """Each sends what it prints, in pieces larger than a socket takes at once."""
    printing = "def say(n):\n    print(str(n) * 300_000, end='', flush=True)"
    many = "import multiprocessing as m\nwith m.Pool(4) as pool: pool.map(say, range(8))"
    said = _said(session.run_cell(f"{printing}\n{many}"))
    pieces = [each[0] for each in re.finditer(r"(.)\1*", said)]
    assert sorted(pieces) == [str(n) * 300_000 for n in range(8)]


def test_what_a_notebook_has_started_ends_with_its_kernel(warm: Callable[[], Session]) -> None:
    """However that ends."""
    start = "import subprocess; p = subprocess.Popen(['sleep', '60']); print(p.pid)"
    left = []
    for end in ("pass", "import os; os._exit(3)"):
        with warm() as session:
            left.append(psutil.Process(int(_said(session.run_cell(start)))))
            session.run_cell(end)
    _, alive = psutil.wait_procs(left, timeout=5)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]


def test_a_message_that_is_broken_is_a_dead_kernel(folder: Path) -> None:
    """Nobody waits for what will never come."""
    write = (
        "import os, socket\n"
        "for n in range(3, 64):\n"
        "    try: s = socket.socket(fileno=os.dup(n))\n"
        "    except OSError: continue\n"
        "    if s.family == socket.AF_UNIX: s.sendall(b'\\0\\0\\0\\3bad')"
    )
    with Session(folder, ahead=_AHEAD, direct=True) as session:
        run = session.run_cell(write)
        assert run.kernel_died
        assert run.error is not None
        assert run.error.ename == "DeadKernelError"


def test_a_cell_larger_than_what_a_socket_takes_arrives_whole(folder: Path) -> None:
    """Also while the kernel is busy with something that the last one has left."""
    with Session(folder, ahead=_AHEAD, direct=True) as session:
        session.run_cell(
            "import asyncio, time\n"
            "async def busy(): time.sleep(1.5)\n"
            "task = asyncio.create_task(busy())"
        )
        text = "x" * 1_000_000
        assert _said(session.run_cell(f"print(len('{text}'))", timeout=30)) == "1000000\n"


def test_an_ipykernel_that_cannot_do_without_channels_gets_them(folder: Path) -> None:
    """It is forked all the same."""
    environ = {**os.environ, "OTHER": "zygote"}
    zygote = ZYGOTES.prepare([sys.executable], str(folder), environ, ("colorsys",))
    assert zygote._settled.wait(60)
    assert zygote.has_direct_kernels
    zygote.has_direct_kernels = False
    with Session(folder, env=environ, ahead=("colorsys",), direct=True) as session:
        assert isinstance(session._connection, JupyterConnection)
        assert psutil.Process(session.pid).ppid() == zygote.pid


@pytest.mark.parametrize(
    "cell",
    [
        "import os; os.environ['OPENBLAS_NUM_THREADS'] = '7'; import numpy",
        "open('numpy.py', 'w').close()\nimport sys; sys.path.insert(0, ''); import numpy",
    ],
)
def test_what_cannot_be_right_is_left_to_a_cold_kernel(
    cell: str, session: Session, folder: Path
) -> None:
    """A library that was loaded already would be another one by now."""
    try:
        run = session.run_cell(cell)
    finally:
        (folder / "numpy.py").unlink(missing_ok=True)
    assert run.error is not None
    assert run.error.ename == COLD_KERNEL_NEEDED


_LIBRARIES = {
    "prints": "print('hello')",
    "warns": "import warnings; warnings.warn('old', DeprecationWarning, stacklevel=2)",
    "reads": "open('settings.txt').close()",
    "shell": "from IPython import get_ipython; get_ipython().events.register('x', print)",
    "starts": "import threading, time; threading.Thread(target=time.sleep, args=(9,)).start()",
    "connects": "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
    "hooks": "import sys; sys.excepthook = print",
    "needs": "import prints",
    "asks": "QUIET = 'IPKernelApp' in get_ipython().config and hasattr(get_ipython(), 'kernel')",
    "keeps": "import sys\ndef say(file=sys.stderr): pass",
}


def test_libraries_whose_import_shows_are_left_out(tmp_path: Path) -> None:
    """They print, read, start threads, or want a shell; those that need them are left out too."""
    installed = tmp_path / ".local" / "lib"
    installed.mkdir(parents=True)
    for name, text in _LIBRARIES.items():
        (installed / f"{name}.py").write_text(text)
    (tmp_path / "own.py").write_text("")
    (tmp_path / "settings.txt").write_text("")
    paths = os.pathsep.join(map(str, (installed, tmp_path)))
    environ = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": paths}
    zygote = Zygote([sys.executable], str(tmp_path), environ, [*_LIBRARIES, "own", "colorsys"])
    try:
        assert zygote._settled.wait(60)
        assert zygote.names == ("asks", "keeps", "colorsys")
        why = zygote.left_out
    finally:
        zygote.close()
    assert why == {
        "prints": "it prints",
        "warns": "it prints",
        "needs": "it prints",
        "reads": f"it uses {tmp_path / 'settings.txt'}",
        "shell": "it asks for 'events' of IPython's shell",
        "starts": "it changes the threads",
        "connects": "it uses the network",
        "hooks": "it changes the hooks",
        "own": "it is no installed library",
    }


def test_what_one_library_brings_along_is_left_out_too(tmp_path: Path) -> None:
    """Without the first, the second does it; the zygote is of use all the same."""
    installed = tmp_path / ".local" / "lib"
    installed.mkdir(parents=True)
    (installed / "brings.py").write_text("import finds")
    (installed / "finds.py").write_text("import sys\nsys.meta_path.append(sys.meta_path[-1])")
    environ = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(installed)}
    zygote = Zygote([sys.executable], str(tmp_path), environ, ())
    try:
        assert zygote._settled.wait(60)
        zygote.add(["brings", "finds", "colorsys"])
        end = time.monotonic() + 60
        while not zygote.added and not zygote._why_not and time.monotonic() < end:
            time.sleep(0.01)
        assert zygote.added == {"colorsys"}
        assert {*zygote.left_out} == {"brings", "finds"}
        assert not zygote._why_not
    finally:
        zygote.close()


_OWNER = """
import sys, time
from pathlib import Path
from nbrefine.kernels.session import Session
from nbrefine.kernels.zygotes import ZYGOTES
with Session(Path.cwd(), ahead=()) as session:
    (zygote,) = ZYGOTES._known.values()
    session.run_cell("import subprocess; sleeper = subprocess.Popen(['sleep', '60'])")
    print(session.pid, zygote.pid, flush=True)
    session.run_cell("while True: pass")
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_zygote_and_kernels_go_with_their_owner(number: int, tmp_path: Path) -> None:
    """Within two seconds of its death, however it comes, with what the notebook has started."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER], cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    pids = [int(word) for word in owner.stdout.readline().split()]
    processes = [psutil.Process(pid) for pid in pids]
    processes += processes[0].children()
    assert len(processes) == 3
    owner.send_signal(number)
    _, left = psutil.wait_procs(processes, timeout=2)
    owner.wait()
    owner.stdout.close()
    assert not [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


def test_a_zygote_that_still_imports_goes_with_its_owner(tmp_path: Path) -> None:
    """It cannot look at anything else meanwhile."""
    (tmp_path / "slow.py").write_text("import time; time.sleep(60)")
    code = (
        "import os, sys, time\nfrom nbrefine.kernels.zygote import Zygote\n"
        "zygote = Zygote([sys.executable], os.getcwd(), dict(os.environ), ['slow'])\n"
        "while zygote.pid is None: time.sleep(0.01)\n"
        "print(zygote.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert owner.stdout is not None
    zygote = psutil.Process(int(owner.stdout.readline()))
    time.sleep(2)
    assert zygote.status() != psutil.STATUS_ZOMBIE
    owner.kill()
    _, left = psutil.wait_procs([zygote], timeout=2)
    owner.wait()
    owner.stdout.close()
    assert not [each for each in left if each.status() != psutil.STATUS_ZOMBIE]


def test_without_its_zygote_a_kernel_is_started_cold(folder: Path) -> None:
    """One that runs ends with it, and its notebook is to be run again."""
    with Session(folder, ahead=("colorsys",)) as session:
        zygote = psutil.Process(psutil.Process(session.pid).ppid())
        started = time.monotonic()
        zygote.kill()
        run = session.run_cell("import time; time.sleep(60)")
        assert run.error is not None
        assert run.error.ename == COLD_KERNEL_NEEDED
        assert time.monotonic() - started < 20
    with Session(folder, ahead=("colorsys",)) as session:
        assert psutil.Process(session.pid).ppid() == os.getpid()


def test_other_kernels_are_left_to_jupyter() -> None:
    """Only IPython's, as it is usually started, is forked."""
    assert interpreter_of(["p", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "x"]) == (
        "p",
        "-Xfrozen_modules=off",
    )
    for command in ("R --slave", "p -m bash_kernel", "p -O -m ipykernel_launcher -f x"):
        with pytest.raises(NoZygoteError, match="no kernel of IPython's"):
            interpreter_of(command.split())


_TOOLS = """
import nbformat, papermill, sys
from nbclient import NotebookClient
from nbconvert.preprocessors import ExecutePreprocessor
code = "import sys; print('Hidden' in repr(sys.meta_path), 'wave' in sys.modules)"
def made():
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
run = NotebookClient(made(), kernel_name="python3").execute()
print(run.cells[0].outputs[0].text.strip())
run, _ = ExecutePreprocessor(kernel_name="python3").preprocess(made())
print(run.cells[0].outputs[0].text.strip())
nbformat.write(made(), "in.ipynb")
run = papermill.execute_notebook("in.ipynb", "out.ipynb", kernel_name="python3", progress_bar=False)
print(run.cells[0].outputs[0].text.strip())
"""


def test_jupyters_tools_fork_kernels_without_knowing(tmp_path: Path) -> None:
    """nbclient, nbconvert and papermill, by one environment variable."""
    environ = {"JUPYTER_DEFAULT_PROVISIONER_NAME": "nbrefine-warm", "NBREFINE_IMPORTS": "wave"}
    done = subprocess.run(
        [sys.executable, "-c", _TOOLS],
        cwd=tmp_path,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.stdout.splitlines() == ["True False"] * 3, done.stderr


def test_a_zygote_that_is_closed_at_once_leaves_nothing(tmp_path: Path) -> None:
    """Whether its process has been started by then or not."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    for delay in (0, 0.001, 0.002, 0.004) * 3:
        zygote = Zygote([str(python)], str(tmp_path), {})
        time.sleep(delay)
        zygote.close()
    left = [each for each in psutil.Process().children() if each.cwd() == str(tmp_path)]
    assert left == []


def test_a_zygote_that_has_imported_more_is_as_good(tmp_path: Path) -> None:
    """What is asked for later may be less, and never more."""
    zygotes = Zygotes()
    try:
        first = zygotes.prepare([sys.executable], str(tmp_path), {}, ("wave", "colorsys"))
        for names in (("colorsys",), ()):
            assert zygotes.has([sys.executable], str(tmp_path), {}, names)
            assert zygotes.prepare([sys.executable], str(tmp_path), {}, names) is first
        assert not zygotes.has([sys.executable], str(tmp_path), {}, ("colorsys", "cmd"))
        assert not zygotes.has([sys.executable], str(tmp_path.parent), {}, ("colorsys",))
        first.close()
        assert first._settled.wait(60)
        assert not zygotes.has([sys.executable], str(tmp_path), {}, ("colorsys",))
    finally:
        zygotes.close()


def test_something_installed_asks_for_another_zygote(tmp_path: Path) -> None:
    """Its kernels would hold what was there before."""
    python = tmp_path / "bin" / "python"
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    python.parent.mkdir()
    python.write_text("#!/bin/sh\nsleep 60\n")
    python.chmod(0o755)
    zygotes = Zygotes()
    try:
        first = zygotes.prepare([str(python)], str(tmp_path), {})
        assert zygotes.prepare([str(python)], str(tmp_path), {"JPY_SESSION_NAME": "x"}) is first
        assert zygotes.prepare([str(python)], str(tmp_path), {"OTHER": "x"}) is not first
        os.utime(site, (1, 1))
        assert zygotes.prepare([str(python)], str(tmp_path), {}) is not first
    finally:
        zygotes.close()
