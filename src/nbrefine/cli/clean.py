"""``nbrefine clean``: makes room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nbrefine.cli import options
from nbrefine.engine.cleaning import clean
from nbrefine.files.sizes import size_text
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from pathlib import Path


@click.command("clean")
@options.project_folder
@click.option("--cache", "whole_cache", is_flag=True, help="Empty the cache of products.")
@click.option("--products", is_flag=True, help="Remove the products that a build has made.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed; remove nothing.")
def command(folder: Path, *, whole_cache: bool, products: bool, dry_run: bool) -> None:
    """Remove what builds have left behind and nobody needs.

    Without an option: notebooks of failed steps, what killed builds left staged, ledgers that were
    damaged and set aside, and what the cache holds beyond its size.
    Products that somebody has changed since they were made are never removed.
    """
    pipeline = read_pipeline(find_root(folder))
    removed = clean(pipeline, whole_cache=whole_cache, products=products, dry_run=dry_run)
    for path in removed.said:
        click.echo(path)
    verb = "Would free" if dry_run else "Freed"
    click.echo(f"{verb} {size_text(removed.size)}.")
