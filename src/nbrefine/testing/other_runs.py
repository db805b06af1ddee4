"""What a cell showed in another run, written as the lines in which it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbrefine.notebook.document import whole_output

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.testing.baseline import Output


def as_difference(run: Sequence[Output], outputs: Sequence[Output]) -> list[dict[str, Any]]:
    """Write what a cell showed in another run.

    Parameters
    ----------
    run
        What it showed there, as a notebook has it.
    outputs
        What it showed in the run that counts.

    Returns
    -------
    list of dict
        As the outputs are. A text with as many lines as the one in the same place has only those
        that are others, by their numbers from 1; any other is a list of all its lines.
    """
    return [
        _texts_of(each, _differing_lines, _counterpart(at, outputs)) for at, each in enumerate(run)
    ]


def from_difference(run: Sequence[Mapping[str, Any]], outputs: Sequence[Output]) -> list[Output]:
    """Read what `as_difference` has written.

    Parameters
    ----------
    run
        What was written.
    outputs
        What the cell showed in the run that counts.
    """
    return [
        whole_output(_texts_of(each, _with_lines, _counterpart(at, outputs)))
        for at, each in enumerate(run)
    ]


def _counterpart(at: int, outputs: Sequence[Output]) -> Output:
    return outputs[at] if at < len(outputs) else {}


def _texts_of(
    output: Mapping[str, Any], change: Callable[[Any, str], Any], other: Output
) -> dict[str, Any]:
    """Change the texts of an output, each beside its counterpart in another one."""
    changed = dict(output)
    if "text" in output:
        changed["text"] = change(output["text"], other.get("text", ""))
    if "data" in output:
        data = other.get("data", {})
        changed["data"] = {
            mime: part if mime.endswith("json") else change(part, data.get(mime, ""))
            for mime, part in output["data"].items()
        }
    return changed


def _differing_lines(text: str, other: str) -> dict[str, str] | list[str]:
    lines, known = text.splitlines(keepends=True), other.splitlines(keepends=True)
    if len(lines) != len(known):
        return lines
    pairs = enumerate(zip(lines, known, strict=True), 1)
    return {str(at): line for at, (line, before) in pairs if line != before}


def _with_lines(part: object, other: str) -> object:
    if not isinstance(part, dict):
        return part
    lines = enumerate(other.splitlines(keepends=True), 1)
    return [part.get(str(at), line) for at, line in lines]
