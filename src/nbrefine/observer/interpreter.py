"""The interpreter that this runs in, and what the loaded modules came with."""

from __future__ import annotations

import contextlib
import re
import sys
from typing import Any


def interpreter() -> dict[str, Any]:
    """Return what a recording keeps of the interpreter."""
    import importlib.metadata  # noqa: PLC0415  (not before the notebook has ended)

    loaded = {name.partition(".")[0] for name in list(sys.modules)}
    modules, packages = {}, {}
    needed: dict[str, set[str]] = {}
    optional: dict[str, set[str]] = {}
    for distribution in importlib.metadata.distributions():
        with contextlib.suppress(Exception):  # metadata that cannot be read
            provided = _provided(distribution) & loaded
            if provided:
                name = distribution.metadata["Name"]
                packages[name] = distribution.version
                needed[name], optional[name] = _requirements(distribution)
                modules.update(dict.fromkeys(sorted(provided), name))
    version = ".".join(str(part) for part in sys.version_info[:3])
    return {
        "executable": sys.executable,
        "version": version,
        "packages": dict(sorted(packages.items())),
        "modules": dict(sorted(modules.items())),
        "required_by": _by_whom(packages, needed),
        "optional_for": _by_whom(packages, optional),
    }


def _requirements(distribution: Any) -> tuple[set[str], set[str]]:
    """Return what a distribution cannot do without, and what it can make use of."""
    needed: set[str] = set()
    optional: set[str] = set()
    for each in distribution.requires or ():
        name = _normal(re.split(r"[^\w.-]", each.strip(), maxsplit=1)[0])
        (optional if "extra ==" in each else needed).add(name)
    return needed, optional


def _by_whom(packages: dict[str, str], wanted: dict[str, set[str]]) -> dict[str, list[str]]:
    """Return by package who wants it."""
    found = {
        name: [by for by in sorted(wanted) if by != name and _normal(name) in wanted[by]]
        for name in sorted(packages)
    }
    return {name: by for name, by in found.items() if by}


def _normal(name: str) -> str:
    """Return the one spelling of a distribution's name, as PEP 503 has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


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
