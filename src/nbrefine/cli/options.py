"""Options that several commands have."""

from __future__ import annotations

import sys
from pathlib import Path

import click

project_folder = click.option(
    "-C",
    "--directory",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=".",
    metavar="DIR",
    help="The project's folder, or one below it.",
)
env_file = click.option(
    "--env",
    "env_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Take the placeholders' values from this file, not from env.yaml.",
)
view = click.option(
    "--view",
    "module",
    required=True,
    metavar="MODULE",
    help="The module that declares the features, such as flights.feature_views.",
)
_store_folder = click.Path(path_type=Path, file_okay=False)
_STORE = "The online store."
online_store = click.option("--store", type=_store_folder, metavar="DIR", help=_STORE)
required_online_store = click.option(
    "--store", required=True, type=_store_folder, metavar="DIR", help=_STORE
)


def import_from(folder: Path) -> None:
    """Let a project's own modules be imported: from ``src/`` and from its folder."""
    for each in (folder, folder / "src"):
        path = str(each.resolve())
        if path not in sys.path:
            sys.path.insert(0, path)
