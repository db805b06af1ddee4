"""What a run of a step was seen to use: the inputs that its code alone does not tell."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Observed:
    """What one run used.

    Parameters
    ----------
    read
        Files that it read and did not write, as `stored_path` has them.
    written
        Files that it wrote beside its declared products.
    environ
        Environment variables that its own code, or the project's modules, asked for.
    imports
        Top-level modules that its own code, or the project's modules, imported.
    modules
        The project's own source files that were loaded.
    folders
        Folders whose files it listed.
    network, subprocess
        Whether it reached for the network, or started a process: these inputs are not followed.
    """

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    environ: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    network: bool = False
    subprocess: bool = False

    @classmethod
    def of(cls, usage: Mapping[str, Any], root: Path) -> Observed:
        """Take what the observer reported from the kernel.

        Parameters
        ----------
        usage
            Its report: iterables of absolute paths and of names, and whether the network was
            used and processes started.
        root
            The project's folder.
        """
        return cls(
            read=_paths(usage.get("read", ()), root),
            written=_paths(usage.get("written", ()), root),
            environ=tuple(sorted(usage.get("environ", ()))),
            imports=tuple(sorted(usage.get("imports", ()))),
            modules=_paths(usage.get("modules", ()), root),
            folders=_paths(usage.get("folders", ()), root),
            network=bool(usage.get("network")),
            subprocess=bool(usage.get("subprocess")),
        )

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Observed:
        """Read what `as_json` wrote; keys that are not known are left out."""
        known: dict[str, Any] = {}
        for each in fields(cls):
            if each.name in data:
                value = data[each.name]
                known[each.name] = tuple(value) if isinstance(value, list) else bool(value)
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}


def stored_path(path: Path, root: Path) -> str:
    """Return a path as it is recorded: relative to the project if it lies there, else absolute."""
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _paths(found: Iterable[str], root: Path) -> tuple[str, ...]:
    kind = type(root)
    return tuple(sorted({stored_path(kind(path), root) for path in found}))
