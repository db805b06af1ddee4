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
        that are others, by their numbers from 1; any other text is a list of all its lines.
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

    Raises
    ------
    ValueError
        If the run that counts has not as many lines as it had.
    """
    return [
        whole_output(_texts_of(each, _with_lines, _counterpart(at, outputs)))
        for at, each in enumerate(run)
    ]


def _counterpart(at: int, outputs: Sequence[Output]) -> Output:
    return outputs[at] if at < len(outputs) else {}


def _texts_of(
    output: Mapping[str, Any], change: Callable[[Any, Any], Any], other: Output
) -> dict[str, Any]:
    """Change the texts of an output, each beside its counterpart in another one."""
    changed = dict(output)
    if "text" in output:
        changed["text"] = change(output["text"], other.get("text"))
    if "data" in output:
        data = other.get("data", {})
        changed["data"] = {
            mime: part if mime.endswith("json") else change(part, data.get(mime))
            for mime, part in output["data"].items()
        }
    return changed


def _differing_lines(part: Any, other: Any) -> Any:  # noqa: ANN401  (JSON)
    if not isinstance(part, str):
        return part
    lines = part.splitlines(keepends=True)
    known = other.splitlines(keepends=True) if isinstance(other, str) else None
    if known is None or len(lines) != len(known):
        return lines
    pairs = enumerate(zip(lines, known, strict=True), 1)
    return {str(at): line for at, (line, before) in pairs if line != before}


def _with_lines(part: Any, other: Any) -> Any:  # noqa: ANN401  (JSON)
    if not isinstance(part, dict) or not isinstance(other, str):
        return part
    lines = {str(at): line for at, line in enumerate(other.splitlines(keepends=True), 1)}
    if not part.keys() <= lines.keys():
        raise ValueError("another run has lines that this one has not")
    return [*(lines | part).values()]
