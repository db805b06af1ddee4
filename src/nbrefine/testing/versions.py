"""Versions of libraries, where a cell's code asks for them: an upgrade is no regression."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ASKS = re.compile(
    r"__version__|\bsys\.version|\bpython_version\b|\bversion\(|\bshow_versions\b|\bwatermark\b"
    r"|\bpip\s+(?:list|freeze|show)\b"
)
_VERSION = re.compile(r"(?<![\w.])v?\d+\.\d+\.\d+(?:[.+-]?\w+)*")
VERSION = "<version>"


def without_versions(source: str, clean: Callable[[str], str]) -> Callable[[str], str]:
    """Return what is applied to a cell's texts before they are compared.

    Parameters
    ----------
    source
        The cell's text.
    clean
        What is applied to those of all cells.

    Returns
    -------
    callable
        `clean` itself for a cell that asks for no version. Numbers with one point stay.
    """
    if not _ASKS.search(source):
        return clean
    return lambda text: _VERSION.sub(VERSION, clean(text))
