"""What a step's notebook uses while it runs as it is: files, modules, environment variables.

Nothing else of the observer is loaded with it, and nothing is looked at between cells.
"""

from __future__ import annotations

import builtins
import ctypes
import os
import signal
import sys
from typing import Any

from .figures import attach
from .places import uninteresting
from .report import Channel
from .undo import Undo
from .watch import EnvironReads, Readers, Watch

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG
# Who works on nbrefine has it in a project: what looks on is nobody's input all the same.
_OTHERS = (f"{os.sep}site-packages{os.sep}", f"{os.sep}nbrefine{os.sep}observer{os.sep}")


class Usage:
    """Collects what a notebook uses, from its first cell to its last.

    Parameters
    ----------
    channel
        Where to report to.
    root
        The project's folder: modules below it are the project's own.
    staging
        Where the step writes its products; what happens there is nobody's input.
    undo
        Folder for copies of what the notebook overwrites elsewhere in the project.
    """

    def __init__(self, channel: Channel, root: str, staging: str, undo: str) -> None:
        self._channel = channel
        self._root, self._staging = root + os.sep, staging + os.sep
        self._undo = Undo(root, staging, undo)
        ignored = [*uninteresting(), self._staging, undo + os.sep]
        self._watch = Watch(ignored, self._undo.before_write)
        self._readers = Readers(self._watch)
        self._imported: set[str] = set()
        self._before: frozenset[str] = frozenset()
        self._folders: dict[str, str] = {}
        self._own_files: dict[str, bool] = {}

    def start(self) -> None:
        """Watch from now on."""
        self._watch.start([lambda _: self._readers.wrap_loaded()])
        environ: Any = os.environ
        data = EnvironReads(environ._data).attach(self._watch, self._is_own)
        environ._data = data
        as_bytes: Any = getattr(os, "environb", None)
        if as_bytes is not None:
            as_bytes._data = data
        self._follow_imports()
        self._before = frozenset(sys.modules)
        shell: Any = sys.modules["IPython"].get_ipython()
        shell.events.register("pre_run_cell", self._before_cell)
        attach(shell)
        self._watch.on = True

    def finish(self) -> None:
        """Report what was used; nothing is watched any more."""
        self._watch.on = False
        # Not everything that is loaded stays in `sys.modules`, or was ever put there.
        modules = {self._real(file) for file in self._watch.loaded if self._is_own_file(file)}
        libraries = []
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str):
                if self._is_own_file(file):
                    modules.add(self._real(file))
                elif name not in self._before:
                    libraries.append(name)
        changed = self._watch.changed() - self._watch.only_read()
        written = {path for path in changed if not path.startswith(self._staging)}
        listed = {f for f in self._watch.listed if not (f + os.sep).startswith(self._staging)}
        self._channel.send(
            {
                "usage": {
                    "read": self._watch.read - changed,
                    "written": written,
                    "folders": listed,
                    "environ": self._watch.environ,
                    "imports": self._imported,
                    "modules": modules,
                    "libraries": libraries,
                    "network": self._watch.network,
                    "subprocess": self._watch.subprocess,
                }
            }
        )

    def _before_cell(self, _: Any) -> None:
        self._readers.wrap_loaded()

    def _follow_imports(self) -> None:
        """Note which top-level modules the project's own code asks for, loaded already or not."""
        original = builtins.__import__

        def follow(name: str, globals: Any = None, *rest: Any, **more: Any) -> Any:  # noqa: A002
            if not (rest[2:] and rest[2]) and isinstance(globals, dict) and self._is_ours(globals):
                self._imported.add(name.partition(".")[0])
            return original(name, globals, *rest, **more)

        builtins.__import__ = follow

    def _is_ours(self, names: dict[str, Any]) -> bool:
        file = names.get("__file__")
        return names.get("__name__") == "__main__" or (
            isinstance(file, str) and self._is_own_file(file)
        )

    def _is_own(self, frame: Any) -> bool:
        return self._is_ours(frame.f_globals)

    def _is_own_file(self, file: str) -> bool:
        """Whether a file is the project's; libraries that import in their functions ask often."""
        if file not in self._own_files:
            full = self._real(file)
            own = full.startswith(self._root) and not any(each in full for each in _OTHERS)
            self._own_files[file] = own
        return self._own_files[file]

    def _real(self, file: str) -> str:
        """Return where a file really is; there are thousands, in a few folders.

        A module that is a link lies on the import path, or in the project: packages are linked as
        folders.
        """
        folder, name = os.path.split(file)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        real = os.path.join(self._folders[folder], name)
        may_be_link = folder in sys.path or real.startswith(self._root)
        return os.path.realpath(file) if may_be_link and os.path.islink(file) else real


def end_with_parent() -> None:
    """Let the system end this process when the one that started it is gone (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)


_usage: Usage | None = None


def start(path: str, root: str, staging: str, undo: str) -> None:
    """Start to see what the notebook of this kernel uses.

    Parameters
    ----------
    path
        File to report to.
    root, staging, undo
        As for `Usage`.
    """
    global _usage  # noqa: PLW0603  (there is one in a kernel)
    end_with_parent()
    _usage = Usage(Channel(path), root, staging, undo)
    _usage.start()


def finish() -> None:
    """Report what was used."""
    if _usage is not None:
        _usage.finish()
