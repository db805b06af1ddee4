"""Recognises the cell of a notebook that gives the parameters their defaults."""

from __future__ import annotations

import ast

# A build hands these to every step, so a cell that makes one of them a constant sets defaults.
INJECTED = {"product", "upstream"}


def sets_defaults(source: str, tagged: str | None) -> bool:
    """Tell whether running a cell takes back the values that a build would have injected.

    Parameters
    ----------
    source
        The cell that ran, as Python.
    tagged
        The text of the notebook's cell tagged ``parameters`` as it was last saved; None if it is
        not known.

    Returns
    -------
    bool
        True for that very cell, and for one that assigns a constant to ``product`` or
        ``upstream``: the same cell with unsaved edits, or what papermill injected into an
        executed notebook.
    """
    if tagged is not None and source.strip() == tagged.strip():
        return True
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return any(_assigns_constant(statement) for statement in body)


def _assigns_constant(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            targets = [target]
        case _:
            return False
    named = {target.id for target in targets if isinstance(target, ast.Name)}
    if not named & INJECTED:
        return False
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True
