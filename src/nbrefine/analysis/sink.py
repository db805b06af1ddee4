"""Where a walk over code gathers what it finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from nbrefine.analysis.cell_names import Definition, ImportBinding


@dataclass
class Sink:
    """Global names as some code uses them.

    The fields are those of `CellNames`; `touched` holds names of any scope whose objects are
    changed, and `sources` for each name those that its value may share something with.
    """

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    may_delete: set[str] = field(default_factory=set)
    mutates: set[str] = field(default_factory=set)
    may_mutate: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    string_names: set[str] = field(default_factory=set)
    star_imports: list[str] = field(default_factory=list)
    uses_all: bool = False
    binds_unknown: bool = False
    definitions: list[Definition] = field(default_factory=list)
    imports: list[ImportBinding] = field(default_factory=list)
    carries: dict[str, set[str]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    global_names: set[str] = field(default_factory=set)
    sources: dict[str, set[str]] = field(default_factory=dict)

    def alias(self, names: Iterable[str], sources: AbstractSet[str]) -> None:
        """Note that names may share something with what they are made from."""
        for name in names:
            self.sources.setdefault(name, set()).update(sources - {name})

    def changed_through_aliases(self) -> set[str]:
        """Return global names whose objects may be changed under another name."""
        return self.shared_with(self.touched)

    def shared_with(self, names: Iterable[str]) -> set[str]:
        """Return global names whose objects may share something with those of some names."""
        todo = list(names)
        seen: set[str] = set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self.sources.get(name, ())
        return seen & self.global_names

    def take(self, other: Sink) -> None:
        """Add what code does that is run from here, its reads left out."""
        self.binds |= other.binds
        self.may_delete |= other.may_delete
        self.mutates |= other.mutates
        self.may_mutate |= other.may_mutate | other.changed_through_aliases()
        self.calls |= other.calls
        self.touched |= other.mutates | other.may_mutate
        self.global_names |= other.global_names
        self.uses_all |= other.uses_all
        self.binds_unknown |= other.binds_unknown
        self.star_imports += other.star_imports


@dataclass
class Path:
    """What is sure at one point of the code.

    Parameters
    ----------
    done
        Names whose former value cannot be seen any more; names of a class body with their scope.
    gone
        Names that are unbound.
    ended
        Whether this point is never reached.
    """

    done: set[object] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    ended: bool = False

    def copy(self) -> Path:
        """Return a path that goes on from here on its own."""
        return Path(set(self.done), set(self.gone), self.ended)

    def interrupted(self, bound: Iterable[str]) -> Path:
        """Return what is sure while something that binds these names may be half done."""
        return Path(set(self.done), self.gone - set(bound))


def joined(*paths: Path) -> Path:
    """Return what is sure where several paths meet."""
    alive = [path for path in paths if not path.ended]
    if not alive:
        return Path(ended=True)
    return Path(
        set.intersection(*(path.done for path in alive)),
        set.intersection(*(path.gone for path in alive)),
    )
