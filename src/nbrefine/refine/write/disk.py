"""A refined project on disk: its files, and links to the data beside the notebook."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from pathlib import Path


def check_target(root: Path, paths: Iterable[str], *, force: bool, inside: bool) -> None:
    """See that nothing of the user's would be overwritten.

    Parameters
    ----------
    root
        The project's root.
    paths
        What is to be written, relative to the root.
    force
        Whether the user allows to overwrite.
    inside
        Whether the project is added to what is there already, as with ``-o .``.

    Raises
    ------
    InputError
        If the folder is not empty, or in one that is to be added to something collides.
    """
    if force or not root.exists():
        return
    if not root.is_dir():
        raise InputError("This is a file, not a folder.", where=Place(shown(root)))
    if inside:
        taken = sorted(path for path in paths if os.path.lexists(root / path))
        if taken:
            raise InputError(
                f"{', '.join(taken[:5])} would be overwritten.",
                where=Place(shown(root)),
                hint="Choose another folder with -o, or allow it with --force.",
            )
    elif any(root.iterdir()):
        raise InputError(
            "The folder for the project is not empty.",
            where=Place(shown(root)),
            hint="Choose another with -o, or allow to overwrite with --force.",
        )


def write_project(
    root: Path,
    content: Mapping[str, str],
    links: Mapping[str, Path],
    folders: Iterable[str] = (),
    *,
    copies: Container[str] = (),
) -> None:
    """Write a project.

    Parameters
    ----------
    root
        The project's root; made if need be.
    content
        Path relative to the root, and text.
    links
        Path relative to the root, and the file or folder that it stands for.
    folders
        Folders that the notebook expects to write into.
    copies
        What of the links is copied instead.
    """
    for path, text in content.items():
        write_atomic(root / path, text)
    for path, target in links.items():
        _provide(root / path, target, copy=path in copies)
    for folder in folders:
        if not folder.startswith(".."):
            (root / folder).mkdir(parents=True, exist_ok=True)


def remove_steps(root: Path, keep: Mapping[str, str], written: Iterable[str]) -> None:
    """Remove files of an earlier attempt that the present one does not write.

    Parameters
    ----------
    root
        The project's root.
    keep
        What the present attempt writes.
    written
        What the earlier one wrote.
    """
    for path in written:
        if path not in keep:
            (root / path).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty, or gone
                (root / path).parent.rmdir()


def _provide(place: Path, target: Path, *, copy: bool) -> None:
    """Make a file or folder available at a place in the project."""
    if os.path.lexists(place):
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    if copy:
        if target.is_dir():
            shutil.copytree(target, place)
        else:
            shutil.copy2(target, place)
    else:
        # Relative, so that notebook and project can move together.
        place.symlink_to(os.path.relpath(target, place.parent.resolve()))
