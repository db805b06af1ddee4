"""Get at the source of a transform, and at what surrounds it."""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
import warnings
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from nbrefine.transforms.subject import Subject, find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Source", "load"]

HELPERS = 40  # functions that are followed around a transform


@dataclass(frozen=True)
class Source:
    """The code of a transform.

    Attributes
    ----------
    text : str
        What is read; helpers stand before the transform.
    subject : Subject or None
        The transform; None where there is none.
    function : callable or None
        The transform itself, where it was given.
    known : mapping of str to object
        The globals and closures that it reads.
    trouble : str or None
        Why the source cannot be read.
    """

    text: str
    subject: Subject | None
    function: Callable[..., Any] | None = None
    known: Mapping[str, object] = field(default_factory=dict)
    trouble: str | None = None


def load(transform: str | Callable[..., Any]) -> Source:
    """Return the source of a transform, with the functions that it calls."""
    if isinstance(transform, str):
        return _of_text(textwrap.dedent(transform))
    try:
        text = _text(transform)
    except (OSError, TypeError):
        return Source("", None, transform, trouble="its source is not to be had")
    known, helpers, imports = _around(transform)
    whole = "\n\n".join((text, *imports, *helpers))
    source = _of_text(whole, first=True)
    return Source(whole, source.subject, transform, known, source.trouble)


def _of_text(text: str, *, first: bool = False) -> Source:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an escape that Python will refuse one day
            return Source(text, find(text, first=first))
    except SyntaxError as error:
        return Source(text, None, trouble=f"it is not Python: {error.msg}, line {error.lineno}")


def _text(function: Callable[..., Any]) -> str:
    """Return the source of one function; of a lambda, only the lambda."""
    text = textwrap.dedent(inspect.getsource(function))
    if getattr(function, "__name__", "") != "<lambda>":
        return text
    lambdas = _lambdas(text)
    code = getattr(function, "__code__", None)
    alike = [each for each in lambdas if _bytecode(each) == getattr(code, "co_code", None)]
    found = alike or lambdas
    if len({ast.dump(each) for each in found}) != 1:
        raise OSError("several lambdas stand on one line")
    return ast.unparse(found[0])


def _lambdas(text: str) -> list[ast.Lambda]:
    """Return the lambdas in a piece of source that need not be a whole statement."""
    for start in range(len(text)):
        if not text.startswith("lambda", start):
            continue
        for end in range(len(text), start, -1):
            try:
                node = ast.parse(text[start:end].strip(), mode="eval").body
            except (SyntaxError, ValueError):
                continue
            return [each for each in ast.walk(node) if isinstance(each, ast.Lambda)][:1]
    return []


def _bytecode(node: ast.Lambda) -> bytes | None:
    compiled = compile(ast.unparse(node), "<lambda>", "eval")
    inner = [each for each in compiled.co_consts if hasattr(each, "co_code")]
    return inner[0].co_code if inner else None


def _around(function: Callable[..., Any]) -> tuple[dict[str, object], list[str], list[str]]:
    """Return the constants, the sources of the functions, and the imports around a function."""
    known: dict[str, object] = {}
    helpers: dict[str, str] = {}
    imports: dict[str, str] = {}
    waiting: list[Callable[..., Any]] = [function]
    while waiting and len(helpers) < HELPERS:
        for name, value in _reads(waiting.pop()).items():
            if name in known or name in helpers or name in imports:
                continue
            if isinstance(value, ModuleType):
                imports[name] = f"import {value.__name__} as {name}"
            elif isinstance(value, FunctionType) and value is not function:
                _helper(name, value, helpers, imports, waiting)
            elif isinstance(value, type) and value.__module__ != "__main__":
                imports[name] = f"from {value.__module__} import {value.__qualname__} as {name}"
            elif not hasattr(builtins, name):
                known[name] = value
    return known, [*helpers.values()], [*imports.values()]


def _helper(
    name: str,
    value: FunctionType,
    helpers: dict[str, str],
    imports: dict[str, str],
    waiting: list[Callable[..., Any]],
) -> None:
    """Take in a function of the project's own; one of a library goes by its name."""
    root = value.__module__.split(".")[0]
    if root in {"pandas", "numpy", "scipy", "sklearn", "math", "re"}:
        imports[name] = f"from {root} import {value.__name__} as {name}"
        return
    try:
        text = textwrap.dedent(inspect.getsource(value))
    except (OSError, TypeError):
        return
    if value.__name__ != "<lambda>":
        helpers[name] = text
        waiting.append(value)


def _reads(function: Callable[..., Any]) -> dict[str, object]:
    """Return the globals and closures that a function reads, with their values."""
    try:
        found = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return {}
    return {**found.globals, **found.nonlocals}
