"""What stands for a kernel's shell and streams while libraries are imported before there is one.

Libraries ask whether they run in a notebook: that they are told. Who wants more is blamed.
"""

from __future__ import annotations

from typing import Any, Callable


def shell_stand_in(shell: Any, blame: Callable[[str], None]) -> Any:
    """Return what looks like a kernel's shell from afar.

    Parameters
    ----------
    shell
        The class of a kernel's shells.
    blame
        Called with the reason where more is asked for.
    """

    def more(_: Any, name: str) -> Any:
        blame(f"it asks for {name!r} of IPython's shell")
        raise AttributeError(name)

    def call(*_: Any) -> Any:
        blame("it works with the kernel")
        raise RuntimeError("There is no kernel yet.")

    inside = {"__getattr__": more, "__call__": call, "__slots__": ()}
    kernel = type("IPythonKernel", (), dict(inside))()
    whole = {
        **inside,
        "__class__": property(lambda _: shell),
        "config": {"IPKernelApp": {}},
        "kernel": kernel,
    }
    return type(shell.__name__, (), whole)()


class StandInStream:
    """Stands for a standard stream; some libraries keep what they find, to log to it.

    Parameters
    ----------
    stream
        Where to what is written goes.
    """

    encoding, errors = "UTF-8", "strict"

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.blame: Callable[[str], None] = lambda _: None

    def become(self, stream: Any) -> None:
        """Stand for the stream of a kernel from now on, and do all that it does."""
        self._stream, self.blame = stream, lambda _: None

    def write(self, text: str) -> int:
        """Write to the stream."""
        self.blame("it prints")
        return int(self._stream.write(text))

    def isatty(self) -> bool:
        """Return whether it is a terminal; a kernel's is none."""
        return False

    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        """Return anything else of the stream."""
        self.blame(f"it asks for {name!r} of a standard stream")
        return getattr(self._stream, name)
