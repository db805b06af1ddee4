"""Puts what steps have made into the cache of products, and takes it out again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from nbrefine.pipeline.fingerprint import CHANGED_MEANWHILE, Fingerprint
from nbrefine.pipeline.ledger_rows import Published
from nbrefine.pipeline.observed import stored_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.engine.cache import Cache
    from nbrefine.engine.staging import Staging


def put_away(cache: Cache, root: Path, files: Mapping[Path, Path], row: Published) -> None:
    """Keep a step's files by what they were made from.

    Parameters
    ----------
    cache
        Where to.
    root
        The project's folder.
    files
        Where each file belongs, by where it is.
    row
        The step's row.
    """
    if CHANGED_MEANWHILE in row.static.values():
        return
    named = {stored_path(final, root): here for here, final in files.items()}
    # A cache that cannot be written to keeps nobody from building.
    with suppress(OSError):
        cache.put(Fingerprint(row.static, row.seen), named, row.observed, row.as_json())


def take_out(cache: Cache, key: str, staging: Staging) -> tuple[Published, dict[Path, Path]] | None:
    """Copy the files of an earlier run to a step's staging place.

    Parameters
    ----------
    cache
        Where from.
    key
        The fingerprint's key.
    staging
        The place; it is made anew.

    Returns
    -------
    tuple of Published and dict, or None
        The row of that run, and where each file belongs by where it is; None if they are not there
        any more, or not as they were.
    """
    entry = cache.get(key)
    if entry is None:
        return None
    try:
        row = Published.from_json(entry.note)
    except (KeyError, TypeError, ValueError):
        return None
    finals = {name: staging.root / name for name in entry.files}
    staging.prepare(finals.values())
    places = {name: staging.path(final) for name, final in finals.items()}
    if not cache.restore(key, places):
        staging.clear()
        return None
    return row, {places[name]: final for name, final in finals.items()}
