"""From a messy notebook to a proved, tested and reproducible pipeline, without leaving Jupyter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__version__ = "0.1.0"


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Register the magics: IPython calls this on ``%load_ext nbrefine``."""
    from nbrefine.lab import magics  # noqa: PLC0415  (IPython is there only inside a kernel)

    magics.load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Take the magics back: IPython calls this on ``%unload_ext nbrefine``."""
    from nbrefine.lab import magics  # noqa: PLC0415  (as above)

    magics.unload(ipython)
