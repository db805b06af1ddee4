"""The texts in JSON, such as the outputs of a cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Texts by their form alone: base64.
_PIXELS = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def map_texts(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401  (JSON is of any type)
    """Return JSON with each text in it changed.

    Parameters
    ----------
    value
        Text, or JSON with texts in it; lists may be tuples.
    change
        What to make of a text. Keys, and pictures made of pixels, stay as they are.
    """
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {
            key: part if key in _PIXELS else map_texts(part, change) for key, part in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)(map_texts(part, change) for part in value)
    return value
