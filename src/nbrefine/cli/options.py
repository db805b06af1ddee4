"""Options that several commands have."""

from __future__ import annotations

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
