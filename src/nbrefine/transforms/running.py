"""Make a transform that is given as text into a function that can be run."""

from __future__ import annotations

import ast
import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nbrefine.transforms import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbrefine.transforms.sources import Source

__all__ = ["names_for", "runnable"]


def runnable(source: Source, values: Mapping[str, object]) -> Callable[[Any], Any]:
    """Return a function of the batch alone that does what a transform does.

    Parameters
    ----------
    source
        The transform.
    values
        The other arguments, or names that its statements read. Each run has copies of them.

    Returns
    -------
    callable
        It takes a batch, which it may change, and returns the result.
    """
    subject = source.subject
    if subject is None:
        raise ValueError("there is no transform to run")
    others = {name: value for name, value in values.items() if name != subject.batch}
    if source.function is not None:
        function = source.function
        names = [name for name in subject.names if name in others and name not in source.known]

        def call(batch: Any) -> Any:  # noqa: ANN401 - of any kind
            given = {name: copy.deepcopy(others[name]) for name in names}
            result = function(batch, **given)
            return batch if result is None else result

        return call
    if subject.node is None:
        return _script(source, others)
    return _function(source, others)


def _namespace(others: Mapping[str, object], source: Source) -> dict[str, Any]:
    """Return the names that code takes for granted, and copies of the others."""
    return names_for(source.text) | {name: copy.deepcopy(value) for name, value in others.items()}


def names_for(source: str) -> dict[str, Any]:
    """Return the libraries that code takes for granted: ``np``, ``pd``, ``StandardScaler``."""
    mentioned = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    names: dict[str, Any] = {}
    for name in mentioned & tables.CONVENTIONS.keys():
        names[name] = _imported(tables.CONVENTIONS[name])
    for name in mentioned - names.keys():
        for module in tables.SKLEARN_HOMES:
            if name[:1].isupper() and hasattr(import_module(module), name):
                names[name] = getattr(import_module(module), name)
    return names


def _imported(dotted: str) -> Any:  # noqa: ANN401 - a module, or what is in it
    try:
        return import_module(dotted)
    except ImportError:
        home, _, name = dotted.rpartition(".")
        return getattr(import_module(home), name)


def _script(source: Source, others: Mapping[str, object]) -> Callable[[Any], Any]:
    subject = source.subject
    assert subject is not None  # noqa: S101 - the caller has looked
    body = list(subject.tree.body)
    wanted = subject.result
    if wanted is None and isinstance(body[-1], ast.Expr):
        target = ast.Name("result of the last expression", ast.Store())
        wanted = target.id
        body[-1] = ast.copy_location(ast.Assign([target], body[-1].value), body[-1])
    tree = ast.fix_missing_locations(ast.Module(body, []))
    code = compile(tree, "<transform>", "exec")

    def run(batch: Any) -> Any:  # noqa: ANN401 - of any kind
        names = _namespace(others, source)
        names[subject.batch] = batch
        exec(code, names)  # noqa: S102 - the caller asks for the transform to be run
        return names[wanted or subject.batch]

    return run


def _function(source: Source, others: Mapping[str, object]) -> Callable[[Any], Any]:
    subject = source.subject
    assert subject is not None  # noqa: S101 - the caller has looked
    assert subject.node is not None  # noqa: S101
    body = list(subject.tree.body)
    name = "the transform"
    if isinstance(subject.node, ast.Lambda):
        target = ast.Name(name, ast.Store())
        body[-1] = ast.copy_location(ast.Assign([target], subject.node), body[-1])
    else:
        name = subject.node.name
    code = compile(ast.fix_missing_locations(ast.Module(body, [])), "<transform>", "exec")
    arguments = [each for each in subject.names if each in others]

    def call(batch: Any) -> Any:  # noqa: ANN401 - of any kind
        names = _namespace(others, source)
        exec(code, names)  # noqa: S102 - the caller asks for the transform to be run
        given = {each: names[each] for each in arguments if each not in source.known}
        result = names[name](batch, **given)
        return batch if result is None else result

    return call
