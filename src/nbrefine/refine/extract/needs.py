"""What a definition needs of the notebook around it."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.extract.cells import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.definitions import Definition, Key

# What IPython gives to every notebook without an import.
_GIVEN = {
    "display": "from IPython.display import display",
    "get_ipython": "from IPython import get_ipython",
}
_BUILT_IN = frozenset(dir(builtins)) - {"display", "get_ipython"}


@dataclass(frozen=True)
class Needs:
    """What a definition takes from around it.

    Parameters
    ----------
    imports
        Imports, one a line.
    constants
        Names of constants.
    definitions
        Other definitions.
    variables
        Names whose values belong to the notebook, in the order in which the definition has them.
    defaults
        Such names that nothing but its defaults reads.
    problem
        Why it cannot be told; empty if it can.
    """

    imports: frozenset[str] = frozenset()
    constants: frozenset[str] = frozenset()
    definitions: frozenset[Key] = frozenset()
    variables: tuple[str, ...] = ()
    defaults: tuple[str, ...] = ()
    problem: str = ""


def find_needs(
    definition: Definition,
    constants: Collection[str],
    stars: Mapping[str, str],
    *,
    strict: bool = False,
) -> Needs:
    """Find out what each global name of a definition stands for.

    Parameters
    ----------
    definition
        The definition.
    constants
        Names that are constants in all notebooks, and are to be taken for such.
    stars
        The modules of which star imports were seen to bring names, by name.
    strict
        Whether no proof will follow: then it is not guessed what comes from a star import.

    Returns
    -------
    Needs
        They are the same in all notebooks that have the definition; else there is a problem.
    """
    imports: set[str] = set()
    others: set[Key] = set()
    variables: list[str] = []
    for name in _in_order(definition):
        meanings = {_meaning(name, definition.name, place.namespace) for place in definition.places}
        meanings.discard(None)
        if not meanings:
            star = None if strict else _star(name, definition, stars)
            if problem := _unbound(name, definition) if star is None else "":
                return Needs(problem=problem)
            imports.update({star} if star else {_GIVEN[name]} if name in _GIVEN else ())
        elif name in constants:
            continue
        elif len(meanings) > 1:
            return Needs(problem=f"`{name}` is not the same in all steps that have it")
        else:
            [meaning] = meanings
            if meaning == "variable":
                variables.append(name)
            elif isinstance(meaning, frozenset):
                imports |= meaning
            elif isinstance(meaning, tuple):
                others.add(meaning)
            else:
                return Needs(problem=f"it uses `{name}`, {meaning}")
    used = frozenset(constants) & definition.reads
    seen = definition.first.statement.references
    elsewhere = {each.name for each in seen if not each.in_default}
    defaults = [
        name
        for name in variables
        if name not in elsewhere and any(each.name == name for each in seen)
    ]
    rest = tuple(name for name in variables if name not in defaults)
    return Needs(frozenset(imports), used, frozenset(others), rest, tuple(defaults))


def _in_order(definition: Definition) -> list[str]:
    """Return the names that a definition reads, in the order in which its text has them."""
    statement = definition.first.statement
    seen = sorted(statement.references, key=lambda each: (each.line, each.column))
    written = dict.fromkeys(each.name for each in seen if each.how != "bind")
    # Names in texts come last: `df.query("delay > @limit")`.
    rest = sorted(definition.reads - written.keys())
    return [name for name in (*written, *rest) if name in definition.reads]


def _meaning(
    name: str, user: str, namespace: Namespace
) -> str | frozenset[str] | tuple[str, str] | None:
    """Say what a name stands for: imports, a definition's key, ``variable``, or a problem."""
    found = namespace.settled(name, user)
    if not found:
        return None
    imports = namespace.imports(name, user)
    if imports is not None:
        together = all(re.fullmatch(r"import [\w.]+", statement) for statement in imports)
        return imports if len(imports) == 1 or together else "which is imported in several ways"
    nodes = [each.statement.node for each in found]
    if any(isinstance(node, DEFINITIONS) for node in nodes):
        texts = {each.statement.text for each in found}
        alike = len(texts) == 1
        return (name, texts.pop()) if alike else "which is defined in several ways"
    if any(isinstance(node, (ast.Try, ast.If)) and _imports(node, name) for node in nodes):
        return "which is imported under a condition"
    return "variable"


def _imports(node: ast.AST, name: str) -> bool:
    return any(
        (alias.asname or alias.name.split(".")[0]) == name
        for each in ast.walk(node)
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for alias in each.names
    )


def _star(name: str, definition: Definition, stars: Mapping[str, str]) -> str | None:
    """Return the import of a name that one star import has brought; None if it is unsure."""
    written = {each.name for each in definition.first.statement.references}
    if name in _BUILT_IN or name in _GIVEN or name not in written:
        return None
    modules = {
        module
        for place in definition.places
        for statement in place.namespace.statements
        for module in statement.names.star_imports
    }
    if stars.get(name) in modules:
        modules = {stars[name]}
    return f"from {modules.pop()} import {name}" if len(modules) == 1 else None


def _unbound(name: str, definition: Definition) -> str:
    """Say what is wrong with a name that no notebook binds; nothing where it is built in."""
    if name in _BUILT_IN or name in _GIVEN:
        return ""
    written = {each.name for each in definition.first.statement.references}
    if name not in written:  # a word in some text
        return ""
    if any(each.names.star_imports for p in definition.places for each in p.namespace.statements):
        return f"it uses `{name}`, which may come from a star import"
    return f"it uses `{name}`, which nothing in its notebook defines"
