"""Which server extensions Jupyter would load, and which file has the last word on each.

Jupyter merges, from the least important folder of its path to the most important one, the files
of ``jupyter_server_config.d/`` in the order of their names, then ``jupyter_server_config.json``.
On top of that come the extensions that its ordinary configuration names: there a whole file
wins, whatever its folder, over anything that was merged before.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SECTION = "jupyter_server_config"
ORDINARY = ("jupyter_config", SECTION)


@dataclass(frozen=True)
class Setting:
    """What one file says about one extension."""

    enabled: bool
    file: Path


@dataclass(frozen=True)
class ServerConfig:
    """The effective configuration of Jupyter's server, as far as it can be read.

    Parameters
    ----------
    extensions
        For each extension what the files say about it; the last one has the last word.
    contents_manager
        The class that a JSON file chooses for reading and writing notebooks, if one does.
    unreadable
        Files that are not JSON; Jupyter passes over them.
    scripts
        Configuration in Python that mentions one of the above, which only running it can tell.
    """

    extensions: dict[str, list[Setting]] = field(default_factory=dict)
    contents_manager: str | None = None
    unreadable: list[Path] = field(default_factory=list)
    scripts: list[Path] = field(default_factory=list)

    def last_word(self, extension: str) -> Setting | None:
        """Return the setting that counts, or None if no file mentions the extension."""
        said = self.extensions.get(extension)
        return said[-1] if said else None


def read_server_config(folders: Sequence[Path]) -> ServerConfig:
    """Merge Jupyter's configuration files the way that its server does.

    Parameters
    ----------
    folders
        Jupyter's configuration path, the most important folder first.

    Returns
    -------
    ServerConfig
        What counts, and where it was said.
    """
    config = ServerConfig()
    for folder in reversed(folders):
        for name, said in _folder(folder, config).items():
            config.extensions.setdefault(name, []).extend(said)
    ordinary: dict[str, Setting] = {}
    contents_manager = None
    for file in _ordinary(folders):
        section = _server_app(file, config)
        contents_manager = section.get("contents_manager_class", contents_manager)
        if "jpserver_extensions" in section:
            ordinary = {
                name: Setting(bool(enabled), file) for name, enabled in _extensions(section).items()
            }
    for name, setting in ordinary.items():
        config.extensions.setdefault(name, []).append(setting)
    return ServerConfig(
        config.extensions,
        contents_manager,
        list(dict.fromkeys(config.unreadable)),
        [file for file in _scripts(folders) if _mentions_either(file)],
    )


def _folder(folder: Path, config: ServerConfig) -> dict[str, list[Setting]]:
    """Return what one folder's files say, the last word last."""
    result: dict[str, list[Setting]] = {}
    for file in (
        *sorted((folder / f"{SECTION}.d").glob("*.json")),
        folder / f"{SECTION}.json",
    ):
        for name, enabled in _extensions(_server_app(file, config)).items():
            if enabled is None:  # takes back what this folder's files said, not other folders'
                result.pop(name, None)
            else:
                result.setdefault(name, []).append(Setting(bool(enabled), file))
    return result


def _ordinary(folders: Sequence[Path]) -> Iterator[Path]:
    for name in ORDINARY:
        for folder in reversed(folders):
            yield folder / f"{name}.json"


def _scripts(folders: Sequence[Path]) -> Iterator[Path]:
    for name in ORDINARY:
        for folder in folders:
            yield folder / f"{name}.py"


def _server_app(file: Path, config: ServerConfig) -> dict[str, Any]:
    """Return a file's section ``ServerApp``; empty if there is none or it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
        content = json.loads(text) if text else {}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        config.unreadable.append(file)
        return {}
    section = content.get("ServerApp") if isinstance(content, dict) else None
    return section if isinstance(section, dict) else {}


def _extensions(section: dict[str, Any]) -> dict[str, Any]:
    extensions = section.get("jpserver_extensions")
    return extensions if isinstance(extensions, dict) else {}


def _mentions_either(file: Path) -> bool:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    code = [line.partition("#")[0] for line in text.splitlines()]
    return any("jpserver_extensions" in line or "contents_manager_class" in line for line in code)
