"""Which transforms can serve a request, what a request must carry for them, and why not more."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.refine.inline.columns import Columns, columns_of
from nbrefine.transforms import Classification, Kind, classify
from nbrefine.transforms.fitted import class_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbrefine.refine.declare.calls import Called, Calls


@dataclass(frozen=True)
class Transform:
    """A transform of the project.

    Parameters
    ----------
    called
        Where it is called.
    kind
        What it may be used for.
    columns
        What it reads and makes.
    why_not
        Why it is not declared; empty if it is.
    """

    called: Called
    kind: Classification
    columns: Columns
    why_not: str = ""


@dataclass(frozen=True)
class Choice:
    """What can be declared.

    Parameters
    ----------
    transforms
        In their order, declared or not.
    request
        Columns that a request must carry.
    lacking
        Columns that the model is fitted on and nobody makes for a request; what makes them.
    elsewhere
        Calls on other frames, which a request does not go through.
    """

    transforms: tuple[Transform, ...]
    request: tuple[str, ...]
    lacking: Mapping[str, str]
    elsewhere: tuple[Called, ...]


def choose(calls: Calls, modules: Mapping[str, str]) -> Choice:
    """Decide what can be declared.

    Parameters
    ----------
    calls
        What the steps call.
    modules
        The text of the project's modules, by name.

    Returns
    -------
    Choice
        Transforms of the frame that a model is fitted on; where none is, of the one that most
        transforms are called on.
    """
    followed = _followed(calls)
    own = [each for each in calls.called if each.result in followed]
    transforms: list[Transform] = []
    made: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    for called in own:
        if (called.module, called.name) not in seen:
            seen.add((called.module, called.name))
            transforms.append(_told(called, modules, made))
    declared = [each for each in transforms if not each.why_not]
    served = {name for each in declared for name in each.columns.makes}
    used = [name for _, names in calls.fitted for name in names]
    request = dict.fromkeys([*_needed(declared), *_carried(used, transforms)])
    lacking = {name: made[name] for name in used if name in made and name not in served}
    elsewhere = [each for each in calls.called if each not in own]
    return Choice(tuple(transforms), tuple(request), lacking, tuple(elsewhere))


def _followed(calls: Calls) -> set[str]:
    """Choose the variables that are on the way to a model."""
    called = [each.result for each in calls.called]
    followed = calls.behind(frame for frame, _ in calls.fitted)
    if followed.isdisjoint(called):
        return {max(called, key=called.count)} if called else set()
    return followed


def _told(called: Called, modules: Mapping[str, str], made: dict[str, str]) -> Transform:
    """Tell what a transform is; `made` collects what requests will not have."""
    body = _body(modules.get(called.module, ""))
    function = _function(body, called.name)
    if function is None:
        kind = Classification(Kind.UNKNOWN, None, None, "its code is not in src/", "code")
        columns = Columns()
    else:
        kind, columns = _classified(body, function), _columns(function)
    if kind.kind is Kind.FITTED:
        why_not = _learns(called, modules)
    else:
        why_not = _why_not(called, kind, columns, made)
    if why_not:
        made |= dict.fromkeys(columns.makes, called.name)
    return Transform(called, kind, columns, why_not)


def _body(text: str) -> list[ast.stmt]:
    try:
        return ast.parse(text).body
    except SyntaxError:
        return []


def _function(body: Sequence[ast.stmt], name: str) -> ast.FunctionDef | None:
    own = [each for each in body if isinstance(each, ast.FunctionDef) and each.name == name]
    return own[-1] if own and own[-1].args.args else None


def _classified(body: Sequence[ast.stmt], function: ast.FunctionDef) -> Classification:
    """Classify a function among its module's, with the line that its file has."""
    rest = [each for each in body if each is not function]
    kind = classify(ast.unparse(ast.Module([*rest, function], [])))
    found = (
        node.lineno
        for node in ast.walk(ast.Module([function, *rest], []))
        if isinstance(node, ast.expr | ast.stmt) and ast.unparse(node) == kind.statement
    )
    return replace(kind, line=next(found, None))


def _columns(function: ast.FunctionDef) -> Columns:
    frames = {function.args.args[0].arg}
    frames |= {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return columns_of(function.body, frames)


def _learns(called: Called, modules: Mapping[str, str]) -> str:
    """Say why a fitted function is not declared, and which class is for the estimator instead."""
    home, name = f"{called.module.partition('.')[0]}.transformers", class_name(called.name)
    classes = {each.name for each in _body(modules.get(home, "")) if isinstance(each, ast.ClassDef)}
    written = f"nbrefine.transforms.fitted_transformer({called.name}).source is its class"
    return (
        "it learns from all rows. Fit it on the training data, as a step of the estimator: "
        f"{f'{home}.{name} does so' if name in classes else written}"
    )


def _why_not(
    called: Called, kind: Classification, columns: Columns, made: Mapping[str, str]
) -> str:
    if kind.kind is Kind.RESHAPING:
        return "it changes which rows there are: it is for the making of training data"
    if kind.kind is Kind.UNKNOWN:
        return "it is not understood. If each row is made of that row alone, add it"
    reasons = []
    if lacking := [name for name in columns.reads if name in made]:
        reasons.append(
            f"it needs {', '.join(map(repr, lacking))}, which {made[lacking[0]]} makes, and that "
            "is not declared"
        )
    if called.others:
        given = ", ".join(called.others)
        reasons.append(
            f"the notebook also gives it {given}. Write a function of the frame alone that calls it"
        )
    return "; and ".join(reasons)


def _carried(names: Sequence[str], transforms: Sequence[Transform]) -> list[str]:
    """Return the columns that others are made of in the end, whether or not that is declared."""
    makers: dict[str, Transform] = {}
    for each in transforms:
        makers = {**dict.fromkeys(each.columns.makes, each), **makers}
    found: list[str] = []
    seen: set[str] = set()
    waiting = [*names]
    while waiting:
        if (name := waiting.pop(0)) in seen:
            continue
        seen.add(name)
        reads = makers[name].columns.reads if name in makers else (name,)
        # What makes a column of itself found it there.
        found += [name] if name in reads else []
        waiting += reads
    return found


def _needed(declared: Sequence[Transform]) -> list[str]:
    made: set[str] = set()
    needed: list[str] = []
    for each in declared:
        needed += [name for name in each.columns.reads if name not in made]
        made |= {*each.columns.makes}
    return needed
