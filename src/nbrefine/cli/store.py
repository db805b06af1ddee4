"""``nbrefine store``: fills the online store that serving looks into, and says what it holds."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import click

from nbrefine.cli import options
from nbrefine.errors import InputError
from nbrefine.files.paths import shown


@click.group("store")
def command() -> None:
    """Fill the online store that a service looks into."""


@command.command("push")
@click.argument("tables", type=click.Path(path_type=Path, file_okay=False), metavar="TABLES_DIR")
@options.view
@options.required_online_store
@click.option(
    "--since",
    metavar="TIME",
    help="Keep only what requests asked from then on can need, such as 2013-11-01T00:00Z.",
)
@options.project_folder
def push_tables(tables: Path, module: str, store: Path, since: str | None, folder: Path) -> None:
    """Put the look-up tables of TABLES_DIR into the online store, as a new version.

    Who reads the store sees the version before or the new one, whole.
    """
    from nbrefine.features.pushing import push  # noqa: PLC0415  (pandas takes a second)
    from nbrefine.features.tables import read_tables  # noqa: PLC0415

    view = options.declared_view(module, folder)
    pushed = push(view, read_tables(tables, view), store, since=_instant(since))
    rows = sum(pushed.rows.values())
    newest = f", known up to {pushed.newest:%Y-%m-%d %H:%M} UTC" if pushed.newest else ""
    tables_said = f"{len(pushed.rows)} tables, {rows:,} rows{newest}"
    click.echo(f"{shown(store)}: version {pushed.version}, {tables_said}")


@command.command("show")
@click.argument("store", type=click.Path(path_type=Path, file_okay=False), metavar="STORE_DIR")
def show(store: Path) -> None:
    """Say which version of the online store is current, and what it holds, as JSON."""
    from nbrefine.features.sqlite_store import pointer_of  # noqa: PLC0415

    click.echo(json.dumps(pointer_of(store), indent=2))


def _instant(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--since {text!r} is no time, such as 2013-11-01T00:00Z.") from None
    if instant.tzinfo is None:
        raise InputError(f"--since {text!r} has no time zone: add Z for UTC.")
    return instant
