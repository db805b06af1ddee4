"""What is called from outside of the kernel."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from . import definitions, stored, walk
from .interpreter import interpreter
from .names import Names
from .observe import HISTORY, Observer, Places, Quietly
from .own import OwnModules
from .places import uninteresting
from .protect import Protection
from .report import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable


def start(path: str, folder: str, backup: str, free: Iterable[str], *, whole: bool) -> None:
    """Start to observe the shell that this runs in.

    Parameters
    ----------
    path
        File to report to.
    folder
        Root of the shadow that the notebook runs in.
    backup
        Folder for copies of what the notebook overwrites elsewhere.
    free
        Folders in which it may do as it likes.
    whole
        Whether to look at everything, or at time and random streams alone.
    """
    global _observer  # noqa: PLW0603  (there is one in a kernel)
    protection = Protection(folder, backup, free)
    channel = Channel(path)
    places = Places(folder, uninteresting(), protection.before_write)
    _observer = Observer(sys.modules["IPython"].get_ipython(), channel, places, whole=whole)
    with Quietly():
        _observer.start()


_observer: Observer | None = None


def final() -> None:
    """Report what all names stand at."""
    if _observer is not None:
        _observer.final()


def snapshot(
    path: str, moved_to: Iterable[str] = (), relocated: Iterable[tuple[str, str]] = ()
) -> None:
    """Write the facts of all names of this kernel to a file, without having observed it.

    Parameters
    ----------
    path
        The file.
    moved_to
        Packages that hold what the notebook defined.
    relocated
        Beginnings of paths, and those that they stand for.
    """
    walk.RELOCATED.extend((new, old) for new, old in relocated)
    definitions.MOVED_TO.update(moved_to)
    shell = sys.modules["IPython"].get_ipython()
    names = Names(OwnModules())
    hidden = shell.user_ns_hidden
    now = {
        name: value
        for name, value in list(shell.user_ns.items())
        if name not in hidden and not HISTORY.fullmatch(name)
    }
    with Quietly():
        names.look(now, now.keys())
    with open(path, "w", encoding="utf-8") as file:
        json.dump({name: known.facts for name, known in names.known.items()}, file)


def python() -> None:
    """Report the interpreter, and which distributions the loaded modules came with."""
    if _observer is not None:
        _observer.channel.send({"python": interpreter()})


def store(path: str, groups: list[list[str]], formats: stored.Formats) -> None:
    """Write groups of names in the formats that may do, and a report about it to a file."""
    stem = os.path.splitext(path)[0]
    with Quietly():
        said = stored.store(groups, stem, formats)
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"groups": said, "path": [os.path.abspath(entry) for entry in sys.path]}, file)
