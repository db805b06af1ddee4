"""What a project's `pyproject.toml` says about findings."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, Place
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from pathlib import Path


def ignored_codes(notebook: Path) -> tuple[str, ...]:
    """Return the codes that ``[tool.nbrefine]`` says to ignore.

    Parameters
    ----------
    notebook
        A notebook; the nearest ``pyproject.toml`` beside or above it counts.

    Returns
    -------
    tuple of str
        None if there is no such file or entry.

    Raises
    ------
    InputError
        If the file is no TOML, or the entry no list of texts.
    """
    folder = notebook.resolve().parent
    file = next(
        (file for each in (folder, *folder.parents) if (file := each / "pyproject.toml").is_file()),
        None,
    )
    if file is None:
        return ()
    where = Place(shown(file))
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"pyproject.toml cannot be read: {error}", where=where) from None
    section = document.get("tool", {}).get("nbrefine", {})
    codes = section.get("ignore", []) if isinstance(section, dict) else []
    if not (isinstance(codes, list) and all(isinstance(code, str) for code in codes)):
        raise InputError(
            "In [tool.nbrefine] `ignore` is not a list of codes.",
            where=where,
            hint='Write for example: ignore = ["NBR301"]',
        )
    return tuple(codes)
