"""The flow of a notebook, from what its code says and what a run of it showed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.flow import Bond, CellFlow, Flow
from nbrefine.refine.recipes import Recipe, find_recipes
from nbrefine.refine.settings import find_setters, find_settings, unplaced_effects
from nbrefine.refine.stateful import find_stateful
from nbrefine.refine.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.recording.record import ValueFacts
    from nbrefine.refine.facts import CellFacts

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

_DRAWING_MODULES = ("matplotlib", "seaborn", "pylab")

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


def _mentions(facts: CellFacts) -> frozenset[str]:
    """Return the names that a cell's statements use, bodies of definitions left out."""
    used = facts.names.reads | facts.names.calls | facts.names.string_names
    for node in facts.tree.body:
        if not isinstance(node, _DEFINITIONS):
            used |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return used | {name for each in facts.names.definitions for name in each.eager}


def _used_later(cells: Sequence[CellFacts]) -> list[frozenset[str]]:
    """Return for each cell the names that later cells may use, by themselves or in functions."""
    hidden: set[str] = set()
    for facts in cells:
        hidden |= {name for each in facts.names.definitions for name in each.reads | each.binds}
        hidden |= {name for names in facts.names.carries.values() for name in names}
    everything = {name for facts in cells for name in facts.names.binds}
    used: set[str] = hidden
    found = []
    for facts in reversed(cells):
        found.append(frozenset(used))
        used = used | _mentions(facts) | facts.names.mutates | facts.names.may_mutate
        if facts.names.uses_all or facts.names.binds_unknown:
            used = used | everything
    return found[::-1]


def _last_binders(facts: CellFacts) -> dict[str, int]:
    """Return for each name the first line of the last statement that may bind it."""
    last: dict[str, int] = {}
    for node in facts.tree.body:
        bound: set[str] = set()
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, (ast.Store, ast.Del)):
                bound.add(each.id)
            elif isinstance(each, ast.alias):
                bound.add(each.asname or each.name.split(".")[0])
        if isinstance(node, _DEFINITIONS):
            bound = {node.name}
        last.update(dict.fromkeys(bound, node.lineno))
    return last


def _still_bound(
    facts: CellFacts, changed: frozenset[str], called: Iterable[Recipe]
) -> dict[str, int]:
    """Return the last binders of names that nothing but statements gives a value in the cell."""
    elsewhere = changed | {name for recipe in called for name in recipe.rebinds}
    return {name: line for name, line in _last_binders(facts).items() if name not in elsewhere}


class _Builder:
    """Walks over the cells in their order and keeps what is in force."""

    def __init__(self, cells: Sequence[CellFacts]) -> None:
        self.cells = cells
        self.setters = find_setters(cells)
        self.stateful = find_stateful(cells)
        self.known: set[str] = set()
        self.in_force: dict[str, Recipe] = {}
        self.carries: dict[str, frozenset[str]] = {}
        self.looked_up: dict[str, frozenset[str]] = {}
        self.values: dict[str, ValueFacts] = {}
        self.groups: tuple[frozenset[str], ...] = ()
        self.bonds: set[Bond] = set()
        self.changed = [self._changed(facts) for facts in cells]
        self.used_later = _used_later(cells)

    def build(self) -> Flow:
        flows = tuple(self._cell(facts) for facts in self.cells)
        self._keep_stateful(flows)
        return Flow(flows, tuple(sorted(self.bonds)))

    def _changed(self, facts: CellFacts) -> frozenset[str]:
        """Return the names whose objects a cell changes, rather than binding them anew."""
        if facts.record is None:
            return facts.names.mutates | facts.names.may_mutate
        return facts.names.mutates | (facts.record.changed - facts.record.bound)

    def _cell(self, facts: CellFacts) -> CellFlow:
        mentions = _mentions(facts)
        own = (*find_recipes(facts), *find_settings(facts, self.setters))
        made = self._made(own, facts)
        called = self._callable(mentions, own)
        reads = facts.names.reads | facts.names.string_names | facts.names.deletes
        reads |= {name for recipe in own for name in recipe.eager}
        reads |= {name for recipe in called for name in recipe.lazy}
        reads |= {each for name in mentions | reads for each in self.looked_up.get(name, ())}
        touched = self._touched(facts, mentions, called)
        changed = self._all_changed(facts, called, made, touched)
        writes = self._writes(facts, own, called) | changed
        # What changed by no way that can be seen may have been read by the same way.
        reads |= changed - touched - facts.names.binds
        streams_read, streams_written = self._streams(facts, made)
        files_read, files_written = _files(facts)
        reads |= streams_read | files_read | (files_written & self.known)
        writes |= streams_written | files_written
        kills = facts.names.kills - facts.names.reads
        kills |= {name for name in made if name.startswith("<")}
        self._bind_together(facts)
        flow = CellFlow(
            origin=facts.origin,
            reads=frozenset(reads & self.known),
            writes=frozenset(writes),
            kills=frozenset(kills),
            deletes=self._deleted(facts),
            recipes=tuple(sorted(own)),
            made=made,
            carries=self._carried(writes, mentions | reads, made, facts),
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
        last = _last_binders(facts)
        drawn = _drawn(facts)
        return {
            name: recipe
            for recipe in sorted(own)
            for name in recipe.binds
            if (last.get(name, recipe.line) <= recipe.end_line and name not in drawn)
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
        for group in (*self.groups, *_groups(facts)) * 2:
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
            changed |= {name for recipe in called for name in recipe.lazy}
        opaque = {name for name in facts.names.may_mutate if self._is_opaque(name)}
        changed |= opaque - facts.names.kills
        # Of an opaque value a run can only say that it may have changed: the code knows better.
        changed -= {name for name in changed - touched if self._is_opaque(name)}
        # A module or a definition is not written by using it; what patches them is seen elsewhere.
        repeated = {*self.in_force, *made} - _observed(facts)
        changed -= repeated
        return frozenset(changed | self._unsure_partners(facts, changed))

    def _unsure_partners(self, facts: CellFacts, changed: set[str]) -> set[str]:
        """Return names that share an object with a changed one, where no digest tells more."""
        partners: set[str] = set()
        for group in (*self.groups, *_groups(facts)):
            if group & changed:
                partners |= group & (self.known | facts.names.binds)
        return {name for name in partners if facts.record is None or self._is_opaque(name)}

    def _is_opaque(self, name: str) -> bool:
        known = self.values.get(name)
        return known is not None and (known.digest is None or known.sampled)

    def _writes(
        self, facts: CellFacts, own: Iterable[Recipe], called: Iterable[Recipe]
    ) -> frozenset[str]:
        writes = facts.names.binds | facts.names.deletes | facts.names.may_delete
        writes |= {name for recipe in own for name in recipe.binds}
        writes |= {name for recipe in called for name in recipe.rebinds}
        if facts.record is not None:
            writes |= facts.record.bound | facts.record.removed
        for group in self._shared(facts):
            if group & writes:
                writes |= group
        return writes

    def _shared(self, facts: CellFacts) -> tuple[frozenset[str], ...]:
        """Return groups of names in later use that share an object which a later cell changes."""
        later = {name for changed in self.changed[facts.origin + 1 :] for name in changed}
        used = self.used_later[facts.origin]
        groups = (group & used for group in _groups(facts))
        return tuple(group for group in groups if len(group) > 1 and group & later)

    def _streams(
        self, facts: CellFacts, made: Mapping[str, Recipe]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return the random streams that a cell goes on with, and those that it leaves changed."""
        seeded = {name for name in made if name.startswith("<random:")}
        drawn = _drawn(facts)
        observed = facts.record.random.items() if facts.record else ()
        seeded |= {stream(name) for name, use in observed if use in {"seed", "both"}}
        writes = {name for name in drawn if name in self.known} | seeded
        writes |= {name for recipe in find_settings(facts, self.setters) for name in recipe.binds}
        return frozenset(drawn), frozenset(writes)

    def _deleted(self, facts: CellFacts) -> frozenset[str]:
        if facts.record is not None:
            return facts.record.removed | (facts.names.deletes - facts.record.bound)
        return facts.names.deletes - facts.names.kills

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

    def _bind_together(self, facts: CellFacts) -> None:
        here = facts.origin
        if facts.names.history and here:
            reach = {"_": 1, "__": 2, "___": 3}
            back = max(reach.get(name, here) for name in facts.names.history)
            self.bonds.add(Bond(max(0, here - back), here, "it uses the output of earlier cells"))
        if facts.names.uses_all and here:
            self.bonds.add(Bond(0, here, "it looks at all variables at once"))
        if facts.names.binds_unknown and facts.record is None:
            reason = "only a run can tell which names it binds"
            self.bonds.add(Bond(here, len(self.cells) - 1, reason))
        changed = facts.record is None or bool(facts.record.library)
        if unplaced_effects(facts) and changed:
            reason = "it changes global settings inside of a loop or a condition"
            self.bonds.add(Bond(here, len(self.cells) - 1, reason))

    def _draws(self, facts: CellFacts, mentions: Iterable[str]) -> bool:
        """Whether a cell showed a picture, wrote a file, or uses what draws."""
        record = facts.record
        if record is None or record.files_written:
            return True
        if any("data" in each and _shows_picture(each["data"]) for each in record.outputs):
            return True
        sources = [self.in_force[name].source for name in mentions if name in self.in_force]
        return any(module in source for source in sources for module in _DRAWING_MODULES)

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
        self.known |= flow.writes
        self.known -= flow.deletes
        self.groups = _groups(facts)

    def _keep_stateful(self, flows: Sequence[CellFlow]) -> None:
        """Bind a definition that has state of its own to all cells that may use it."""
        for flow in flows:
            for name, recipe in flow.made.items():
                reason = self.stateful.get(name)
                if reason and recipe.is_definition:
                    users = [each.origin for each in flows[flow.origin :] if _may_use(each, name)]
                    self.bonds.add(Bond(flow.origin, max([flow.origin, *users]), reason))


def _shows_picture(data: Mapping[str, object]) -> bool:
    return any(kind.startswith("image/") for kind in data)


def _may_use(flow: CellFlow, name: str) -> bool:
    held = {each for names in flow.carries.values() for each in names}
    return name in flow.mentions or name in flow.reads or name in held


def _groups(facts: CellFacts) -> tuple[frozenset[str], ...]:
    return (*facts.record.aliases, *facts.record.same_object) if facts.record else ()


def _observed(facts: CellFacts) -> frozenset[str]:
    return facts.record.changed - facts.record.bound if facts.record else frozenset()


def _drawn(facts: CellFacts) -> frozenset[str]:
    """Return the random streams from which a cell draws."""
    if facts.record is not None:
        states = facts.record.random.items()
        return frozenset(stream(name) for name, use in states if use in {"draw", "both"})
    return frozenset(stream(each.target) for each in facts.effects if each.kind == "random-draw")


def _files(facts: CellFacts) -> tuple[frozenset[str], frozenset[str]]:
    """Return the files that a cell reads and writes, as names."""
    if facts.record is None:
        return frozenset(), frozenset()
    return (
        frozenset(f"<file:{path}>" for path in facts.record.files_read),
        frozenset(f"<file:{path}>" for path in facts.record.files_written),
    )
