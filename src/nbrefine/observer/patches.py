"""What a cell set on modules and classes that are not its own."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

Attributes = dict[str, dict[str, Any]]


def attributes_of(names: Mapping[str, Any], words: AbstractSet[str]) -> Attributes:
    """Return the attributes of the modules and classes that the words of a cell lead to.

    Parameters
    ----------
    names
        The user's names.
    words
        The words of the cell's text: ``pd.DataFrame.head = f`` leads to the module behind ``pd``,
        and from there to the class.
    """
    found: Attributes = {}
    todo = [(word, names[word]) for word in words if word in names]
    while todo:
        shown, value = todo.pop()
        if not isinstance(value, (types.ModuleType, type)) or shown in found:
            continue
        if getattr(value, "__module__", "") == "__main__":
            continue
        found[shown] = dict(vars(value))
        if isinstance(value, types.ModuleType) and shown.count(".") < _DEEPEST:
            attributes = found[shown]
            todo += [(f"{shown}.{word}", attributes[word]) for word in words if word in attributes]
    return found


_DEEPEST = 3


def patched(before: Attributes, after: Attributes) -> list[str]:
    """Return the attributes that were replaced, added or removed, such as ``pd.DataFrame.head``.

    A submodule that was imported, and what a package loads when it is asked for, is no patch.
    """
    found = []
    for shown, now in after.items():
        old = before.get(shown)
        if old is None:
            continue
        lazy = old.get("__all__", ()) if "__getattr__" in now else ()
        for key in now.keys() | old.keys():
            value = now.get(key, _ABSENT)
            if value is old.get(key, _ABSENT) or isinstance(value, types.ModuleType):
                continue
            if key.startswith("__") or (key in lazy and key not in old):
                continue
            found.append(f"{shown}.{key}")
    return sorted(found)


_ABSENT = object()
