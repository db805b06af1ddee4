"""Turns a kernel's messages into the outputs of a cell, as JupyterLab would show them."""

from __future__ import annotations

from typing import Any

Message = dict[str, Any]

_DISPLAYS = frozenset({"display_data", "execute_result", "update_display_data"})


class Cap:
    """Cuts text off where a request prints more than is kept.

    Parameters
    ----------
    most
        Characters that are kept of a request; all of them if None.
    """

    def __init__(self, most: int | None) -> None:
        self._most, self._printed = most, 0

    def begin(self) -> None:
        """Start with another request."""
        self._printed = 0

    def cut(self, text: str) -> str:
        """Return what is kept of the next text, with a note where more comes."""
        if self._most is None or not text:
            return text
        room = self._most - self._printed
        self._printed += len(text)
        if len(text) <= room:
            return text
        note = f"\n[nbrefine: only the first {self._most:,} characters of this output are kept]\n"
        return text[:room] + note if room >= 0 else ""


class OutputCollector:
    """Collects the outputs of one request after another.

    A display that is updated later is updated in the outputs that were handed out, as in
    JupyterLab.

    Parameters
    ----------
    most
        Characters of printed text that are kept of a request, with a note where more came; all of
        them if None.
    """

    def __init__(self, most: int | None = None) -> None:
        self._cap = Cap(most)
        self.outputs: list[dict[str, Any]] = []
        self.error: dict[str, Any] | None = None
        self._request = ""
        self._clear_next = False
        self._displays: dict[str, list[dict[str, Any]]] = {}
        self._capturing: set[str] = set()
        self._output_widgets: set[str] = set()

    def begin(self, request: str) -> None:
        """Start to collect for a request.

        Parameters
        ----------
        request
            Identifier of its message.
        """
        self.outputs, self.error = [], None
        self._cap.begin()
        self._request, self._clear_next = request, False

    def take(self, message: Message) -> bool:
        """Take one message of the kernel's.

        Parameters
        ----------
        message
            From the channel that all clients read.

        Returns
        -------
        bool
            Whether it says that the request is done.
        """
        if message["parent_header"].get("msg_id") != self._request:
            return False
        kind, content = message["msg_type"], message["content"]
        if kind == "status":
            return bool(content["execution_state"] == "idle")
        if kind in ("comm_open", "comm_msg", "comm_close"):
            self._follow_widget(kind, content)
        elif kind == "clear_output":
            if content.get("wait"):
                self._clear_next = True
            else:
                self.outputs.clear()
        elif kind == "error":
            self.error = content
            self._add({"output_type": "error", **_only(content, "ename", "evalue", "traceback")})
        elif kind == "stream":
            self._stream(content["name"], content["text"])
        elif kind in _DISPLAYS:
            self._display(kind, content)
        return False

    def _stream(self, name: str, text: str) -> None:
        text = self._cap.cut(text)
        if not text:
            return
        last = self.outputs[-1] if self.outputs and not self._clear_next else {}
        if last.get("name") == name and last["output_type"] == "stream" and not self._capturing:
            last["text"] += text
        else:
            self._add({"output_type": "stream", "name": name, "text": text})

    def _display(self, kind: str, content: dict[str, Any]) -> None:
        identifier = (content.get("transient") or {}).get("display_id")
        output = {"output_type": kind, **_only(content, "data", "metadata")}
        if kind == "update_display_data":
            for shown in self._displays.get(str(identifier), []):
                shown.update(_only(content, "data", "metadata"))
            return
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        self._add(output)
        if identifier:
            self._displays.setdefault(identifier, []).append(output)

    def _add(self, output: dict[str, Any]) -> None:
        if self._capturing:  # it went into an output widget
            return
        if self._clear_next:
            self.outputs.clear()
            self._clear_next = False
        self.outputs.append(output)

    def _follow_widget(self, kind: str, content: dict[str, Any]) -> None:
        """Follow which output widgets capture what is shown now."""
        comm = str(content.get("comm_id"))
        data = content.get("data") or {}
        state = data.get("state") or {}
        if kind == "comm_open" and state.get("_model_name") == "OutputModel":
            self._output_widgets.add(comm)
        if kind == "comm_close":
            self._output_widgets.discard(comm)
            self._capturing.discard(comm)
        elif comm in self._output_widgets and "msg_id" in state:
            if state["msg_id"]:
                self._capturing.add(comm)
            else:
                self._capturing.discard(comm)


def _only(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: content.get(key, {} if key != "traceback" else []) for key in keys}
