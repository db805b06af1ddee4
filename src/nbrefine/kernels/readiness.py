"""Waits until a kernel answers on all channels, and not a moment longer."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

# The first question may be heard before the channel of the outputs is connected: it is asked again.
_ANSWERS_WITHIN = 1.0
_HEARD_WITHIN = 0.2


def wait_until_ready(client: BlockingKernelClient, seconds: float) -> None:
    """Wait until a kernel answers.

    Jupyter's own ``wait_for_ready`` ends with 0.2 s of silence, so that no earlier message is
    taken for a cell's. Who looks at which request a message belongs to needs none. Kernels speak
    version 5 of the protocol, as all since 2015 do.

    Parameters
    ----------
    client
        Its channels are started.
    seconds
        How long it may take.

    Raises
    ------
    RuntimeError
        If the kernel ends before, or does not answer in time.
    """
    end = time.monotonic() + seconds
    while not _answers(client, client.kernel_info()):
        if not client.is_alive():
            raise RuntimeError("The kernel ended before it answered.")
        if time.monotonic() > end:
            raise RuntimeError(f"The kernel did not answer within {seconds:.0f} s.")


def _answers(client: BlockingKernelClient, request: str) -> bool:
    """Tell whether a request is answered, and its outputs can be heard."""
    try:
        for listen, within in (
            (client.get_shell_msg, _ANSWERS_WITHIN),
            (client.get_iopub_msg, _HEARD_WITHIN),
        ):
            until = time.monotonic() + within
            while listen(timeout=within)["parent_header"].get("msg_id") != request:
                if time.monotonic() > until:  # of a kernel that prints on and on
                    return False
    except queue.Empty:
        return False
    return True
