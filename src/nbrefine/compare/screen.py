"""What a reader sees of a cell's outputs, however the kernel sent it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbrefine.compare.normalise import collapse_returns, strip_ansi

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STREAM, RESULT, DISPLAY, ERROR = "stream", "result", "display", "error"


@dataclass(frozen=True)
class Shown:
    """One thing that a cell shows.

    Parameters
    ----------
    kind
        ``stream``, ``result`` (what the last expression gives), ``display`` or ``error``.
    parts
        What it shows: by mime type; for a stream ``stdout`` and ``stderr``; for an error ``ename``
        and ``evalue``.
    """

    kind: str
    parts: Mapping[str, Any]


def shown(outputs: Sequence[Mapping[str, Any]]) -> list[Shown]:
    """Turn outputs as nbformat 4 has them into what a reader sees.

    Parameters
    ----------
    outputs
        Of one cell. ``clear_output`` and ``update_display_data`` may be among them, where they
        were collected as a kernel sends them.

    Returns
    -------
    list of Shown
        Streams that follow one another are one, as when they were written matters to no reader;
        what a progress bar wrote over is gone.
    """
    seen: list[Shown] = []
    for output in _settled(outputs):
        kind = output.get("output_type")
        if kind == "stream":
            _add_stream(seen, str(output.get("name", "stdout")), str(_text(output.get("text", ""))))
        elif kind == "error":
            parts = {
                "ename": str(output.get("ename")),
                "evalue": strip_ansi(str(output.get("evalue"))),
            }
            seen.append(Shown(ERROR, parts))
        else:
            data = {mime: _content(mime, value) for mime, value in output.get("data", {}).items()}
            seen.append(Shown(RESULT if kind == "execute_result" else DISPLAY, data))
    finished = (_finished(item) if item.kind == STREAM else item for item in seen)
    return [item for item in finished if item.parts]


def _settled(outputs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Carry out what clears or replaces earlier outputs."""
    left: list[Mapping[str, Any]] = []
    clear_before_next = False
    for output in outputs:
        kind = output.get("output_type")
        if kind == "clear_output":
            clear_before_next = bool(output.get("wait"))
            if not clear_before_next:
                left.clear()
        elif kind == "update_display_data":
            name = _display_id(output)
            left = [
                {**old, "data": output["data"]} if _display_id(old) == name else old for old in left
            ]
        else:
            if clear_before_next:
                left.clear()
                clear_before_next = False
            left.append(output)
    return left


def _display_id(output: Mapping[str, Any]) -> object:
    """Return the name under which a display can be updated; one without any equals no other."""
    transient = output.get("transient")
    name = transient.get("display_id") if isinstance(transient, dict) else None
    return object() if name is None else name


def _add_stream(seen: list[Shown], name: str, text: str) -> None:
    """Add text to the stream that is written to, or begin one."""
    if not seen or seen[-1].kind != STREAM:
        seen.append(Shown(STREAM, {}))
    before = seen.pop().parts
    seen.append(Shown(STREAM, {**before, name: before.get(name, "") + text}))


def _finished(stream: Shown) -> Shown:
    """Show each stream as a terminal does; one that holds nothing is not there."""
    texts = {name: collapse_returns(text) for name, text in sorted(stream.parts.items())}
    return Shown(STREAM, {name: text for name, text in texts.items() if text})


def _content(mime: str, value: object) -> object:
    """Join text that nbformat keeps as a list of lines."""
    return value if mime.endswith("json") else _text(value)


def _text(value: object) -> object:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value
