"""Removes what builds have left behind and nobody needs."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.engine.cache import Cache
from nbrefine.engine.lock import building
from nbrefine.engine.publish import recover
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.own_folder import FOLDER
from nbrefine.pipeline.records import record_file
from nbrefine.pipeline.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline


@dataclass(frozen=True)
class Removed:
    """What was removed.

    Parameters
    ----------
    said
        What, in words.
    size
        Bytes.
    """

    said: tuple[str, ...]
    size: int


def clean(
    pipeline: Pipeline,
    *,
    whole_cache: bool = False,
    products: bool = False,
    dry_run: bool = False,
) -> Removed:
    """Remove what nobody needs.

    Parameters
    ----------
    pipeline
        The pipeline.
    whole_cache
        Also everything in the cache of products.
    products
        Also the products, as far as they are what a build has made.
    dry_run
        Say what would be removed, and remove nothing.

    Raises
    ------
    BuildLockedError
        If a build is going on.
    """
    settings = read_settings(pipeline.root)
    with building(pipeline.root, wait=False), Ledger(pipeline.root) as ledger:
        if not dry_run:
            recover(pipeline.root, ledger.publish)
        paths = [*_left_behind(pipeline.root)]
        if products:
            paths += _own_products(pipeline, ledger)
        if whole_cache:
            paths.append(settings.cache)
        there = [path for path in paths if path.exists()]
        size = sum(map(_size, there))
        if dry_run:
            return Removed(tuple(shown(path) for path in there), size)
        for path in there:
            _remove(path)
        held = _size(settings.cache)
        Cache(settings.cache, settings.cache_size).prune()
        return Removed(tuple(shown(path) for path in there), size + held - _size(settings.cache))


def _left_behind(root: Path) -> Iterator[Path]:
    for name in ("failed", "staging"):
        yield root / FOLDER / name
    yield from sorted((root / FOLDER).glob("ledger.db*.damaged-*"))


def _own_products(pipeline: Pipeline, ledger: Ledger) -> Iterator[Path]:
    """Return products and their records; never one that somebody has changed."""
    for name, step in pipeline.steps.items():
        last = ledger.last(name)
        for key, path in step.files.items():
            made = last.products.get(key) if last else None
            if made and path.exists() and digest_file(path) == made.digest:
                yield path
                yield record_file(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder; others may be removing them."""
    size = 0
    for each in path.rglob("*") if path.is_dir() else [path]:
        with suppress(FileNotFoundError):
            size += 0 if each.is_dir() else each.lstat().st_size
    return size
