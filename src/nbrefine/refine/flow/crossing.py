"""What each step takes from earlier ones, once the notebook is cut."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.analysis.harmless import is_harmless_import
from nbrefine.refine.flow.flow import Bond, exposed
from nbrefine.refine.flow.spelled_out import spell_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.flow.flow import Flow
    from nbrefine.refine.flow.recipes import Recipe


@dataclass(frozen=True)
class StepPlan:
    """One step and what it takes and gives.

    Parameters
    ----------
    cells
        Origins of its cells.
    inputs
        Names whose value comes from an earlier step, and that step's position.
    outputs
        Names whose value a later step takes from here.
    recipes
        Statements of earlier cells that it repeats, in the notebook's order.
    """

    cells: tuple[int, ...]
    inputs: Mapping[str, int]
    outputs: frozenset[str]
    recipes: tuple[Recipe, ...]


@dataclass(frozen=True)
class Crossing:
    """All steps of a notebook that is cut in some way.

    Parameters
    ----------
    steps
        In the notebook's order.
    bonds
        Cells that this way of cutting has wrongly separated.
    """

    steps: tuple[StepPlan, ...]
    bonds: tuple[Bond, ...]


def plan_crossing(flow: Flow, cuts: Sequence[Sequence[int]]) -> Crossing:
    """Work out what crosses between steps.

    Parameters
    ----------
    flow
        What flows between the cells.
    cuts
        For each step the origins of its cells; consecutive, and all cells together.

    Returns
    -------
    Crossing
        Each step's inputs and outputs. It can be followed only if no bond is broken.
    """
    planner = _Planner(flow, cuts)
    plans = [planner.plan(index) for index in reversed(range(len(cuts)))]
    return Crossing(tuple(reversed(plans)), tuple(sorted(planner.bonds)))


class _Planner:
    """Goes over the steps from the last to the first, and keeps what they ask of earlier ones."""

    def __init__(self, flow: Flow, cuts: Sequence[Sequence[int]]) -> None:
        self.flow = flow
        self.cuts = cuts
        self.step_of = {cell: index for index, cells in enumerate(cuts) for cell in cells}
        self.wanted: list[set[str]] = [set() for _ in cuts]
        self.bonds: set[Bond] = set()
        self.unused = _side_effect_imports(flow)

    def plan(self, index: int) -> StepPlan:
        cells = [self.flow.cells[origin] for origin in self.cuts[index]]
        start, end = self.cuts[index][0], self.cuts[index][-1]
        needed, killed = exposed(cells)
        todo = [*needed, *(self.wanted[index] - killed)]
        repeated = self._always(start, draws=any(cell.draws for cell in cells))
        recipes = {self._as_it_was(each, start) for each in repeated}
        todo += [name for each in recipes for name in self._eager(each, start, end)]
        todo += [name for each in recipes for name in each.lazy]
        inputs: dict[str, int] = {}
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            writer = self.flow.writer(name, start)
            if writer is None:
                continue
            made = self.flow.cells[writer].made.get(name)
            if made is None:
                inputs[name] = self.step_of[writer]
                self.wanted[inputs[name]].add(name)
                todo += self.flow.cells[writer].carries.get(name, ())
            else:
                for recipe in self._with_siblings(made, name, start):
                    recipes.add(recipe)
                    todo += self._eager(recipe, start, end)
        return StepPlan(
            cells=tuple(self.cuts[index]),
            inputs=dict(sorted(inputs.items())),
            outputs=frozenset(self.wanted[index]),
            recipes=tuple(sorted(recipes)),
        )

    def _always(self, start: int, *, draws: bool) -> list[Recipe]:
        """Return what every later step repeats: settings, and imports made for their effect.

        What only pictures show is left out where there are none.
        """
        return [
            recipe
            for cell in self.flow.cells[:start]
            for recipe in cell.recipes
            if (recipe.kind == "setting" or recipe in self.unused) and (draws or not recipe.drawing)
        ]

    def _as_it_was(self, setting: Recipe, start: int) -> Recipe:
        """Return a setting with those constants written out that have changed since it read them.

        Where that cannot be done it is left alone, and `_eager` finds the bond.
        """
        texts = {
            name: text
            for name in setting.eager
            if self._version(name, setting) != self.flow.writer(name, start)
            and (text := self._constant(name, setting)) is not None
        }
        source = spell_out(setting.source, texts) if texts else None
        if source is None:
            return setting
        return replace(setting, source=source, eager=setting.eager - texts.keys())

    def _constant(self, name: str, reader: Recipe) -> str | None:
        """Return the text of the constant that a recipe has read by a name; None if it was none."""
        version = self._version(name, reader)
        made = None
        if version is not None and version >= 0:
            made = self.flow.cells[version].made.get(name)
        is_constant = made is not None and made.kind == "constant"
        return made.source.partition(" = ")[2] if made is not None and is_constant else None

    def _eager(self, recipe: Recipe, start: int, end: int) -> list[str]:
        """Return what a recipe reads when it is repeated; none of it may have changed since."""
        names: set[str] = set()
        todo = list(recipe.eager)
        while todo:
            name = todo.pop()
            if name in names:
                continue
            names.add(name)
            made = self.flow.recipe(name, recipe.cell + 1)
            if made is not None and made.is_definition and made != recipe:
                todo += made.lazy
        for name in names:
            then, now = self._version(name, recipe), self.flow.writer(name, start)
            if then != now and not self._is_made_alike(name, then, now):
                reason = (
                    f"`{name}` has changed since line {recipe.line} of the earlier cell read it"
                )
                self.bonds.add(Bond(recipe.cell, end, reason))
        return sorted(names)

    def _version(self, name: str, recipe: Recipe) -> int | None:
        """Return the cell whose value of a name a recipe has read; -1 if that cannot be told."""
        cell = self.flow.cells[recipe.cell]
        if name not in cell.writes:
            return self.flow.writer(name, recipe.cell)
        return recipe.cell if cell.last_bound.get(name, recipe.place) < recipe.place else -1

    def _is_made_alike(self, name: str, *cells: int | None) -> bool:
        """Whether some cells give a name the same import, or the same constant: it is as it was."""
        sources = set()
        for cell in cells:
            made = self.flow.cells[cell].made.get(name) if cell is not None and cell >= 0 else None
            if made is None or made.is_definition or made.eager:
                return False
            sources.add(made.source)
        return len(sources) == 1

    def _with_siblings(self, made: Recipe, name: str, start: int) -> list[Recipe]:
        """Return a recipe, and for an import of a package's part the package's other imports."""
        if made.kind != "import":
            return [made]
        return [
            recipe
            for cell in self.flow.cells[:start]
            for recipe in cell.recipes
            if recipe.kind == "import" and name in recipe.binds and recipe.cell <= made.cell
        ]


def _side_effect_imports(flow: Flow) -> frozenset[Recipe]:
    """Return imports of which no name is used, so that they may be there for what they do."""
    used = {name for cell in flow.cells for name in cell.mentions | cell.reads}
    used |= {name for cell in flow.cells for each in cell.recipes for name in each.lazy}
    return frozenset(
        recipe
        for cell in flow.cells
        for recipe in cell.recipes
        if recipe.kind == "import"
        and recipe.binds
        and not recipe.binds & used
        and not _imports_harmless(recipe)
    )


def _imports_harmless(recipe: Recipe) -> bool:
    node = ast.parse(recipe.source).body[0]
    if isinstance(node, ast.Import):
        return all(is_harmless_import(each.name) for each in node.names)
    module = node.module or "." if isinstance(node, ast.ImportFrom) else "."
    # What stands below one from the future means something else.
    return module != "__future__" and is_harmless_import(module)
