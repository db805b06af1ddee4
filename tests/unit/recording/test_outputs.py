from __future__ import annotations

import pytest

from nbrefine.kernels.outputs import OutputCollector


class Kernel:
    """Sends messages to a collector."""

    def __init__(self) -> None:
        self.collector = OutputCollector()
        self.collector.begin("r")

    def say(self, kind: str, parent: str = "r", **content: object) -> bool:
        message = {"parent_header": {"msg_id": parent}, "msg_type": kind, "content": content}
        return self.collector.take(message)

    def show(self, text: str, identifier: str | None = None, kind: str = "display_data") -> None:
        transient = {"display_id": identifier} if identifier else {}
        self.say(kind, data={"text/plain": text}, metadata={}, transient=transient)

    @property
    def texts(self) -> list[str]:
        outputs = self.collector.outputs
        return [out.get("text") or out["data"]["text/plain"] for out in outputs]


@pytest.fixture
def kernel() -> Kernel:
    return Kernel()


def test_streams_flow_together_and_apart(kernel: Kernel) -> None:
    """Prints of one stream in a row are one output, as JupyterLab shows them."""
    for name, text in (("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("stdout", "d")):
        kernel.say("stream", name=name, text=text)
    assert kernel.texts == ["ab", "c", "d"]


def test_other_requests_are_not_ours(kernel: Kernel) -> None:
    """A thread of an earlier cell that prints late does not print into this one."""
    kernel.say("stream", parent="earlier", name="stdout", text="late")
    assert not kernel.say("status", parent="earlier", execution_state="idle")
    assert kernel.texts == []
    assert kernel.say("status", execution_state="idle")


def test_clearing(kernel: Kernel) -> None:
    """Outputs are cleared at once, or when the next one comes."""
    kernel.show("a")
    kernel.say("clear_output", wait=False)
    assert kernel.texts == []
    kernel.show("b")
    kernel.say("clear_output", wait=True)
    assert kernel.texts == ["b"]
    kernel.say("stream", name="stdout", text="c")
    assert kernel.texts == ["c"]


def test_a_display_is_updated_where_it_was_shown(kernel: Kernel) -> None:
    """Also when it was shown by an earlier cell."""
    kernel.show("old", "d1")
    earlier = tuple(kernel.collector.outputs)
    kernel.collector.begin("r")
    kernel.show("new", "d1", "update_display_data")
    kernel.show("nobody's", "d2", "update_display_data")
    assert earlier[0]["data"] == {"text/plain": "new"}
    assert kernel.texts == []


def test_what_goes_into_an_output_widget_is_not_the_cells(kernel: Kernel) -> None:
    """While an output widget captures, its cell shows nothing."""
    kernel.say("comm_open", comm_id="w", data={"state": {"_model_name": "OutputModel"}})
    kernel.say("comm_msg", comm_id="w", data={"state": {"msg_id": "r"}})
    kernel.say("stream", name="stdout", text="captured")
    kernel.say("comm_msg", comm_id="w", data={"state": {"msg_id": ""}})
    kernel.say("stream", name="stdout", text="shown")
    assert kernel.texts == ["shown"]


def test_results_and_errors_keep_what_nbformat_keeps(kernel: Kernel) -> None:
    """A result has its count; an error its three parts; nothing transient is kept."""
    kernel.say("execute_result", data={"text/plain": "1"}, metadata={}, execution_count=4)
    kernel.say("error", ename="E", evalue="v", traceback=["t"], status="error")
    assert kernel.collector.outputs == [
        {
            "output_type": "execute_result",
            "data": {"text/plain": "1"},
            "metadata": {},
            "execution_count": 4,
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
    ]
