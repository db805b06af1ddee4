"""Brings the observer into a kernel as text: nbrefine need not be installed there."""

from __future__ import annotations

import marshal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PRIVATE = "_nbrefine_observer"
"""Name under which the observer is found in the kernel's ``sys.modules``."""

# In an order in which each finds those that it imports.
_MODULES = (
    "walk", "known", "arrow", "frames", "arrays", "definitions", "objects", "models", "kinds",
    "describe", "names", "loaded", "own", "streams", "library", "patches", "watch", "protect",
    "repair", "stored", "places", "report", "interpreter", "observe", "entry",
)  # fmt: skip
USAGE = ("watch", "places", "report", "undo", "figures", "usage")
"""What it takes to see what a whole notebook uses, and no more."""
CALLS = (
    "call_literals", "call_copies", "call_sample", "call_imports", "call_fixtures", "call_masks",
    "call_effects", "call_plain", "call_replay", "call_outcome", "call_targets", "call_candidates",
    "call_learning", "call_capture", "call_own", "call_attempt", "call_choose", "call_record",
)  # fmt: skip
"""What it takes to record calls of functions."""
CALLS_PRIVATE = "_nbrefine_calls"
"""Where that is found, so that the rest can come and go beside it."""

_FILE = "<nbrefine observer: {}>"
_LOADER = """
import sys, types
package = types.ModuleType(PRIVATE)
package.__path__ = []
sys.modules[PRIVATE] = package
for name, text in MODULES:
    full = PRIVATE + "." + name
    module = types.ModuleType(full)
    module.__package__ = PRIVATE
    sys.modules[full] = module
    if isinstance(text, str):
        text = compile(text, "<nbrefine observer: " + name + ">", "exec")
    exec(text, module.__dict__)
    setattr(package, name, module)
for name, _ in MODULES:
    del sys.modules[PRIVATE + "." + name]
"""


@cache
def loading_code(names: tuple[str, ...] = _MODULES, private: str = PRIVATE) -> str:
    """Return code that brings the observer into a kernel, and leaves no name there.

    Parameters
    ----------
    names
        Its modules, in an order in which each finds those that it imports.
    private
        Name under which it is found in ``sys.modules``.
    """
    folder = files("nbrefine.observer")
    modules = [(name, folder.joinpath(f"{name}.py").read_text("utf-8")) for name in names]
    return f"exec({_LOADER!r}, {{'PRIVATE': {private!r}, 'MODULES': {modules!r}}})"


def quick_loading_code(
    file: Path, names: tuple[str, ...] = _MODULES, private: str = PRIVATE
) -> str:
    """Return code that does what `loading_code` says, for a kernel of this interpreter.

    Such a kernel need not compile what it loads.

    Parameters
    ----------
    file
        A file to be written for it; it has to be there while the code runs.
    names, private
        As for `loading_code`.
    """
    file.write_bytes(_compiled(names))
    modules = f"__import__('marshal').loads(__import__('pathlib').Path({str(file)!r}).read_bytes())"
    return f"exec({_LOADER!r}, {{'PRIVATE': {private!r}, 'MODULES': {modules}}})"


@cache
def _compiled(names: tuple[str, ...]) -> bytes:
    folder = files("nbrefine.observer")
    texts = {name: folder.joinpath(f"{name}.py").read_text("utf-8") for name in names}
    return marshal.dumps(
        [(name, compile(text, _FILE.format(name), "exec")) for name, text in texts.items()]
    )


def calling_code(call: str, private: str = PRIVATE) -> str:
    """Return code that calls something of the observer, and leaves no name there.

    Parameters
    ----------
    call
        Such as ``entry.final()``.
    private
        Name under which it is found in ``sys.modules``.
    """
    return f"__import__('sys').modules[{private!r}].{call}"


def snapshot_code(
    path: str, moved_to: Sequence[str] = (), relocated: Sequence[tuple[str, str]] = ()
) -> str:
    """Return code that writes the facts of all names of a kernel to a file.

    It may be run silently in any kernel with an IPython shell, without anything before.

    Parameters
    ----------
    path
        Where to; the file holds a JSON object by name, each as `ValueFacts.from_json` reads it.
    moved_to
        Packages that hold what the notebook defined: it is named as if it were there still.
    relocated
        Beginnings of paths, and those that they stand for: texts count as if they had these.
    """
    call = f"entry.snapshot({path!r}, {list(moved_to)!r}, {list(relocated)!r})"
    return f"{loading_code()}\n{calling_code(call)}"
