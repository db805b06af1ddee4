"""What a step makes, with paths made absolute as Ploomber makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.pipeline.grid import filled, numbered
from nbrefine.pipeline.model import Product, Relation
from nbrefine.pipeline.upstream import product_of_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nbrefine.pipeline.entries import Entry
    from nbrefine.pipeline.model import Kind

_DEFAULT_CLASSES = {"SQLScript": "SQLRelation"}


def stated_product(entry: Entry, source: Path, kind: Kind) -> object:
    """Return what a task, or its source where the spec says so, names as its product.

    Parameters
    ----------
    entry
        The task.
    source, kind
        The file of its source, and the kind of step that it makes.

    Raises
    ------
    PipelineSpecError
        If it is not said, or said in the wrong place.
    """
    if not entry.meta.extract_product:
        if not entry.value.get("product"):
            hint = entry.misspelt("product")
            raise entry.error("A task needs a 'product': what it writes.", "product", hint=hint)
        return entry.value["product"]
    if entry.value.get("product"):
        message = "With meta.extract_product the product is said in the source, not in the spec."
        raise entry.error(message, "product")
    if kind not in {"notebook", "script"}:
        message = f"The product cannot be read from the source of a {kind} step."
        raise entry.error(message, "source", hint="Set meta.extract_product to false.")
    return product_of_notebook(source)


def resolve_product(entry: Entry, stated: object, name_class: str, source: Path) -> Product:
    """Return a step's product with absolute paths.

    Parameters
    ----------
    entry
        The task.
    stated
        What it names as its product.
    name_class
        Ploomber's class of the task.
    source
        The file of its source.

    Raises
    ------
    PipelineSpecError
        If it is neither a product nor names and products.
    """
    read: Callable[..., Path | Relation] = _relation if _in_database(entry, name_class) else _file
    relative = entry.meta.product_relative_to_source and "grid" not in entry.value
    folder = source.parent if relative else entry.root
    if isinstance(stated, dict) and stated:
        product: Product = {
            str(key): read(entry, value, folder, key) for key, value in stated.items()
        }
    else:
        product = read(entry, stated, folder)
    if name_class == "NotebookRunner" and isinstance(product, dict):
        _check_notebook_key(entry, product)
    return product


def product_in_grid(stated: object, index: int, params: Mapping[str, object]) -> object:
    """Return a product's name for one step of a grid: numbered, and ``[[name]]`` replaced.

    Parameters
    ----------
    stated
        What the task names as its product.
    index
        The step's number in the grid, from 0.
    params
        The step's parameters.

    Raises
    ------
    GridError
        If a ``[[name]]`` is no parameter.
    """
    if isinstance(stated, dict):
        return {key: product_in_grid(value, index, params) for key, value in stated.items()}
    if isinstance(stated, list | tuple):  # schema, name and kind, or name and kind
        at = 1 if len(stated) == 3 else 0  # noqa: PLR2004  (as Ploomber counts)
        parts = list(stated)
        parts[at] = filled(f"{parts[at]}-{index}", params)
        return parts
    return filled(numbered(str(stated), index), params)


def _relation(entry: Entry, value: object, _folder: Path, *key: object) -> Relation:
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return Relation(tuple(value))
    message = f"A product in a database is a list such as [name, table], but is {value!r}."
    raise entry.error(message, "product", *key)


def _file(entry: Entry, value: object, folder: Path, *key: object) -> Path:
    if not (isinstance(value, str) and value):
        message = f"A product has to be a path, or names and paths, but is {value!r}."
        raise entry.error(message, "product", *key)
    path = (folder / value).resolve()
    if any(path.is_relative_to(root) for root in (entry.root, *entry.product_roots)):
        return path
    raise entry.error(
        f"The product {value!r} leaves the project: it is {path}.",
        "product",
        *key,
        hint="Move it into the project, or allow its folder in pyproject.toml: "
        f'[tool.nbrefine] product-roots = ["{path.parent}"].',
    )


def _in_database(entry: Entry, name_class: str) -> bool:
    default = _DEFAULT_CLASSES.get(name_class, "File")
    stated = entry.meta.product_default_class.get(name_class, default)
    return entry.value.get("product_class", stated) != "File"


def _check_notebook_key(entry: Entry, product: Mapping[str, Path | Relation]) -> None:
    """Hold Ploomber's rule that one of several products is the executed notebook."""
    wanted = entry.value.get("nb_product_key", "nb")
    for key in wanted if isinstance(wanted, list) else [wanted]:
        if key not in product:
            raise entry.error(
                f"Of a notebook's products one has to be the executed notebook, under {key!r}.",
                "product",
                hint=f"Add such as {key}: products/executed.ipynb, or set nb_product_key.",
            )
