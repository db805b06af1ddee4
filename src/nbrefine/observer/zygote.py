"""A process that has imported what notebooks import, and becomes a kernel for each by forking.

It imports and never computes: then no thread holds anything that a fork would leave locked. What
it has imported is out of sight in its kernels until their notebooks ask for it (`Hidden`). It ends
when the other end of its socket is closed, with all its kernels.

A message (`framing`) is a JSON object. ``{"fork": ...}`` comes with three file descriptors, the
kernel's standard streams, and with a fourth, a socket, for one that is to talk over it
(`direct_kernel`) rather than as Jupyter's kernels do.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
import warnings
from collections import deque
from typing import TYPE_CHECKING, Any, Callable

from .effects import Effects
from .framing import Unframed, framed
from .hidden import Hidden
from .preload import Preload, can_follow

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a kernel imports before its first cell.
_KERNEL = (
    "ipykernel.kernelapp", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "tornado.platform.asyncio", "tornado.queues", "sqlite3",
    "encodings.idna", "encodings.ascii", "encodings.latin_1", "faulthandler", "gzip", "mimetypes",
    "pdb", "runpy",
)  # fmt: skip
# What it may import later.
_LATER = ("psutil", "pwd", "resource")
# What is imported for this module and its neighbours, and for no kernel.
_OWN = ("gc",)
_STREAMS = 3
_TRIAL_SECONDS = 10.0
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
_REFUSED = 86


class Zygote:
    """The process, from its imports to its end.

    Parameters
    ----------
    connection
        To the process that asks for kernels.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._preload = Preload()
        self._kernels: set[int] = set()
        self._unframed, self._came = Unframed(), deque[bytes]()
        self._streams: list[int] = []
        self._effects = Effects(self._preload)
        self._path: list[str] = []
        self._direct: Any = None
        self._started = dict(os.environ)
        self._kernel_environ: dict[str, str] = {}
        self._environ: dict[str, str] = {}

    @property
    def has_direct_kernels(self) -> bool:
        """Whether its kernels can talk over a socket; those of another ipykernel cannot."""
        return self._direct is not None

    def prepare(self, names: list[str]) -> dict[str, str]:
        """Import a kernel's modules, then those that are asked for.

        Returns
        -------
        dict
            Why modules cannot be loaded ahead of time, by name; then this process is of no use.
        """
        for name in _KERNEL:
            with contextlib.suppress(ImportError):
                __import__(name)
        with contextlib.suppress(ImportError):
            from .direct_kernel import DirectKernelApp  # noqa: PLC0415  (its modules are a kernel's)

            self._direct = DirectKernelApp
        self._path = list(sys.path)
        self._kernel_environ = dict(os.environ.items() - self._started.items())
        unfit = self._import([*_LATER, *names])
        # Once frozen nothing is collected: what imports have left behind would stay for ever.
        gc.collect()
        gc.freeze()
        return unfit

    def add(self, names: list[str]) -> None:
        """Import more modules, if other processes that try it first find nothing against it."""
        fit = [name for name in names if name not in sys.modules]
        if not fit:
            return
        left_out: dict[str, str] = {}
        # What one brings along is seen as its doing; without it, it may be another's.
        while fit and (unfit := self._tried(fit)):
            left_out.update(unfit)
            fit = [name for name in fit if name not in unfit]
        if self._import(fit):
            self.send({"useless": "an import does not do the same each time"})
        gc.freeze()
        self.send({"left out": left_out, "added": fit})

    def _tried(self, names: list[str]) -> dict[str, str]:
        """Import modules in another process, and return those that are unfit."""
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                os.write(tell, json.dumps(self._import(names)).encode() + b"\n")
            os._exit(0)
        os.close(tell)
        with os.fdopen(told, "rb") as file:
            said = file.read()
        os.waitpid(pid, 0)
        ends = dict.fromkeys(names, "its import ends the process")
        return json.loads(said) if said else ends

    def _import(self, names: list[str]) -> dict[str, str]:
        """Import modules as they would be imported in a kernel; return those that are unfit."""
        preload, plain = self._preload, dict(os.environ)
        shell: Any = sys.modules["ipykernel.zmqshell"]
        # As a kernel has it when its first cell runs.
        shell.ZMQInteractiveShell.init_environment(None)
        if not os.environ.get("MPLBACKEND"):
            os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        self._environ = dict(os.environ)
        self._effects.start(shell.ZMQInteractiveShell)
        for name in preload.importing(names, self._effects.look):
            self._effects.after(name)
        self._effects.finish()
        os.environ.clear()
        os.environ.update(plain)
        unfit = preload.unfit
        if not unfit:  # a closure is as large as a library, and there is one for each name
            return {}
        return {
            name: unfit[found[0]]
            for name in names
            if (found := [each for each in (name, *sorted(preload.closure(name))) if each in unfit])
        }

    def serve(self) -> None:
        """Fork kernels, and tell when they end, until the other side is gone."""
        told, tell = os.pipe()
        for end in (told, tell):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        watched: list[Any] = [self._socket, told]
        while True:
            ready, _, _ = select.select(watched, [], [])
            if told in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(told, 4096)
                self._tell_of_the_dead()
            if self._socket in ready:
                if not self._read():
                    break
                for message in self._messages():
                    if "reap" in message:
                        self._reap(message["reap"])
                    elif "import" in message:
                        _end_with_parent()
                        self.add(message["import"])
                        _end_with_parent(is_so=False)
                    else:
                        self._fork(message["fork"], (told, tell))
        for pid in self._kernels:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)

    def trial(self) -> bool:
        """Fork once, and see whether threads and libraries work in what is forked."""
        told, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                _use_what_is_loaded()
                os.write(tell, b"!")
            os._exit(0)
        os.close(tell)
        ready, _, _ = select.select([told], [], [], _TRIAL_SECONDS)
        works = bool(ready) and os.read(told, 1) == b"!"
        os.close(told)
        if not works:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return works

    def send(self, message: dict[str, Any]) -> None:
        """Send a message."""
        data = json.dumps(message).encode()
        with contextlib.suppress(OSError):  # nobody is there to hear it
            self._socket.sendall(framed(data))

    def receive(self) -> dict[str, Any]:
        """Wait for a message.

        Raises
        ------
        EOFError
            If there will be none.
        """
        while True:
            for message in self._messages():
                return message
            if not self._read():
                raise EOFError

    def _read(self) -> bool:
        """Read what has come; false if nothing will come any more."""
        room = socket.CMSG_SPACE(8 * _STREAMS * array.array("i").itemsize)
        data, extra, _, _ = self._socket.recvmsg(1 << 16, room)
        for level, kind, content in extra:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._streams.extend(array.array("i", content))
        self._came.extend(self._unframed.take(data))
        return bool(data)

    def _messages(self) -> Iterator[dict[str, Any]]:
        while self._came:
            yield json.loads(self._came.popleft())

    def _fork(self, wanted: dict[str, Any], ends: tuple[int, int]) -> None:
        streams = [self._streams.pop(0) for _ in range(_STREAMS + wanted["direct"])]
        zygote = os.getpid()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # threads of native libraries
                pid = os.fork()
        except OSError as error:
            pid = -1
            self.send({"failed": str(error), "for": wanted["number"]})
        if pid == 0:
            for end in (*ends, self._socket.fileno()):
                os.close(end)
            self._become_a_kernel(wanted, streams, zygote)
        for stream in streams:
            os.close(stream)
        if pid > 0:
            self._kernels.add(pid)
            self.send({"forked": pid, "for": wanted["number"]})

    def _become_a_kernel(self, wanted: dict[str, Any], ends: list[int], zygote: int) -> None:
        """Go on as a process that was started for one notebook; does not return."""
        _end_with_parent()
        if os.getppid() != zygote:
            os._exit(1)
        os.setsid()
        for number, stream in enumerate(ends[:_STREAMS]):
            os.dup2(stream, number)
            os.close(stream)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _forget_what_was_random()
        environ = {**wanted["environ"], **self._kernel_environ, "JPY_PARENT_PID": str(zygote)}
        os.environ.clear()
        os.environ.update(environ)
        launcher = os.path.dirname(os.path.dirname(sys.modules["ipykernel"].__file__ or ""))
        sys.argv = [os.path.join(launcher, "ipykernel_launcher.py"), *wanted["arguments"]]
        sys.orig_argv = wanted["command"]
        sys.path[:] = self._path
        gc.enable()
        streams = self._effects.streams
        hidden = Hidden(self._preload, streams, _exit if wanted["exits"] else _raise)
        hidden.hide()
        private = __package__
        for name in [each for each in sys.modules if f"{each}.".startswith(f"{private}.")]:
            del sys.modules[name]
        for name in _OWN:
            del sys.modules[name]
        code = 1
        try:
            app = self._application(zygote, ends[_STREAMS:])
            app.initialize(None)
            # What differs from the start belongs to this kernel alone, such as its session's name.
            own = dict(environ.items() - self._started.items())
            _before_first_cell(app.shell, lambda: hidden.begin({**self._environ, **own}))
            app.start()
            code = 0
        except SystemExit as exit_:
            code = exit_.code if isinstance(exit_.code, int) else bool(exit_.code)
        except BaseException:  # as an interpreter ends
            sys.excepthook(*sys.exc_info())
        _leave(code)

    def _application(self, zygote: int, connection: list[int]) -> Any:
        if connection:
            os.set_inheritable(connection[0], False)  # noqa: FBT003
            client = socket.socket(fileno=connection[0])
            return self._direct.instance(client, parent_handle=zygote)
        kernel: Any = sys.modules["ipykernel.kernelapp"]
        return kernel.IPKernelApp.instance(parent_handle=zygote)

    def _tell_of_the_dead(self) -> None:
        for pid in self._kernels:
            found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                exited = found.si_code == os.CLD_EXITED
                self.send({"ended": pid, "code": found.si_status if exited else -found.si_status})

    def _reap(self, pid: int) -> None:
        """Let go of a kernel's number, now that nobody will signal it any more."""
        if pid in self._kernels:
            self._kernels.discard(pid)
            with contextlib.suppress(OSError):  # what its notebook has started ends with it
                os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


class ColdKernelNeededError(BaseException):
    """A library that is loaded already would be another one if it were loaded now."""


def _raise(why: str) -> None:
    raise ColdKernelNeededError(f"{why} This notebook needs a kernel that is started cold.")


def _exit(_: str) -> None:
    os._exit(_REFUSED)


def _before_first_cell(shell: Any, call: Callable[[], None]) -> None:
    """Call something when the first cell is about to run, and leave no trace."""

    def once() -> None:
        shell.events.unregister("pre_execute", once)
        call()

    shell.events.register("pre_execute", once)


def _leave(code: int) -> None:
    """End as an interpreter does."""
    import atexit  # noqa: PLC0415  (the user's own atexit is not looked at before)
    import threading  # noqa: PLC0415

    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        sys.stdout.flush()
    os._exit(code)


def _end_with_parent(*, is_so: bool = True) -> None:
    """Let the system end this process with the one that started it, where it can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL if is_so else 0)


def _forget_what_was_random() -> None:
    """Draw new seeds, as a new process does."""
    import random  # noqa: PLC0415

    random.seed()
    numpy: Any = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()


def _use_what_is_loaded() -> None:
    """Do a little of what hangs after a fork that came too late."""
    import threading  # noqa: PLC0415

    thread = threading.Thread(target=time.sleep, args=(0,))
    thread.start()
    thread.join()
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        square = numpy.ones((128, 128))
        square @ square
    pyarrow: Any = sys.modules.get("pyarrow.compute")
    if pyarrow is not None:
        pyarrow.sum([1, 2])


def main(number: int, parent: int) -> None:
    """Serve kernels over a socket, whose first message says what to import.

    Parameters
    ----------
    number
        Of the socket's file descriptor.
    parent
        The process that starts this one, by a thread that stays.
    """
    # While it imports, it does not see that the other end is closed.
    _end_with_parent()
    if os.getppid() != parent:
        return
    zygote = Zygote(socket.socket(fileno=number))
    with contextlib.suppress(EOFError):
        gc.disable()
        names = zygote.receive()["import"]
        if not can_follow():
            zygote.send({"useless": "this Python loads modules in a way of its own"})
        elif unfit := zygote.prepare(names):
            zygote.send({"unfit": unfit})
        elif not zygote.trial():
            zygote.send({"useless": "what it has imported does not work when it is forked"})
        else:
            zygote.send({"ready": os.getpid(), "direct": zygote.has_direct_kernels})
            # From now on it sees that, and takes along what notebooks have started.
            _end_with_parent(is_so=False)
            zygote.serve()
