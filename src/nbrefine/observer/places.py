"""Folders whose files say nothing about what a notebook reads."""

from __future__ import annotations

import os
import sys


def uninteresting() -> list[str]:
    """Return the folders of the installation, of settings and of caches, each ending in a slash."""
    prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    inside = [os.path.join(p, part) for p in prefixes for part in ("lib", "share", "etc", "bin")]
    home = os.path.expanduser("~")
    hidden = [".cache", ".config", ".ipython", ".jupyter", ".local", ".matplotlib", ".conda"]
    found = [*inside, *(os.path.join(home, name) for name in hidden)]
    found += ["/proc", "/sys", "/dev", "/etc", "/usr"]
    return [os.path.realpath(folder) + os.sep for folder in found] + [f + os.sep for f in found]
