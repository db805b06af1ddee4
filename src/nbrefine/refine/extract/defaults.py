"""Defaults that are variables of the notebook: in a module, callers give the value."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.extract.definitions import own_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.cells import Statement
    from nbrefine.refine.extract.definitions import Definition
    from nbrefine.refine.extract.references import Reference

# Of such a default nothing comes but its value.
_PLAIN = (
    *(ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp),
    *(ast.operator, ast.unaryop, ast.expr_context),
)


@dataclass(frozen=True)
class Default:
    """A parameter that loses its default.

    Parameters
    ----------
    parameter
        Its name.
    position
        Its place among what is given by position, from 0; None if it is given by keyword alone.
    text
        The default.
    """

    parameter: str
    position: int | None
    text: str

    @property
    def names(self) -> frozenset[str]:
        """The names that the default is made of."""
        nodes = ast.walk(ast.parse(self.text, mode="eval"))
        return frozenset(each.id for each in nodes if isinstance(each, ast.Name))

    def missing(self, use: Reference) -> bool:
        """Whether a call does not give it."""
        by_position = self.position is not None and use.positional > self.position
        return not by_position and self.parameter not in use.keywords


def signature_of(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
) -> tuple[ast.arguments | None, int]:
    """Return what a call gives, and how many of it Python gives by itself."""
    if not isinstance(node, ast.ClassDef):
        return node.args, 0
    made = (each for each in node.body if isinstance(each, ast.FunctionDef))
    init = next((each for each in made if each.name == "__init__"), None)
    return (init.args, 1) if init and not init.decorator_list else (None, 0)


def lost_defaults(definition: Definition, names: Sequence[str]) -> tuple[Default, ...]:
    """Return the parameters whose defaults are made of some variables.

    Parameters
    ----------
    definition
        The definition.
    names
        Variables of the notebook that nothing but defaults reads.
    """
    found = []
    for argument, position, default in _defaults(definition):
        used = {each.id for each in ast.walk(default) if isinstance(each, ast.Name)}
        if used & set(names):
            found.append(Default(argument.arg, position, ast.unparse(default)))
    return tuple(found)


def _defaults(definition: Definition) -> Iterator[tuple[ast.arg, int | None, ast.expr]]:
    args, given = signature_of(definition.node)
    if args is None:
        return
    positional = [*args.posonlyargs, *args.args]
    offset = len(positional) - len(args.defaults)
    for number, default in enumerate(args.defaults, offset):
        yield positional[number], number - given, default
    for argument, keyword_default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if keyword_default is not None:
            yield argument, None, keyword_default


def refuse_defaults(definition: Definition, lost: Sequence[Default], names: Sequence[str]) -> str:
    """Say why defaults cannot be left to the callers; empty if they can.

    Parameters
    ----------
    definition
        The definition.
    lost
        The parameters that lose their defaults.
    names
        The variables that these are made of.
    """
    shown = ", ".join(f"`{name}`" for name in names)
    reason = f"it reads {shown} already when it is defined"
    kept = [
        each for each in _defaults(definition) if each[0].arg not in {d.parameter for d in lost}
    ]
    first_kept = min((place for _, place, _ in kept if place is not None), default=None)
    places = [each.position for each in lost if each.position is not None]
    if not lost or (first_kept is not None and any(place > first_kept for place in places)):
        return reason
    for place in {each.namespace.path: each for each in definition.places}.values():
        for statement in place.namespace.statements:
            for use in statement.references:
                if use.name == definition.name and use.how != "bind":
                    if statement.plain and _is_served(use, lost, place.namespace, statement):
                        continue
                    return reason
            if definition.name in statement.names.string_names:
                return reason
    return ""


def _is_served(
    use: Reference, lost: Sequence[Default], namespace: Namespace, statement: Statement
) -> bool:
    """Whether a use gives all parameters, or can be made to."""
    if use.how != "call" or use.starred:
        return False
    missing = [each for each in lost if each.missing(use)]
    if missing and use.depth and isinstance(statement.node, ast.ClassDef):
        return False
    # A function has to be given what it gives on; it may have such names itself.
    hidden = {*own_names(statement.node)} if use.depth else set()
    return all(
        _says_the_same(each.text, namespace) and not (hidden & each.names) for each in missing
    )


def _says_the_same(text: str, namespace: Namespace) -> bool:
    """Whether a default has the value at a call that it had where the function is defined."""
    if text.isidentifier():
        return namespace.bound_once(text)
    nodes = list(ast.walk(ast.parse(text, mode="eval").body))
    names = {each.id for each in nodes if isinstance(each, ast.Name)}
    return all(isinstance(each, _PLAIN) for each in nodes) and all(
        namespace.bound_once(name) and name not in namespace.mutated for name in names
    )
