"""A kernel that is started, and talked with, as Jupyter does it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import KernelManager

from nbrefine.errors import EnvironmentFaultError, did_you_mean
from nbrefine.kernels.connection import ARGUMENTS, START_SECONDS
from nbrefine.kernels.readiness import wait_until_ready

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nbrefine.kernels.warm_process import WarmProcess


class JupyterConnection:
    """A fresh kernel, with Jupyter's channels.

    Parameters
    ----------
    folder
        Its working directory.
    env
        Its whole environment.
    python
        Interpreter to start it with.
    kernel
        Name of an installed kernel, instead of `python`.
    ahead
        Modules that it finds imported, if it can be forked; None for one that is started cold.

    Raises
    ------
    EnvironmentFaultError
        If it cannot be started.
    """

    def __init__(
        self,
        folder: Path,
        env: Mapping[str, str],
        *,
        python: str | None,
        kernel: str | None,
        ahead: Sequence[str] | None,
    ) -> None:
        self._ends = contextlib.ExitStack()
        private = self._ends.enter_context(tempfile.TemporaryDirectory(prefix="nbrefine-"))
        self._manager = KernelManager(
            kernel_name=kernel or "python3",
            kernel_spec_manager=_OneInterpreter(python) if python else KernelSpecManager(),
            # files instead of ports: of two kernels that start at once, both may be given one port
            transport="tcp" if os.name == "nt" else "ipc",
            connection_file=os.path.join(private, "k.json"),  # noqa: PTH118
        )
        self._ends.callback(self._manager.cleanup_resources)
        self._ends.callback(self._shut_down)
        with tempfile.TemporaryFile() as log:
            try:
                self._start(folder, env, ahead, log)
                self._client = self._manager.blocking_client()
                self._ends.callback(self._client.stop_channels)
                self._client.start_channels()
                wait_until_ready(self._client, START_SECONDS)
            except NoSuchKernel:
                self.close()
                raise _unknown(str(kernel)) from None
            except (RuntimeError, OSError) as error:
                log.seek(0)
                said = log.read().decode(errors="replace")
                self.close()
                raise _not_started(python, kernel, error, said) from None

    def _start(
        self, folder: Path, env: Mapping[str, str], ahead: Sequence[str] | None, log: IO[bytes]
    ) -> None:
        if ahead is not None:
            from nbrefine.kernels.provisioner import WarmProvisioner  # noqa: PLC0415  (seldom)

            self._manager.provisioner = WarmProvisioner(
                kernel_spec=self._manager.kernel_spec,
                parent=self._manager,
                names=[*ahead],
                exits=True,
            )
        self._manager.start_kernel(
            cwd=str(folder),
            env=dict(env),
            stderr=log,
            extra_arguments=[*ARGUMENTS],
        )

    @property
    def process(self) -> subprocess.Popen[bytes] | WarmProcess | None:
        """The kernel's process; None when it is gone, or not ours."""
        return getattr(self._manager.provisioner, "process", None)

    def execute(self, source: str, *, silent: bool) -> str:
        """Ask the kernel to run a cell, and return the number of the request."""
        request: str = self._client.execute(
            source, silent=silent, store_history=not silent, allow_stdin=False, stop_on_error=False
        )
        return request

    def shown(self, seconds: float) -> dict[str, Any]:
        """Wait for the next message of those that all clients get."""
        return self._client.get_iopub_msg(timeout=seconds)

    def reply(self, seconds: float) -> dict[str, Any]:
        """Wait for the next answer to a request."""
        return self._client.get_shell_msg(timeout=seconds)

    def is_alive(self) -> bool:
        """Whether the kernel still runs."""
        return self._client.is_alive()

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""
        self._manager.interrupt_kernel()

    def close(self) -> None:
        """Shut the kernel down; nothing happens if it is gone already."""
        self._ends.close()

    def _shut_down(self) -> None:
        if self._manager.has_kernel:
            with contextlib.suppress(RuntimeError, OSError):
                self._manager.shutdown_kernel(now=True)


def _unknown(kernel: str) -> EnvironmentFaultError:
    known = KernelSpecManager().find_kernel_specs()
    return EnvironmentFaultError(
        f"No kernel is installed under the name {kernel!r}.", hint=did_you_mean(kernel, known)
    )


def _not_started(
    python: str | None, kernel: str | None, error: Exception, said: str
) -> EnvironmentFaultError:
    who = python or f"kernel {kernel!r}"
    if "No module named ipykernel" in said:
        return EnvironmentFaultError(
            f"{who} has no ipykernel, so notebooks cannot run in it.",
            hint=f"Install it: {who} -m pip install ipykernel",
        )
    last = said.strip().splitlines()[-1:] or [str(error)]
    return EnvironmentFaultError(
        f"No kernel could be started with {who}: {last[0]}",
        hint=f"Try it by hand: {python or sys.executable} -m ipykernel_launcher --version",
    )


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
