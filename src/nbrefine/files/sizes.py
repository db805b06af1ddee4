"""Sizes of files as people say and write them."""

from __future__ import annotations

import re

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_NEXT_UNIT = 1000
_WRITTEN = re.compile(rf"\s*(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)}|)\s*\Z")


def size_text(size: int) -> str:
    """Return a number of bytes as people say it: ``340 B``, ``1.2 MB``."""
    said = ""
    for unit, factor in _UNITS.items():
        number = f"{size / factor:.{0 if factor == 1 else 1}f}"
        said = f"{number} {unit}"
        if float(number) < _NEXT_UNIT:
            break
    return said


def size_of(text: str) -> int | None:
    """Return the bytes of a size such as ``20 GB``; None if it is not one."""
    match = _WRITTEN.match(text)
    return match and int(float(match[1]) * _UNITS[match[2] or "B"])
