"""Lets Jupyter's tools fork their kernels from a zygote, and start them cold where that fails.

``JUPYTER_DEFAULT_PROVISIONER_NAME=nbrefine-warm`` lets nbclient, papermill, nbval, nbconvert and
JupyterLab do so for all kernels; a kernel's specification may name it too, under
``metadata.kernel_provisioner``.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, List, Unicode

from nbrefine.kernels.warm_process import REFUSED, WarmProcess
from nbrefine.kernels.zygote import NoZygoteError
from nbrefine.kernels.zygotes import ZYGOTES, interpreter_of

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPORTS_VARIABLE = "NBREFINE_IMPORTS"
"""An environment variable that names the modules to import ahead of time."""
_KNOWN_ARGUMENTS = frozenset({"cwd", "env", "stdin", "stdout", "stderr", "independent"})
_FIRST_LOOK, _LAST_LOOK = 0.002, 0.1
_ENDS_WITHIN = 5.0
_log = logging.getLogger(__name__)


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel, or starts it as Jupyter does."""

    process: Any = None
    forked: WarmProcess | None = None
    """The process of its kernel, if it was forked; also when it has ended."""
    names = List(Unicode(), help="Modules that are imported ahead of time.").tag(config=True)
    exits = Bool(False, help="Whether a kernel ends where its notebook needs a cold one.").tag(  # noqa: FBT003
        config=True
    )

    @property
    def is_warm(self) -> bool:
        """Whether its kernel was forked."""
        return isinstance(self.process, WarmProcess)

    @property
    def has_refused(self) -> bool:
        """Whether its kernel has ended because the notebook needs a cold one, or is lost."""
        forked = self.forked
        return forked is not None and (forked.poll() == REFUSED or forked.is_orphaned)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:  # noqa: ANN401
        """Start a kernel.

        Parameters
        ----------
        cmd
            How it is started cold.
        **kwargs
            As for ``subprocess.Popen``.

        Returns
        -------
        dict
            How to connect to it.
        """
        wanted = self._scrub_kwargs(kwargs)
        loop = asyncio.get_running_loop()
        try:
            # It may have to wait for imports, and a server has other kernels to look after.
            process = await loop.run_in_executor(None, partial(self._fork, cmd, wanted))
        except (NoZygoteError, OSError) as error:
            _log.info("The kernel is started cold: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = self.forked = process
        self.pid = self.pgid = process.pid
        self.cwd = wanted.get("cwd") or Path.cwd()
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel and to the processes that it has started."""
        if not isinstance(self.process, WarmProcess):
            await super().send_signal(signum)
            return
        try:
            self.process.send_signal_to_all(signum)
        except ProcessLookupError:
            if signum != signal.SIGKILL:
                raise

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002  (Jupyter's)
        """End the kernel; it is gone then, where Jupyter would look again in 0.1 s."""
        await super().kill(restart=restart)
        if isinstance(self.process, WarmProcess):
            with contextlib.suppress(TimeoutError):  # Jupyter does not wait for ever either
                await asyncio.wait_for(self.wait(), _ENDS_WITHIN)

    async def wait(self) -> int | None:
        """Wait for the kernel's end, looking more often at first: most end at once."""
        process = self.process  # who else ends the kernel lets go of it
        if not isinstance(process, WarmProcess):
            return await super().wait()
        pause = _FIRST_LOOK
        while (code := process.poll()) is None:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK)
        self.process = None
        return code

    def _fork(self, command: list[str], wanted: dict[str, Any]) -> WarmProcess:
        if wanted.get("independent") or not _KNOWN_ARGUMENTS.issuperset(wanted):
            raise NoZygoteError("It is started in a way of its own.")
        environ = wanted.get("env") or dict(os.environ)
        said = environ.get(IMPORTS_VARIABLE, "")
        names = [*self.names, *filter(None, re.split(r"[\s,]+", said))]
        folder = os.fspath(wanted.get("cwd") or Path.cwd())
        zygote = ZYGOTES.prepare(interpreter_of(command), folder, environ, names)
        opened = list(_opened(wanted))
        try:
            streams = [number for number, _ in opened]
            return zygote.fork(command, environ, streams, exits=self.exits)
        finally:
            for number, is_ours in opened:
                if is_ours:
                    os.close(number)


def _opened(wanted: dict[str, Any]) -> Iterator[tuple[int, bool]]:
    """Give the file descriptors of a kernel's streams, and whether they are to be closed here."""
    if wanted.get("stdin") is None:
        # As Jupyter does it: there is nothing to be read.
        reading, writing = os.pipe()
        os.close(writing)
        yield reading, True
    else:
        yield _number(wanted["stdin"]), False
    for number, name in ((1, "stdout"), (2, "stderr")):
        yield (number if wanted.get(name) is None else _number(wanted[name])), False


def _number(stream: Any) -> int:  # noqa: ANN401
    if isinstance(stream, int) and stream < 0:
        raise NoZygoteError("Its streams are pipes, or nowhere.")
    return stream if isinstance(stream, int) else int(stream.fileno())
