"""Options that several commands have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nbrefine.features.view import FeatureView

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
dask = click.option(
    "--dask",
    metavar="ADDRESS",
    help="Run the steps on the Dask cluster whose scheduler is there, such as tcp://host:8786.",
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


def declared_view(module: str, folder: Path) -> FeatureView:
    """Read what ``--view`` names; a project's own modules are in ``src/``, or in its folder."""
    from nbrefine.features.declared import load_view  # noqa: PLC0415  (pandas takes a second)

    for each in (folder, folder / "src"):
        path = str(each.resolve())
        if path not in sys.path:
            sys.path.insert(0, path)
    return load_view(module)
