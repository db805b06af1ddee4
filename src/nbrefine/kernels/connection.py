"""How a notebook's runner talks with its kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import subprocess

    from nbrefine.kernels.warm_process import WarmProcess

START_SECONDS = 120.0
"""How long a kernel may take until it answers."""
ARGUMENTS = ("--HistoryManager.hist_file=:memory:",)
"""What each kernel is started with: the user's own history is none of our business."""


class Connection(Protocol):
    """A kernel that runs, and what is said with it, in the words of Jupyter's messages."""

    @property
    def process(self) -> subprocess.Popen[bytes] | WarmProcess | None:
        """The kernel's process; None when it is gone, or not ours."""

    def execute(self, source: str, *, silent: bool) -> str:
        """Ask it to run a cell.

        Parameters
        ----------
        source
            Its text.
        silent
            Whether it leaves no trace: no history, no count, no ``_``.

        Returns
        -------
        str
            The number of the request.
        """

    def shown(self, seconds: float) -> dict[str, Any]:
        """Wait for the next message of those that all clients get.

        Raises
        ------
        queue.Empty
            If none comes in time.
        """

    def reply(self, seconds: float) -> dict[str, Any]:
        """Wait for the next answer to a request.

        Raises
        ------
        queue.Empty
            If none comes in time.
        """

    def is_alive(self) -> bool:
        """Whether the kernel still runs."""

    def interrupt(self) -> None:
        """Interrupt what runs, as the stop button does."""

    def close(self) -> None:
        """End the kernel; nothing happens if it is gone already."""
