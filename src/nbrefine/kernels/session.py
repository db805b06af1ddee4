"""A kernel that runs cells one by one and hands over what they show."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Self

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager

from nbrefine.errors import EnvironmentFaultError, did_you_mean
from nbrefine.kernels.outputs import OutputCollector
from nbrefine.kernels.readiness import wait_until_ready
from nbrefine.kernels.warm_process import REFUSED, WarmProcess

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from jupyter_client.blocking.client import BlockingKernelClient

START_SECONDS = 120.0
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
    ) -> None:
        self._folder, self._env, self._ahead = folder, env, ahead
        if python is not None and os.sep in python:  # the kernel starts in another folder
            python = os.path.abspath(python)  # noqa: PTH100  (resolve() would leave a venv)
        self._python = python or (None if kernel else sys.executable)
        self._kernel = kernel
        self._manager: KernelManager | None = None
        self._client: BlockingKernelClient | None = None
        self._private: tempfile.TemporaryDirectory[str] | None = None
        self._outputs = OutputCollector(most_printed)

    def __enter__(self) -> Self:
        """Start the kernel and wait until it answers."""
        with tempfile.TemporaryFile() as log:
            try:
                self._start(log)
            except NoSuchKernel:
                self.close()
                raise self._unknown_kernel() from None
            except (RuntimeError, OSError) as error:
                log.seek(0)
                said = log.read().decode(errors="replace")
                self.close()
                raise self._not_started(error, said) from None
        return self

    def _start(self, log: IO[bytes]) -> None:
        specs = _OneInterpreter(self._python) if self._python else KernelSpecManager()
        self._private = tempfile.TemporaryDirectory(prefix="nbrefine-")
        self._manager = KernelManager(
            kernel_name=self._kernel or "python3",
            kernel_spec_manager=specs,
            # files instead of ports: of two kernels that start at once, both may be given one port
            transport="tcp" if os.name == "nt" else "ipc",
            connection_file=os.path.join(self._private.name, "k.json"),  # noqa: PTH118
        )
        if self._ahead is not None:
            from nbrefine.kernels.provisioner import WarmProvisioner  # noqa: PLC0415  (seldom)

            self._manager.provisioner = WarmProvisioner(
                kernel_spec=self._manager.kernel_spec,
                parent=self._manager,
                names=[*self._ahead],
                exits=True,
            )
        self._manager.start_kernel(
            cwd=str(self._folder),
            env=dict(os.environ if self._env is None else self._env),
            stderr=log,
            # the user's own history is none of our business
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        wait_until_ready(self._client, START_SECONDS)

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
        client = self._ready_client()
        start = time.monotonic()
        request = client.execute(
            source, silent=silent, store_history=not silent, allow_stdin=False, stop_on_error=False
        )
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
                said = client.get_iopub_msg(timeout=_TICK)
            except queue.Empty:
                if not client.is_alive():
                    return self._ended(start, self._death())
                continue
            if self._outputs.take(said):
                break
        return self._reply(client, request, start, why)

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""
        if self._manager is not None:
            self._manager.interrupt_kernel()

    def kill(self) -> None:
        """End the kernel at once, from any thread; a cell that runs in it ends with an error."""
        process = self._process()
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Shut the kernel down; nothing happens if it is gone already."""
        if self._client is not None:
            self._client.stop_channels()
        if self._manager is not None and self._manager.has_kernel:
            with contextlib.suppress(RuntimeError, OSError):
                self._manager.shutdown_kernel(now=True)
        if self._manager is not None:
            self._manager.cleanup_resources()
        self._client = self._manager = None
        if self._private is not None:
            self._private.cleanup()

    def _reply(
        self, client: BlockingKernelClient, request: str, start: float, why: str | None
    ) -> CellRun:
        """Take what the kernel says of the request when its outputs have all come."""
        content: dict[str, Any] = {}
        while True:
            try:
                reply = client.get_shell_msg(timeout=GRACE_SECONDS)
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

    def _ready_client(self) -> BlockingKernelClient:
        if self._client is None:
            raise RuntimeError("The session is not open.")
        return self._client

    def _process(self) -> subprocess.Popen[bytes] | WarmProcess | None:
        provisioner = None if self._manager is None else self._manager.provisioner
        return getattr(provisioner, "process", None)

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

    def _unknown_kernel(self) -> EnvironmentFaultError:
        known = KernelSpecManager().find_kernel_specs()
        return EnvironmentFaultError(
            f"No kernel is installed under the name {self._kernel!r}.",
            hint=did_you_mean(str(self._kernel), known),
        )

    def _not_started(self, error: Exception, said: str) -> EnvironmentFaultError:
        who = self._python or f"kernel {self._kernel!r}"
        if "No module named ipykernel" in said:
            return EnvironmentFaultError(
                f"{who} has no ipykernel, so notebooks cannot run in it.",
                hint=f"Install it: {who} -m pip install ipykernel",
            )
        last = said.strip().splitlines()[-1:] or [str(error)]
        python = self._python or sys.executable
        return EnvironmentFaultError(
            f"No kernel could be started with {who}: {last[0]}",
            hint=f"Try it by hand: {python} -m ipykernel_launcher --version",
        )


def too_long(seconds: float) -> str:
    """Say why a cell was interrupted."""
    return f"The cell was interrupted because it had run for {seconds:.0f} s."


class _OneInterpreter(KernelSpecManager):
    """Knows one kernel: an interpreter given by its path."""

    def __init__(self, python: str) -> None:
        super().__init__()
        self._python = python

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return how to start the interpreter as a kernel."""
        return KernelSpec(
            argv=[self._python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name=kernel_name,
            language="python",
        )
