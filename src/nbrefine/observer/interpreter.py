"""The interpreter that this runs in, and what the loaded modules came with."""

from __future__ import annotations

import contextlib
import sys
from typing import Any


def interpreter() -> dict[str, Any]:
    """Return what a recording keeps of the interpreter."""
    import importlib.metadata  # noqa: PLC0415  (not before the notebook has ended)

    loaded = {name.partition(".")[0] for name in list(sys.modules)}
    modules, packages = {}, {}
    for distribution in importlib.metadata.distributions():
        with contextlib.suppress(Exception):  # metadata that cannot be read
            provided = _provided(distribution) & loaded
            if provided:
                name = distribution.metadata["Name"]
                packages[name] = distribution.version
                modules.update(dict.fromkeys(sorted(provided), name))
    version = ".".join(str(part) for part in sys.version_info[:3])
    return {
        "executable": sys.executable,
        "version": version,
        "packages": dict(sorted(packages.items())),
        "modules": dict(sorted(modules.items())),
    }


def _provided(distribution: Any) -> set[str]:
    """Return the top-level modules that a distribution brings."""
    told = distribution.read_text("top_level.txt")
    if told:
        return {line.partition("/")[0] for line in told.split()}
    return {
        str(file).partition("/")[0].partition(".")[0]
        for file in distribution.files or ()
        if str(file).endswith((".py", ".so", ".pyd"))
    }
