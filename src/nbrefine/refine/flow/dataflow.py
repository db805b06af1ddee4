"""The flow of a notebook, from what its code says and what a run of it showed."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from nbrefine.refine.flow import uses
from nbrefine.refine.flow.bonds import find_bonds
from nbrefine.refine.flow.code_files import name_files
from nbrefine.refine.flow.flow import CellFlow, Flow
from nbrefine.refine.flow.handles import find_handles
from nbrefine.refine.flow.recipes import DRAWING_MODULES, Recipe, find_recipes
from nbrefine.refine.flow.settings import find_setters, find_settings
from nbrefine.refine.flow.streams import stream
from nbrefine.refine.flow.submodules import Submodules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.recording.record import ValueFacts
    from nbrefine.refine.flow.facts import CellFacts

_BUILT_IN = frozenset(dir(builtins))
# Values of these types hold no functions or instances that the notebook has defined: a frame or
# an array that did would not be stored in a plain format.
_PLAIN_TYPES = frozenset(
    {
        *(f"builtins.{name}" for name in ("int", "float", "str", "bool", "bytes", "complex")),
        *(f"builtins.{name}" for name in ("NoneType", "range", "slice", "module")),
        *(f"pandas.{name}" for name in ("DataFrame", "Series", "Index", "DatetimeIndex")),
        *(f"pandas.core.frame.{name}" for name in ("DataFrame",)),
        *(f"pandas.core.series.{name}" for name in ("Series",)),
        "numpy.ndarray",
    }
)


def build_flow(cells: Sequence[CellFacts]) -> Flow:
    """Work out what flows between the cells of a notebook.

    Parameters
    ----------
    cells
        All its code cells that are not empty.

    Returns
    -------
    Flow
        What each cell reads and writes, and which cells cannot be separated.
    """
    return _Builder(cells).build()


class _Builder:
    """Walks over the cells in their order and keeps what is in force."""

    def __init__(self, cells: Sequence[CellFacts]) -> None:
        self.cells = cells
        self.setters = find_setters(cells)
        self.handles = find_handles(cells)
        self.submodules = Submodules(cells)
        self.known: set[str] = set()
        self.present: frozenset[str] = frozenset()
        self.in_force: dict[str, Recipe] = {}
        self.carries: dict[str, frozenset[str]] = {}
        self.looked_up: dict[str, frozenset[str]] = {}
        self.values: dict[str, ValueFacts] = {}
        self.groups: tuple[frozenset[str], ...] = ()
        self.bound = frozenset(name for facts in cells for name in facts.names.binds)
        self.binds_unknown = any(facts.names.binds_unknown for facts in cells)
        self.changed = [self._changed(facts) for facts in cells]
        comparing = (facts.origin for facts in cells if uses.compares_identity(facts))
        self.last_comparing = max(comparing, default=-1)
        self.used_later = uses.used_later(cells)
        self.files = name_files([facts.files for facts in cells])
        self.overwritten = _written_later(self.files)

    def build(self) -> Flow:
        flows = tuple(self._cell(facts) for facts in self.cells)
        return Flow(flows, find_bonds(self.cells, flows))

    def _changed(self, facts: CellFacts) -> frozenset[str]:
        """Return the names whose objects a cell changes, rather than binding them anew."""
        if facts.record is None:
            return self._variables(facts.names.mutates | facts.names.may_mutate)
        return facts.names.mutates | (facts.record.changed - facts.record.bound)

    def _variables(self, names: frozenset[str]) -> frozenset[str]:
        """Return those of some names that the notebook binds, or may bind without saying so.

        What the code says of a cell names others too: `int` in ``frame.astype(int)``, or what a
        comprehension counts with.
        """
        return (
            names - _BUILT_IN | (names & self.bound) if self.binds_unknown else names & self.bound
        )

    def _cell(self, facts: CellFacts) -> CellFlow:
        mentions = uses.mentions(facts)
        secrets = [name for name, each in self.in_force.items() if each.kind == "credential"]
        own = (*find_recipes(facts, secrets), *find_settings(facts, self.setters, self.handles))
        own += tuple(self.submodules.imports(own))
        made = self._made(own, facts)
        called = self._callable(mentions, own)
        reads = facts.names.reads | facts.names.string_names | facts.names.deletes
        reads |= {name for recipe in own for name in recipe.eager}
        reads |= {name for recipe in called for name in recipe.lazy}
        reads |= {each for name in mentions | reads for each in self.looked_up.get(name, ())}
        touched = self._touched(facts, mentions, called)
        changed = self._all_changed(facts, called, made, touched)
        writes = self._writes(facts, own, called, changed)
        # What changed by no way that can be seen may have been read by the same way.
        reads |= changed - touched - facts.names.binds
        streams_read, streams_written, streams_set = self._streams(facts, own)
        files_read, files_written = self.files[facts.origin]
        reads |= streams_read | files_read | (files_written & self.known)
        writes |= streams_written | files_written
        # Whoever writes a file has to wait for those who still read what was there before.
        writes |= files_read & self.overwritten[facts.origin]
        kills = facts.names.kills - facts.names.reads
        kills |= streams_set
        flow = CellFlow(
            origin=facts.origin,
            reads=frozenset(reads & self.known),
            writes=frozenset(writes),
            kills=frozenset(kills),
            deletes=frozenset(self._deleted(facts)),
            recipes=tuple(sorted(own)),
            made=made,
            carries=self._carried(writes, mentions | reads | set(made), made, facts),
            groups=self._shared(facts),
            mentions=mentions,
            last_bound=_still_bound(facts, changed, called),
            rebound=kills | (facts.record.bound if facts.record else facts.names.binds),
            draws=self._draws(facts, mentions),
        )
        self._advance(flow, facts)
        return flow

    def _made(self, own: Iterable[Recipe], facts: CellFacts) -> dict[str, Recipe]:
        """Return the names that a recipe of the cell gives their last value in it."""
        last = uses.last_binders(facts)
        drawn = uses.drawn(facts)
        # What stands below a seed may draw, whoever saw it.
        lowest = max(uses.call_lines(facts, own), default=0)
        return {
            name: recipe
            for recipe in sorted(own)
            for name in recipe.binds
            if last.get(name, recipe.place)[0] <= recipe.end_line
            and not (name.startswith("<random:") and (name in drawn or lowest > recipe.line))
        }

    def _callable(self, mentions: Iterable[str], own: Iterable[Recipe]) -> frozenset[Recipe]:
        """Return the definitions that a cell may call, also through those that it calls.

        A name that the cell defines anew may have been called before that as it was.
        """
        found: set[Recipe] = set()
        todo = list(mentions)
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            todo += (*self.carries.get(name, ()), *self.looked_up.get(name, ()))
            recipes = {recipe for recipe in own if name in recipe.binds}
            if name in self.in_force:
                recipes.add(self.in_force[name])
            for recipe in recipes:
                if recipe.is_definition:
                    found.add(recipe)
                    todo += recipe.lazy | recipe.eager
        return frozenset(found)

    def _touched(
        self, facts: CellFacts, mentions: frozenset[str], called: Iterable[Recipe]
    ) -> frozenset[str]:
        """Return the names that a cell's code reaches, those included that share their objects."""
        touched = set(mentions | facts.names.mutates | facts.names.may_mutate)
        touched |= {name for recipe in called for name in recipe.lazy | recipe.rebinds}
        if facts.names.uses_all or facts.names.binds_unknown:
            touched |= self.known
        # A group may grow by what the cell itself binds, so both states count, and twice.
        for group in (*self.groups, *facts.groups) * 2:
            if group & touched:
                touched |= group
        return frozenset(touched)

    def _all_changed(
        self,
        facts: CellFacts,
        called: Iterable[Recipe],
        made: Iterable[str],
        touched: frozenset[str],
    ) -> frozenset[str]:
        """Return names of changed objects, those included that share them or hide in functions."""
        changed = set(self.changed[facts.origin])
        if facts.record is None:
            lazy = frozenset(name for recipe in called for name in recipe.lazy)
            changed |= self._variables(lazy)
        opaque = {name for name in facts.names.may_mutate if self._is_opaque(name)}
        changed |= opaque - facts.names.kills
        # Of an opaque value a run can only say that it may have changed: the code knows better.
        changed -= {name for name in changed - touched if self._is_opaque(name)}
        # A module or a definition is not written by using it; what patches them is seen elsewhere.
        repeated = {*self.in_force, *made} - uses.observed(facts)
        changed -= repeated | self.handles
        return frozenset(changed | self._unsure_partners(facts, changed))

    def _unsure_partners(self, facts: CellFacts, changed: set[str]) -> set[str]:
        """Return names that share an object with a changed one, where no digest tells more."""
        partners: set[str] = set()
        for group in (*self.groups, *facts.groups):
            if group & changed:
                partners |= group & (self.known | facts.names.binds)
        return {name for name in partners if facts.record is None or self._is_opaque(name)}

    def _is_opaque(self, name: str) -> bool:
        known = self.values.get(name)
        return known is not None and (known.digest is None or known.sampled)

    def _writes(
        self,
        facts: CellFacts,
        own: Iterable[Recipe],
        called: Iterable[Recipe],
        changed: frozenset[str],
    ) -> frozenset[str]:
        writes = changed | facts.names.binds | facts.names.deletes | facts.names.may_delete
        writes |= {name for recipe in own for name in recipe.binds}
        writes |= {name for recipe in called for name in recipe.rebinds}
        if facts.record is not None:
            writes |= facts.record.bound | facts.record.removed
        for group in self._shared(facts):
            if group & writes:
                writes |= group
        return writes

    def _shared(self, facts: CellFacts) -> tuple[frozenset[str], ...]:
        """Return groups of names in later use whose shared object matters.

        It does where a later cell changes it, or asks whether two objects are the same.
        """
        later = {name for changed in self.changed[facts.origin + 1 :] for name in changed}
        used = self.used_later[facts.origin]
        groups = [group & used for group in facts.groups]
        if self.last_comparing <= facts.origin:
            groups = [group for group in groups if group & later]
        return tuple(group for group in groups if len(group) > 1)

    def _streams(
        self, facts: CellFacts, own: Iterable[Recipe]
    ) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return the random streams that a cell reads, leaves changed, and sets before all else."""
        drawn = uses.drawn(facts)
        observed = facts.record.random.items() if facts.record else ()
        seeded = {stream(name) for name, use in observed if use in {"seed", "both"}}
        seeds = [recipe for recipe in own for name in recipe.binds if name.startswith("<random:")]
        seeded |= {name for recipe in seeds for name in recipe.binds}
        calls = uses.call_lines(facts, own)
        first = {
            name for each in seeds for name in each.binds if not calls or each.line < min(calls)
        }
        writes = {name for name in drawn if name in self.known} | seeded
        return frozenset((drawn | seeded) - first), frozenset(writes), frozenset(first)

    def _deleted(self, facts: CellFacts) -> frozenset[str]:
        if facts.record is None:
            return facts.names.deletes - facts.names.kills
        # A name that no run has seen at the end of a cell does not outlive any.
        return facts.record.removed | (facts.names.binds - facts.record.bound - self.present)

    def _carried(
        self,
        writes: Iterable[str],
        used: Iterable[str],
        made: Mapping[str, Recipe],
        facts: CellFacts,
    ) -> dict[str, frozenset[str]]:
        """Return which definitions the values that a cell writes may hold."""
        in_force = {**self.in_force, **made}
        held = {name for name in used if name in in_force and in_force[name].is_definition}
        held |= {each for name in used for each in self.carries.get(name, ())}
        observed = facts.record.values if facts.record else {}
        return {
            name: frozenset(held)
            for name in writes
            if held
            and name not in made
            and not (name in observed and observed[name].type in _PLAIN_TYPES)
        }

    def _draws(self, facts: CellFacts, mentions: Iterable[str]) -> bool:
        """Whether a cell showed a picture, or uses what draws."""
        sources = [self.in_force[name].source for name in mentions if name in self.in_force]
        drawing = any(module in source for source in sources for module in DRAWING_MODULES)
        return drawing or uses.shows_picture(facts)

    def _advance(self, flow: CellFlow, facts: CellFacts) -> None:
        for name in flow.writes:
            self.in_force.pop(name, None)
            self.carries.pop(name, None)
            self.looked_up.pop(name, None)
            self.values.pop(name, None)
        self.in_force.update(flow.made)
        self.carries.update(flow.carries)
        self.looked_up.update(facts.names.carries)
        if facts.record is not None:
            self.values.update(facts.record.values)
            self.present = (self.present | facts.record.bound) - facts.record.removed
        self.known = (self.known | flow.writes) - flow.deletes
        self.groups = facts.groups


def _written_later(
    files: Sequence[tuple[frozenset[str], frozenset[str]]],
) -> list[frozenset[str]]:
    """Return for each cell the files that cells behind it write."""
    later: frozenset[str] = frozenset()
    found = []
    for _, written in reversed(files):
        found.append(later)
        later |= written
    return found[::-1]


def _still_bound(
    facts: CellFacts, changed: frozenset[str], called: Iterable[Recipe]
) -> dict[str, tuple[int, int]]:
    """Return the last binders of names that nothing but statements gives a value in the cell."""
    elsewhere = changed | {name for recipe in called for name in recipe.rebinds}
    binders = uses.last_binders(facts).items()
    return {name: place for name, place in binders if name not in elsewhere}
