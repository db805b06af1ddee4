"""Parts of packages that a cell uses, and only another cell has loaded.

``import matplotlib as mpl`` gives no ``mpl.pyplot``; a call that draws does. A later step has to
import what some cell above had loaded by the way.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.recipes import Recipe


class Submodules:
    """Knows what was loaded after its package, and which parts the notebook asks for.

    Parameters
    ----------
    cells
        The whole notebook. Only a run tells what was loaded.
    """

    def __init__(self, cells: Sequence[CellFacts]) -> None:
        self._loaded = {name for each in cells if each.record for name in each.record.imports}
        self._used = {
            (node.value.id, node.attr)
            for facts in cells
            for node in ast.walk(facts.tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }

    def imports(self, recipes: Iterable[Recipe]) -> Iterator[Recipe]:
        """Return imports to be repeated beside those of packages.

        Parameters
        ----------
        recipes
            Of a cell.
        """
        for recipe in recipes:
            node = ast.parse(recipe.source).body[0] if recipe.kind == "import" else None
            if isinstance(node, ast.Import):
                (alias,) = node.names
                package = alias.name if alias.asname else alias.name.partition(".")[0]
                for name, part in sorted(self._used):
                    if name in recipe.binds and f"{package}.{part}" in self._loaded:
                        yield replace(recipe, source=f"import {package}.{part}")
