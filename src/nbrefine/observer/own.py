"""Which modules are the user's own, and which came with an installation."""

from __future__ import annotations

import os
import sys
from typing import Any

_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


class OwnModules:
    """Tells of a module's name whether its code is the user's: then it is looked into.

    That is asked of where the file lies, so that the answer is the same in every kernel of one
    interpreter, whichever folder its notebook runs in.
    """

    def __init__(self) -> None:
        prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix}
        both = prefixes | {os.path.realpath(prefix) for prefix in prefixes}
        self._library = tuple(os.path.join(prefix, "lib") for prefix in both)
        self._known: dict[str, bool] = {"__main__": True}

    def __contains__(self, name: object) -> bool:
        """Return whether a module is the user's."""
        if not isinstance(name, str):
            return False
        if name not in self._known:
            module: Any = sys.modules.get(name)
            if module is None:
                return False
            self._known[name] = self._is_own(getattr(module, "__file__", None))
        return self._known[name]

    def _is_own(self, file: object) -> bool:
        if not isinstance(file, str) or not os.path.isabs(file):
            return False
        installed = file.startswith(self._library) or any(part in file for part in _INSTALLED)
        return not installed
