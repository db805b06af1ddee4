"""The notebook's own functions and classes, beside those that took their place in modules."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .call_targets import plain_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call_targets import Targets


class Own:
    """Defines in a space of its own what the notebook defined, when the notebook has ended.

    Parameters
    ----------
    targets
        The functions and classes as they are now.
    sources
        The notebook's text of each that is in a module.
    arguments
        The notebook's names that became arguments, by function.
    """

    def __init__(
        self, targets: Targets, sources: Mapping[str, str], arguments: Mapping[str, list[str]]
    ) -> None:
        self.targets, self._sources, self._arguments = targets, sources, arguments
        self.space = targets.space
        self._values: dict[str, Any] = {}
        self.failed: dict[str, str] = {}

    def define(self) -> None:
        """Run the notebook's definitions; they find each other, and what their modules import."""
        if not self._sources:
            return
        space: dict[str, Any] = {}
        for module in sorted({self.targets.names[name] for name in self._sources} - {""}):
            space.update(vars(sys.modules[module]) if module in sys.modules else {})
        space.update(self.targets.space)
        space["__name__"] = "__main__"
        self.space = space
        for key in self._sources:
            space.pop(plain_name(key), None)
        for key, source in self._sources.items():
            try:
                exec(compile(source, f"<{key} of the notebook>", "exec"), space)  # noqa: S102
                self._values[key] = space[plain_name(key)]
            except Exception as error:  # noqa: PERF203  (each on its own)
                self.failed[key] = f"{type(error).__name__}: {error}"

    def value(self, name: str) -> Any:
        """Return the notebook's own function or class, or the only one that there is."""
        return self._values.get(name) if name in self._sources else self.targets.value(name)

    def was_global(self, name: str, argument: str) -> bool:
        """Whether the notebook's function found an argument among the notebook's names."""
        return self.has(name) and argument in self._arguments.get(name, ())

    def has(self, name: str) -> bool:
        """Whether there are two of a function: the notebook's own, and that of a module."""
        return name in self._sources and name not in self.failed
