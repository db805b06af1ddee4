"""Credentials that a cell shows, or that a step is given, do not get into git."""

from __future__ import annotations

import ast
from typing import Any

from nbrefine.notebook.json_texts import map_texts
from nbrefine.report.masking import MASK, mask_value, secrets_in

__all__ = ["MASK", "hidden_parameters", "without_secrets"]


def without_secrets(value: Any) -> Any:  # noqa: ANN401  (JSON is of any type)
    """Return what a cell shows without what is a credential by its form.

    What is only called like one is kept: it may be a result.

    Parameters
    ----------
    value
        Text, or JSON with texts in it.
    """
    return map_texts(value, _masked)


def _masked(text: str) -> str:
    for secret, _ in secrets_in(text):
        text = text.replace(secret, MASK)
    return text


def hidden_parameters(setting: str) -> str:
    """Return the cell that sets the parameters without those that are credentials.

    Parameters
    ----------
    setting
        Assignments of literals.
    """
    lines = []
    for node in ast.parse(setting).body:
        line = ast.get_source_segment(setting, node) or ""
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, _literal(node.value)
            masked = mask_value(name, value)
            if masked != value:
                line = f"{name} = {masked!r}"
        lines.append(line)
    return "\n".join(lines)


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None  # float("nan")
