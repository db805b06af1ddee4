"""Which names surely hold pandas frames."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.calls import resolve

if TYPE_CHECKING:
    from nbrefine.recording.facts import Recording
    from nbrefine.refine.findings.subject import Subject

_MAKERS = ("pandas.read_", "pandas.DataFrame", "pandas.concat", "pandas.merge", "pandas.get_dumm")
_FRAME_TYPES = frozenset({"pandas.DataFrame", "pandas.core.frame.DataFrame"})
# Methods that give a frame again.
_KEEP = frozenset(
    {
        *("copy", "dropna", "fillna", "drop", "drop_duplicates", "rename", "reset_index"),
        *("set_index", "sort_values", "sort_index", "merge", "join", "assign", "query", "sample"),
        *("head", "tail", "replace", "astype", "ffill", "bfill"),
    }
)


def frames(subject: Subject) -> frozenset[str]:
    """Return names that are frames wherever they are bound.

    Parameters
    ----------
    subject
        The notebook. What a run saw counts; without a run, what the code says.
    """
    if subject.recording is not None:
        return _seen(subject.recording)
    values = _values(subject)
    # `df = df.dropna()` is a frame if `df` is: begin with all, and take out what is none.
    known = frozenset(values)
    while True:
        left = frozenset(
            name
            for name in known
            if all(each is not None and _is_frame(each, known, subject) for each in values[name])
        )
        if left == known:
            return known
        known = left


def _seen(recording: Recording) -> frozenset[str]:
    types: dict[str, set[str]] = {}
    for record in recording.cells:
        for name, facts in record.values.items():
            types.setdefault(name, set()).add(facts.type)
    return frozenset(name for name, found in types.items() if found <= _FRAME_TYPES)


def _values(subject: Subject) -> dict[str, list[ast.expr | None]]:
    """Return what each name is bound to; None for what no expression says."""
    values: dict[str, list[ast.expr | None]] = {}
    for _, node in subject.walk():
        if isinstance(node, ast.Assign):
            for target in node.targets:
                for name, value in _pairs(target, node.value):
                    values.setdefault(name, []).append(value)
        elif isinstance(node, (ast.For, ast.comprehension, ast.AnnAssign, ast.withitem)):
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    values.setdefault(each.id, []).append(None)
    return values


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    return [
        (each.id, None)
        for each in ast.walk(target)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    ]


def _is_frame(value: ast.expr, known: frozenset[str], subject: Subject) -> bool:
    if isinstance(value, ast.Name):
        return value.id in known
    if isinstance(value, ast.Subscript):
        # A list of columns or a condition on rows; one column would be a series.
        chosen = isinstance(value.slice, (ast.List, ast.Compare))
        return chosen and _is_frame(value.value, known, subject)
    if isinstance(value, ast.Call):
        callee = resolve(value.func, subject.aliases)
        if callee.startswith(_MAKERS):
            return all(
                each.arg not in {"squeeze", "iterator", "chunksize"} for each in value.keywords
            )
        return (
            isinstance(value.func, ast.Attribute)
            and value.func.attr in _KEEP
            and _is_frame(value.func.value, known, subject)
        )
    return False
