"""How a moved function or class is called: its parameters and their defaults."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.refine.generated_tests.layout import tidy

if TYPE_CHECKING:
    from nbrefine.refine.generated_tests.calls import Argument, Call

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class CannotCallError(Exception):
    """A recorded call does not fit the moved function; the message says why."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Parameters
    ----------
    name
        Its name.
    default
        Its default as it is written; None if it has none.
    by_name
        Whether it can only be passed by its name.
    """

    name: str
    default: str | None = None
    by_name: bool = False


@dataclass(frozen=True)
class Signature:
    """The parameters of a function or method, without ``self``.

    Parameters
    ----------
    parameters
        In their order, those that take only names last.
    further
        Whether it takes further positional arguments.
    more
        Whether it takes any names.
    """

    parameters: tuple[Parameter, ...] = ()
    further: bool = False
    more: bool = False


def find_definitions(module: str) -> dict[str, ast.stmt]:
    """Return the functions, classes and named lambdas at the top of a module's text, by name."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(module).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            found |= {each.id: node for each in node.targets if isinstance(each, ast.Name)}
    return found


def signature(definition: ast.stmt, method: str = "") -> Signature | None:
    """Read the signature of a function, or of a class's method.

    Parameters
    ----------
    definition
        The function, class or assignment of a lambda.
    method
        The method's name; empty for a function.

    Returns
    -------
    Signature, optional
        None if the class has no such method itself.
    """
    if isinstance(definition, ast.ClassDef):
        for node in definition.body:
            if isinstance(node, _Function) and node.name == method:
                return _of(node.args, skip=0 if _is_static(node) else 1)
        return None
    if isinstance(definition, ast.Assign) and isinstance(definition.value, ast.Lambda):
        return _of(definition.value.args, skip=0)
    return _of(definition.args, skip=0) if isinstance(definition, _Function) else None


def _is_static(node: _Function) -> bool:
    return any(
        isinstance(each, ast.Name) and each.id == "staticmethod" for each in node.decorator_list
    )


def _of(arguments: ast.arguments, skip: int) -> Signature:
    positional = [*arguments.posonlyargs, *arguments.args]
    blanks: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults = [*blanks, *arguments.defaults]
    parameters = [
        Parameter(each.arg, _text(default))
        for each, default in zip(positional, defaults, strict=True)
    ][skip:]
    parameters += [
        Parameter(each.arg, _text(default), by_name=True)
        for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return Signature(tuple(parameters), arguments.vararg is not None, arguments.kwarg is not None)


def _text(default: ast.expr | None) -> str | None:
    return None if default is None else tidy(ast.unparse(default))


def passed(call: Call, wanted: Signature | None, arguments: tuple[str, ...]) -> list[Argument]:
    """Return what a test passes, in the order of the signature.

    Parameters
    ----------
    call
        The recorded call.
    wanted
        The signature; None where nothing is known of it.
    arguments
        Names of the notebook that became parameters.

    Raises
    ------
    CannotCallError
        If the function reads something that cannot be passed, or takes no such argument.
    """
    given = [each for each in call.arguments if not each.was_global or each.name in arguments]
    tables = {"frame", "series", "index", "array", "floats"}
    for each in call.arguments:
        if each not in given and each.value.kind in tables:
            raise CannotCallError(f"it reads `{each.name}`, which no test can pass")
    if wanted is None:
        return given
    places = {each.name: place for place, each in enumerate(wanted.parameters)}
    further = [each for each in given if each.name == "*"]
    own = [each for each in given if each.name in places]
    unknown = [each for each in given if each.name != "*" and each.name not in places]
    if (unknown and not wanted.more) or (further and not wanted.further):
        raise CannotCallError("its arguments are other ones now")
    names = {each.name for each in own}
    missing = [
        each.name for each in wanted.parameters if each.default is None and each.name not in names
    ]
    if missing:
        raise CannotCallError(f"nobody saw what its argument `{missing[0]}` was")
    own.sort(key=lambda each: places[each.name])
    positional = [each for each in own if not wanted.parameters[places[each.name]].by_name]
    rest = [each for each in own if each not in positional]
    return [*positional, *further, *rest, *unknown]


def written(given: list[Argument], wanted: Signature | None, shown: dict[str, str]) -> list[str]:
    """Write arguments as a person would: required ones by place, others by name if not default.

    Parameters
    ----------
    given
        As `passed` returns them.
    wanted
        The signature.
    shown
        Expressions by name, where they are not the values' own.
    """
    known = {each.name: each for each in (wanted.parameters if wanted else ())}
    has_further = any(each.name == "*" for each in given)
    parts = []
    by_place = True
    for each in given:
        text = shown.get(each.name) or tidy(each.value.expression)
        parameter = known.get(each.name)
        if each.name == "*":
            parts.append(tidy(each.value.expression))
            continue
        if has_further and parameter is not None and not parameter.by_name:
            parts.append(text)
            continue
        if parameter is not None and parameter.default == text and not each.was_global:
            by_place = False
            continue
        required = parameter is not None and parameter.default is None and not parameter.by_name
        if not each.keyword or (by_place and required and not each.was_global):
            parts.append(text)
        else:
            by_place = False
            parts.append(f"{each.name}={text}")
    return parts
