"""Lines of code as a formatter would lay them out."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 88


def assigned(name: str, value: object) -> list[str]:
    """Return the lines of an assignment of a scalar, or of a list of texts."""
    line = f"{name} = {_literal(value)}"
    if len(line) <= WIDTH or isinstance(value, str) or not isinstance(value, Sequence):
        return [line]
    return [f"{name} = [", *(f"    {_literal(item)}," for item in value), "]"]


def wrapped(line: str, width: int = WIDTH) -> list[str]:
    """Break a line that is too long where its last bracket with a content opens.

    Parameters
    ----------
    line
        A statement on one line.
    width
        The most characters that a line may have.
    """
    end = len(line)
    while len(line) > width and (close := line.rfind(")", 0, end)) > 0:
        start = _opening(line, close)
        if start + 1 < close:
            body = wrapped(line[start + 1 : close], width - 4)
            return [line[: start + 1], *(f"    {part}" for part in body), line[close:]]
        end = start
    return [line]


def _opening(line: str, close: int) -> int:
    """Return where the bracket opens that closes at a place."""
    depth = 0
    for index in range(close, -1, -1):
        depth += (line[index] in ")]}") - (line[index] in "([{")
        if depth == 0:
            return index
    return 0


def _literal(value: object) -> str:
    """Return the text of a literal, with double quotes unless that takes more escapes."""
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text.startswith("'") and '"' not in text else text
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_literal, value))}]"
    return repr(value)
