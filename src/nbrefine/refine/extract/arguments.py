"""Whether names of the notebook can become arguments of a function, wherever it is used."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cached import refuse_cached
from nbrefine.refine.extract.methods import refuse_methods

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.cells import Statement
    from nbrefine.refine.extract.definitions import Definition, Key
    from nbrefine.refine.extract.needs import Needs


def find_arguments(needs: Mapping[Key, Needs]) -> dict[Key, tuple[str, ...]]:
    """Return what each definition has to be given: its own names, and those that it passes on.

    Parameters
    ----------
    needs
        What each definition needs; of definitions that stay nothing is needed.
    """
    found = {key: dict.fromkeys(each.variables) for key, each in needs.items()}
    changed = True
    while changed:
        changed = False
        for key, names in found.items():
            for other in sorted(needs[key].definitions & needs.keys()):
                before = len(names)
                names.update(dict.fromkeys(found[other]))
                changed |= len(names) > before
    return {key: tuple(names) for key, names in found.items()}


def refuse_arguments(  # noqa: PLR0913  (what speaks against it is spread over all)
    definition: Definition,
    arguments: Sequence[str],
    needs: Needs,
    namespaces: Sequence[Namespace],
    definitions: Collection[Definition],
    *,
    strict: bool = False,
) -> str:
    """Say why a definition cannot be given something; empty if it can.

    Parameters
    ----------
    definition
        The definition.
    arguments
        Names of the notebook that it would be given.
    needs
        What it needs.
    namespaces
        All notebooks.
    definitions
        All definitions.
    strict
        Whether no proof will follow that would find an instance which was given an older value.
    """
    names = ", ".join(f"`{name}`" for name in arguments)
    node = definition.node
    is_class = isinstance(node, ast.ClassDef)
    if is_class and (reason := refuse_methods(definition, arguments, definitions)):
        return reason
    if any(name in definition.eager for name in arguments):
        return f"it reads {names} already when it is defined"
    if not is_class and node.decorator_list:
        return refuse_cached(definition, arguments, definitions)
    if any(place.namespace.calls_by_text for place in definition.places):
        return f"it uses {names}, and code of the notebook may look up any name"
    changing = [name for name in arguments if not _stays(definition, name, namespaces)]
    late = strict if is_class else _looks_late(definition, {*arguments, *_names(needs)})
    if reason := _refuse_time(definition, arguments, changing if late else []):
        return reason
    return next(
        (
            reason
            for statement in _statements(definition)
            if (reason := _unsuitable(definition.name, arguments, changing, statement))
        ),
        "",
    )


def _refuse_time(definition: Definition, arguments: Sequence[str], changing: Sequence[str]) -> str:
    """Say what is looked up at another time than when it is given; some names change by then."""
    if changing:
        return f"it looks up `{changing[0]}`, which changes, after it has returned"
    later = [] if definition.is_class else [n for n in arguments if _comes_later(definition, n)]
    return f"it may be called before `{later[0]}` is bound" if later else ""


def _comes_later(definition: Definition, name: str) -> bool:
    """Whether a notebook uses a definition before it binds what that would be given."""
    for place in definition.places:
        space = place.namespace
        found = space.bindings.get(name)
        mine = next(i for i, each in enumerate(space.statements) if each is place.statement)
        # An earlier version of it may have been used before.
        first = max(space.first_uses.get(definition.name, 0), mine + 1)
        used = first < len(space.statements) and not space.loads_objects
        if used and (not found or found[0].position >= first):
            return True
    return False


def _names(needs: Needs) -> set[str]:
    return {key[0] for key in needs.definitions}


def _stays(definition: Definition, name: str, namespaces: Sequence[Namespace]) -> bool:
    """Whether a name stands for one object from the first use of a definition on."""
    binding = [
        space
        for space in namespaces
        if any(not each.cell.is_added for each in space.bindings.get(name, ()))
    ]
    return len(binding) <= 1 and all(
        place.namespace.bound_once(name, definition.name) for place in definition.places
    )


def _looks_late(definition: Definition, names: set[str]) -> bool:
    """Whether names are looked up by what a definition returns."""
    generates = isinstance(definition.node, ast.AsyncFunctionDef) or any(
        isinstance(each, (ast.Yield, ast.YieldFrom)) for each in ast.walk(definition.node)
    )
    return generates or any(
        each.name in names and each.depth > 1 for each in definition.first.statement.references
    )


def _statements(definition: Definition) -> Iterator[Statement]:
    """Give the statements of all notebooks that have a definition."""
    for namespace in {each.namespace.path: each.namespace for each in definition.places}.values():
        yield from namespace.statements


def _unsuitable(
    name: str,
    arguments: Sequence[str],
    changing: Collection[str],
    statement: Statement,
) -> str:
    """Say why references to a function in a statement cannot be made to pass something on."""
    uses = [each for each in statement.references if each.name == name and each.how != "bind"]
    shown = ", ".join(f"`{each}`" for each in arguments)
    if name in statement.names.string_names or (uses and not statement.plain):
        return f"it uses {shown} of the notebook, and a text or magic refers to it"
    for use in uses:
        if use.how == "other":
            return f"it uses {shown} of the notebook, and is not only called"
        if not all(use.scope.is_global(each) for each in arguments):
            return f"it uses {shown} of the notebook, which mean something else where it is called"
        if use.how == "passed" and changing:
            return f"it uses {shown}, which changes, and is passed on as a function"
    return ""
