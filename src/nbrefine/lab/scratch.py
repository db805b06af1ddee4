"""Where a step that is tried out by hand puts its products: never where the build puts them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FOLDER = ".scratch"


def scratch_paths(root: Path, step: str, products: Iterable[Path]) -> dict[Path, Path]:
    """Map each product of a step to its stand-in.

    Parameters
    ----------
    root
        The project's root.
    step
        The step's name: each has a folder of its own.
    products
        Where the build puts them.

    Returns
    -------
    dict of Path to Path
        Stand-ins keep the products' names, and where these are in several folders the part of
        the path in which they differ.
    """
    products = list(products)
    if not products:
        return {}
    common = os.path.commonpath([product.parent for product in products])
    folder = root / FOLDER / step
    return {product: folder / product.relative_to(common) for product in products}


def prepare_scratch(root: Path, stand_ins: Iterable[Path]) -> None:
    """Make the folders of stand-ins, as a build makes those of products.

    Parameters
    ----------
    root
        The project's root; git is told to leave the scratch folder alone.
    stand_ins
        What `scratch_paths` gave.
    """
    ignore = root / FOLDER / ".gitignore"
    if not ignore.is_file():
        write_atomic(ignore, "*\n")
    for path in stand_ins:
        path.parent.mkdir(parents=True, exist_ok=True)
