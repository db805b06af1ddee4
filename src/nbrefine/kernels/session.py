"""A kernel that runs cells one by one and hands over what they show."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from nbrefine.kernels.outputs import OutputCollector
from nbrefine.kernels.warm_process import REFUSED, WarmProcess

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from nbrefine.kernels.connection import Connection

GRACE_SECONDS = 10.0
"""How long an interrupted cell may take to end before its kernel is killed."""
_TICK = 0.5
COLD_KERNEL_NEEDED = "ColdKernelNeeded"
"""Name of the error of a cell that a forked kernel must not run."""


@dataclass(frozen=True)
class CellError:
    """An exception that ended a cell.

    Parameters
    ----------
    ename, evalue
        Class and message of the exception.
    traceback
        Lines as the kernel sent them, with colours.
    """

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True)
class CellRun:
    """What came of running a cell.

    Parameters
    ----------
    outputs
        In the words of nbformat 4.
    error
        What ended the cell early, if something did.
    seconds
        From the request to the end, by the clock.
    execution_count
        The number in the brackets; None if the kernel did not say.
    timed_out
        Whether it was interrupted because it took too long.
    kernel_died
        Whether the kernel is gone; nothing can be run in the session any more.
    """

    outputs: tuple[dict[str, Any], ...]
    error: CellError | None
    seconds: float
    execution_count: int | None
    timed_out: bool = False
    kernel_died: bool = False


class Session:
    """A fresh kernel, from the start of a ``with`` block to its end.

    Parameters
    ----------
    folder
        Working directory of the kernel.
    python
        Interpreter to start it with; this one if neither is given.
    kernel
        Name of an installed kernel, instead of `python`.
    env
        Its whole environment; this process's if not given.
    most_printed
        Characters of printed text that are kept of a cell; all of them if None.
    ahead
        Modules that the kernel finds imported, if it can be forked; None for one that is started
        cold. A forked kernel ends where its notebook does what it cannot do right: then `CellRun`
        has `COLD_KERNEL_NEEDED` as the error's name.
    direct
        Whether a forked kernel may talk over a plain socket, which no other client can join.

    Raises
    ------
    EnvironmentFaultError
        On entering, if the kernel cannot be started.
    """

    def __init__(  # noqa: PLR0913  (what it takes to start a process)
        self,
        folder: Path,
        *,
        python: str | None = None,
        kernel: str | None = None,
        env: Mapping[str, str] | None = None,
        most_printed: int | None = None,
        ahead: Sequence[str] | None = None,
        direct: bool = False,
    ) -> None:
        self._folder, self._ahead, self._direct = folder, ahead, direct
        self._env = os.environ if env is None else env
        if python is not None and os.sep in python:  # the kernel starts in another folder
            python = os.path.abspath(python)  # noqa: PTH100  (resolve() would leave a venv)
        self._python = python or (None if kernel else sys.executable)
        self._kernel = kernel
        self._connection: Connection | None = None
        self._outputs = OutputCollector(most_printed)

    def __enter__(self) -> Self:
        """Start the kernel and wait until it answers."""
        self._connection = self._connect()
        return self

    def _connect(self) -> Connection:
        if self._direct and self._ahead is not None and self._python:
            from nbrefine.kernels.direct_connection import DirectConnection  # noqa: PLC0415
            from nbrefine.kernels.zygote import NoZygoteError  # noqa: PLC0415

            with contextlib.suppress(NoZygoteError):
                return DirectConnection(self._folder, self._env, self._python, self._ahead)
        # Jupyter's libraries take longer to import than a kernel to fork.
        from nbrefine.kernels.jupyter_connection import JupyterConnection  # noqa: PLC0415

        return JupyterConnection(
            self._folder, self._env, python=self._python, kernel=self._kernel, ahead=self._ahead
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Shut the kernel down."""
        self.close()

    @property
    def pid(self) -> int | None:
        """Number of the kernel's process while it lives."""
        process = self._process()
        return None if process is None else process.pid

    def run_cell(
        self,
        source: str,
        *,
        timeout: float | None = None,
        silent: bool = False,
        overtime: Callable[[float], str | None] | None = None,
    ) -> CellRun:
        """Run a cell to its end.

        Parameters
        ----------
        source
            Its text, with magics.
        timeout
            Seconds before it is interrupted, and killed if that does not help; none if None.
        silent
            Whether it leaves no trace: no history, no count, no ``_``.
        overtime
            Asked every half second with the seconds so far, beside `timeout`. If it answers, the
            cell is interrupted, and the answer is the error's message; an empty answer means that
            the cell is not at fault.

        Returns
        -------
        CellRun
            Also when it failed, was interrupted, or the kernel died.
        """
        kernel = self._connection
        if kernel is None:
            raise RuntimeError("The session is not open.")
        start = time.monotonic()
        request = kernel.execute(source, silent=silent)
        self._outputs.begin(request)
        since: float | None = None
        why: str | None = None
        while True:
            elapsed = time.monotonic() - start
            if since is None:
                late = timeout is not None and elapsed > timeout
                why = too_long(elapsed) if late else None if overtime is None else overtime(elapsed)
                if why is not None:
                    since = elapsed
                    self.interrupt()
            elif elapsed > since + GRACE_SECONDS:
                self.kill()
                message = f"{why or 'The kernel did not answer.'} It had to be killed."
                return self._ended(start, CellError("TimeoutError", message))
            try:
                said = kernel.shown(_TICK)
            except queue.Empty:
                if not kernel.is_alive():
                    return self._ended(start, self._death())
                continue
            if self._outputs.take(said):
                break
        return self._reply(kernel, request, start, why)

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""
        if self._connection is not None:
            self._connection.interrupt()

    def kill(self) -> None:
        """End the kernel at once, from any thread; a cell that runs in it ends with an error."""
        process = self._process()
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Shut the kernel down; nothing happens if it is gone already."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _reply(self, kernel: Connection, request: str, start: float, why: str | None) -> CellRun:
        """Take what the kernel says of the request when its outputs have all come."""
        content: dict[str, Any] = {}
        while True:
            try:
                reply = kernel.reply(GRACE_SECONDS)
            except queue.Empty:
                break
            if reply["parent_header"].get("msg_id") == request:
                content = reply["content"]
                break
        error = self._outputs.error
        if error is None and content.get("status") == "error":
            error = content
        found = None
        if error is not None:
            lines = tuple(error.get("traceback", ()))
            found = CellError(str(error.get("ename")), str(error.get("evalue")), lines)
        if why:
            found = CellError("TimeoutError", why, found.traceback if found is not None else ())
        return CellRun(
            outputs=tuple(self._outputs.outputs),
            error=found,
            seconds=time.monotonic() - start,
            execution_count=content.get("execution_count"),
            timed_out=bool(why),
        )

    def _ended(self, start: float, error: CellError) -> CellRun:
        return CellRun(
            outputs=tuple(self._outputs.outputs),
            error=error,
            seconds=time.monotonic() - start,
            execution_count=None,
            timed_out=error.ename == "TimeoutError",
            kernel_died=True,
        )

    def _process(self) -> subprocess.Popen[bytes] | WarmProcess | None:
        return None if self._connection is None else self._connection.process

    def _death(self) -> CellError:
        process = self._process()
        code = None if process is None else process.poll()
        if isinstance(process, WarmProcess) and (code == REFUSED or process.is_orphaned):
            return CellError(COLD_KERNEL_NEEDED, "The notebook needs a kernel of its own.")
        if code is not None and code < 0:
            how = f"by signal {signal.Signals(-code).name}"
            if -code == signal.SIGKILL:
                how += " (the system does that when memory runs out)"
        else:
            how = f"with exit code {code}" if code is not None else "without a word"
        return CellError("DeadKernelError", f"The kernel ended {how}.")


def too_long(seconds: float) -> str:
    """Say why a cell was interrupted."""
    return f"The cell was interrupted because it had run for {seconds:.0f} s."
