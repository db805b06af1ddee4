"""A kernel counts as ready when it answers on both channels, and not before."""

from __future__ import annotations

import queue
from typing import Any

import pytest

from nbrefine.kernels.readiness import wait_until_ready


class Client:
    """A client of a kernel; what it says is the number of the question that it belongs to."""

    def __init__(self, answers: list[int], outputs: list[int], *, alive: bool = True) -> None:
        self.asked, self._alive = 0, alive
        self._answers, self._outputs = answers, outputs

    def kernel_info(self) -> str:
        self.asked += 1
        return str(self.asked)

    def is_alive(self) -> bool:
        return self._alive

    def get_shell_msg(self, timeout: float) -> dict[str, Any]:
        return self._said(self._answers, timeout)

    def get_iopub_msg(self, timeout: float) -> dict[str, Any]:
        return self._said(self._outputs, timeout)

    def _said(self, channel: list[int], timeout: float) -> dict[str, Any]:
        assert timeout > 0
        if not channel or channel[0] > self.asked:
            raise queue.Empty
        return {"parent_header": {"msg_id": str(channel.pop(0))}}


def test_it_is_asked_again_until_its_outputs_are_heard() -> None:
    """The first answer came before the channel of the outputs was connected."""
    client = Client([1, 2], [0, 2])
    wait_until_ready(client, 60)  # type: ignore[arg-type]
    assert client.asked == 2


def test_what_was_asked_before_is_no_answer() -> None:
    """Late answers to other questions are passed over."""
    client = Client([0, 0, 1], [0, 1])
    wait_until_ready(client, 60)  # type: ignore[arg-type]
    assert client.asked == 1


@pytest.mark.parametrize(
    ("alive", "seconds", "said"), [(False, 60, "ended before"), (True, 0, "within 0 s")]
)
def test_one_that_does_not_answer_is_told(*, alive: bool, seconds: float, said: str) -> None:
    """Because it is gone, or because it takes too long."""
    with pytest.raises(RuntimeError, match=said):
        wait_until_ready(Client([], [], alive=alive), seconds)  # type: ignore[arg-type]
