"""Which definitions can move, and which names become their arguments."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.refine.extract.arguments import find_arguments, refuse_arguments
from nbrefine.refine.extract.cached import cache_of
from nbrefine.refine.extract.constants import common_constants
from nbrefine.refine.extract.defaults import lost_defaults, refuse_defaults
from nbrefine.refine.extract.definitions import looks_around
from nbrefine.refine.extract.needs import Needs, find_needs
from nbrefine.refine.extract.rebinding import refuse_rebinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.cells import CodeCell, Statement
    from nbrefine.refine.extract.constants import Constant
    from nbrefine.refine.extract.defaults import Default
    from nbrefine.refine.extract.definitions import Definition, Key
    from nbrefine.refine.extract.references import Reference


@dataclass(frozen=True)
class Decision:
    """What moves, and how.

    Parameters
    ----------
    moving
        The definitions that move, in their order.
    needs
        What each of these needs.
    arguments
        Global names that become arguments of each.
    defaults
        Parameters of each that lose their defaults.
    constants
        The assignments of the constants that move, by name.
    left
        Why the others stay.
    in_place
        Names that have to be imported where they were defined, since they meant something else
        before: by notebook.
    """

    moving: Mapping[Key, Definition]
    needs: Mapping[Key, Needs]
    arguments: Mapping[Key, tuple[str, ...]]
    defaults: Mapping[Key, tuple[Default, ...]]
    constants: Mapping[str, Constant]
    left: Mapping[Key, str]
    in_place: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_bound(self, key: Key) -> bool:
        """Whether the notebook binds a function to its arguments, once."""
        return bool(self.arguments[key]) and bool(cache_of(self.moving[key]))

    def given(self, key: Key, use: Reference) -> tuple[str, ...]:
        """Return what a use of a definition has to give it more: names, or ``name=value``."""
        if key not in self.moving or self.is_bound(key):
            return ()
        missing = (each for each in self.defaults[key] if use.how == "call" and each.missing(use))
        return (*self.arguments[key], *(f"{each.parameter}={each.text}" for each in missing))


def decide(
    definitions: Mapping[Key, Definition],
    namespaces: Sequence[Namespace],
    keep: Mapping[str, str] | None = None,
    stars: Mapping[str, str] | None = None,
    *,
    strict: bool = False,
) -> Decision:
    """Decide what moves.

    Parameters
    ----------
    definitions
        All definitions.
    namespaces
        All notebooks.
    keep
        Names that have to stay, and why.
    stars
        The modules of which star imports were seen to bring names, by name.
    strict
        Whether no proof will follow.

    Returns
    -------
    Decision
        What is not surely the same in a module stays, and so does what depends on it.
    """
    return _Decider(definitions, namespaces, keep or {}, stars or {}, strict=strict).run()


class _Decider:
    """Leaves definitions behind until nothing speaks against the rest."""

    def __init__(
        self,
        definitions: Mapping[Key, Definition],
        namespaces: Sequence[Namespace],
        keep: Mapping[str, str],
        stars: Mapping[str, str],
        *,
        strict: bool,
    ) -> None:
        self.strict, self.stars = strict, stars
        self.definitions, self.namespaces, self.keep = definitions, namespaces, keep
        self.eligible = common_constants(namespaces)
        # Constants in lower case that the notebook uses too are arguments, where that can be.
        self.forced: set[str] = set()
        self.left: dict[Key, str] = {}
        self.needs: dict[Key, Needs] = {}
        self.arguments: dict[Key, tuple[str, ...]] = {}

    def run(self) -> Decision:
        for key, definition in self.definitions.items():
            if reason := self._refusal(definition):
                self.left[key] = reason
        while self._round():
            pass
        moving = {key: each for key, each in self.definitions.items() if key not in self.left}
        used = self._with_parts({name for key in moving for name in self.needs[key].constants})
        return Decision(
            moving,
            {key: self.needs[key] for key in moving},
            {key: self.arguments.get(key, ()) for key in moving},
            {key: lost_defaults(each, self.needs[key].defaults) for key, each in moving.items()},
            {name: each for name, each in self.eligible.items() if name in used},
            self.left,
            {each.path: frozenset(self._rebound(each, moving)) for each in self.namespaces},
        )

    def _rebound(self, namespace: Namespace, moving: Mapping[Key, Definition]) -> Iterator[str]:
        for definition in moving.values():
            texts = {each.statement.text for each in namespace.bindings.get(definition.name, ())}
            if definition.text in texts and len(texts) > 1:
                yield definition.name

    def _round(self) -> bool:
        """Look at all that may still move; True if something has changed."""
        constants = self._constants()
        alive = [each for key, each in self.definitions.items() if key not in self.left]
        for definition in alive:
            needs = find_needs(definition, constants, self.stars, strict=self.strict)
            self.needs[definition.key] = needs
            reason = needs.problem or self._dependence(needs) or _default(definition, needs)
            if reason := reason or self._registers(definition, needs):
                self.left[definition.key] = reason
                return True
        self.arguments = find_arguments({each.key: self._with_defaults(each) for each in alive})
        for definition in alive:
            key, arguments = definition.key, self.arguments[definition.key]
            if arguments and self._is_ambiguous(definition):
                self.left[key] = "it uses variables, and functions use other versions of it too"
                return True
            if arguments and (reason := self._refuse(definition)):
                if forced := set(arguments) & self.eligible.keys() - self.forced:
                    self.forced |= forced
                else:
                    self.left[key] = reason
                return True
            if arguments and (users := self._eager_users(definition)):
                self.left[users[0]] = f"it calls `{definition.name}` already when it is defined"
                return True
        return False

    def _with_defaults(self, definition: Definition) -> Needs:
        """Return what a definition needs, with the defaults of those that it calls."""
        needs = self.needs[definition.key]
        extra = {
            name
            for key in needs.definitions
            for each in lost_defaults(self.definitions[key], self.needs[key].defaults)
            for use in definition.first.statement.references
            if use.name == key[0] and use.how == "call" and each.missing(use)
            for name in each.names
        }
        variables = dict.fromkeys((*needs.variables, *sorted(extra)))
        return replace(needs, variables=tuple(variables))

    def _refuse(self, definition: Definition) -> str:
        arguments, needs = self.arguments[definition.key], self.needs[definition.key]
        if definition.is_class and any(self.arguments.get(key) for key in needs.definitions):
            return "its methods use functions that take variables of the notebook"
        return refuse_arguments(
            *(definition, arguments, needs, self.namespaces, self.definitions.values()),
            strict=self.strict,
        )

    def _registers(self, definition: Definition, needs: Needs) -> str:
        """Say which other definition it changes when it is defined: all modules do that at once."""
        known = {key[0]: self.definitions[key].node for key in needs.definitions}
        for decorator in definition.node.decorator_list:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            root = ast.unparse(called).partition(".")[0]
            if isinstance(called, ast.Attribute) and root in known:
                return f"its decorator changes `{root}` when it is defined"
        bases = (ast.unparse(each) for each in getattr(definition.node, "bases", ()))
        for base in bases:
            node = known.get(base)
            methods = (
                {each.name for each in ast.walk(node) if isinstance(each, ast.FunctionDef)}
                if node
                else ()
            )
            if "__init_subclass__" in methods:
                return f"`{base}` is told of it when it is defined"
        return ""

    def _is_ambiguous(self, definition: Definition) -> bool:
        """Whether it is not sure at every place which version of a definition a name stands for."""
        name = definition.name
        return any(
            reference.depth and reference.name == name
            for place in definition.places
            if any(
                each.statement.text != definition.text for each in place.namespace.bindings[name]
            )
            for statement in place.namespace.statements
            if not self._is_moving(statement)
            for reference in statement.references
        )

    def _is_moving(self, statement: Statement) -> bool:
        key = str(getattr(statement.node, "name", "")), statement.text
        return key in self.definitions and key not in self.left

    def _eager_users(self, definition: Definition) -> list[Key]:
        """Return the definitions that call another when they are defined, and may still move."""
        return [
            key
            for key, needs in self.needs.items()
            if key not in self.left
            and definition.key in needs.definitions
            and definition.name in self.definitions[key].eager
        ]

    def _constants(self) -> frozenset[str]:
        """Return the constants that move where a definition needs them."""
        moving = {
            id(place.statement)
            for key, definition in self.definitions.items()
            if key not in self.left
            for place in definition.places
        }
        shared = {
            reference.name
            for namespace in self.namespaces
            for statement in namespace.statements
            if id(statement) not in moving
            for reference in statement.references
            if reference.how != "bind"
        }
        return frozenset(
            name
            for name in self.eligible
            if name.isupper() or name in self.forced or name not in shared
        )

    def _with_parts(self, names: set[str]) -> set[str]:
        """Add what constants are made of, and what is assigned together with them."""
        found: set[str] = set()
        todo = set(names)
        while todo:
            name = todo.pop()
            found.add(name)
            todo |= (self.eligible[name].names | self.eligible[name].constants) - found
        return found

    def _refusal(self, definition: Definition) -> str:
        """Say what speaks against a definition whatever the others do."""
        if definition.name in self.keep:
            return self.keep[definition.name]
        if reason := _unmovable(definition):
            return reason
        spaces = [place.namespace for place in definition.places]
        if any(cell.statements is None for each in spaces for cell in each.cells):
            return "a cell of its notebook is no Python that is understood"
        reasons = (self._redefined(definition, each) for each in spaces)
        return next(filter(None, reasons), "")

    def _redefined(self, definition: Definition, namespace: Namespace) -> str:
        """Say what is wrong where a name stands for several things in the same notebook."""
        name, found = definition.name, namespace.bindings[definition.name]
        if name in namespace.rebinds:
            return "a function rebinds its name"
        others = [each for each in found if each.statement.text != definition.text]
        if not others:
            again = len(found) > 1
            return "it is defined more than once" if again and not _is_simple(definition) else ""
        mine = [each.position for each in found if each.statement.text == definition.text]
        after = [each for each in found if each.position > mine[-1]]
        if after and after[0].position < namespace.first_uses.get(name, 0):
            return f"it is defined anew in cell {after[0].cell.place + 1} before anything uses it"
        if name in {each.name for each in definition.first.statement.references}:
            return "it uses itself, and its name stands for other things too"
        return ""

    def _dependence(self, needs: Needs) -> str:
        """Say what a definition needs that a module cannot give."""
        for key in sorted(needs.definitions):
            if key in self.left:
                return f"it uses `{key[0]}`, which stays in the notebook"
        return ""


def _unmovable(definition: Definition) -> str:
    """Say what in a definition itself ties it to the notebook; empty if nothing does."""
    if any(not each.statement.plain or not each.statement.alone for each in definition.places):
        return "it uses syntax of IPython's own"
    if any(_under_magic(place.cell) for place in definition.places):
        return "it stands under a cell magic"
    if definition.binds and (reason := refuse_rebinding(definition)):
        return reason
    if found := looks_around(definition.node):
        return f"it uses `{found}`, which depends on where it stands"
    return ""


def _default(definition: Definition, needs: Needs) -> str:
    """Say why a definition cannot do without its defaults."""
    if not needs.defaults:
        return ""
    lost = lost_defaults(definition, needs.defaults)
    return refuse_defaults(definition, lost, needs.defaults)


def _under_magic(cell: CodeCell) -> bool:
    """Whether a cell is for a magic, beyond being timed or kept silent."""
    head = next((line for line in cell.lines if line.strip()), "")
    return head.startswith("%%") and head.split()[0] not in {"%%time", "%%capture"}


def _is_simple(definition: Definition) -> bool:
    """Whether it makes no difference to execute a definition twice."""
    node = definition.node
    if isinstance(node, ast.ClassDef) or node.decorator_list:
        return False
    defaults = [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
    return all(isinstance(each, ast.Constant) for each in defaults)
