"""Makes what a build left true in any checkout, and for plain nbval."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any

from nbrefine.notebook.json_texts import map_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

PROJECT = "<project>"
"""Stands for the project's folder where a cell shows it."""
# Addresses, times, and places of the kernel's own files are never the same again.
_NEVER_THE_SAME = re.compile(r"\b0x[0-9a-f]{6,}\b|CPU times:|Wall time:|ipykernel_\d+")


def portable(value: Any, roots: Sequence[str]) -> Any:  # noqa: ANN401  (JSON is of any type)
    """Return what a notebook shows with paths that are relative to the project.

    Parameters
    ----------
    value
        Text, or JSON with texts in it.
    roots
        Where the project is, and where it was when the notebook ran.
    """

    def relative(text: str) -> str:
        for place in roots:
            if place in text:
                inside = text.replace(f"{place}/", "")
                text = re.sub(rf"{re.escape(place)}(?![\w.-])", PROJECT, inside)
        return text

    return map_texts(value, relative)


def roots_of(setting: str, root: Path, products: Mapping[str, Path]) -> tuple[str, ...]:
    """Return where a project is, and where it was when a step's notebook ran.

    A copy of a project, or a cache of one, is as it was where it comes from.

    Parameters
    ----------
    setting
        The cell that has set the parameters.
    root
        The project's folder.
    products
        The step's products, by name.

    Returns
    -------
    tuple of str
        The longest first, as one may lie in the other.
    """
    found = {str(root)}
    for path in products.values():
        if path.is_relative_to(root):
            inside = re.escape(f"/{path.relative_to(root).as_posix()}")
            found.update(re.findall(rf"[\"'](/[^\"'\n]*?){inside}[\"']", setting))
    return tuple(sorted(found, key=len, reverse=True))


def setting_source(
    source: str,
    roots: Collection[str],
    elsewhere: Callable[[str], str],
    folders: Iterable[str],
) -> str:
    """Write the cell that sets the parameters such that it is true wherever the project lies.

    Parameters
    ----------
    source
        What the build injected.
    roots
        Folders that the project was built in: paths below them become relative.
    elsewhere
        Says where a product goes, by its path in the project: the build's own stays as it is.
    folders
        What has to be there for that.

    Returns
    -------
    str
        It begins by going to the project's folder, from that of the baselines.
    """
    for root in sorted(roots, key=len, reverse=True):
        source = source.replace(f"{root}/", "")
    lines = []
    # A statement may be on several lines: papermill has black format it where that is installed.
    for node in ast.parse(source).body:
        line = ast.get_source_segment(source, node) or ""
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "product":
            products = _moved(ast.literal_eval(node.value), elsewhere)
            line = f"product = {json.dumps(products, ensure_ascii=False)}"
        lines.append(line)
    return "\n".join(
        [
            "# What the build injects. Products go to a folder of their own.",
            "%cd -q ../..",
            "import os",
            "",
            *(f"os.makedirs({json.dumps(folder)}, exist_ok=True)" for folder in folders),
            "del os",
            *lines,
        ]
    )


def _moved(product: Any, elsewhere: Callable[[str], str]) -> Any:  # noqa: ANN401  (text or names)
    if isinstance(product, dict):
        return {key: _moved(path, elsewhere) for key, path in product.items()}
    return elsewhere(product)


def unfit_for_nbval(source: str, outputs: Sequence[Mapping[str, Any]]) -> str:
    """Say why plain nbval cannot compare what a cell shows, though it never varies.

    Parameters
    ----------
    source
        The cell's text.
    outputs
        What it shows.

    Returns
    -------
    str
        Empty if it can.
    """
    if any(output.get("name") == "stderr" for output in outputs):
        return "it warns, and warnings name temporary files"
    if any(_NEVER_THE_SAME.search(text) for output in outputs for text in _texts(output)):
        return "it shows times or addresses"
    last = [line for line in source.rstrip().splitlines() if line.strip()][-1:]
    if any(line.partition("#")[0].rstrip().endswith(";") for line in last):
        return "nbval does not see the semicolon that hides its output"
    return ""


def _texts(output: Mapping[str, Any]) -> list[str]:
    data = output.get("data", {})
    kept = [value for kind, value in data.items() if kind.startswith("text/")]
    return ["".join(each) for each in [*kept, output.get("text", "")]]
