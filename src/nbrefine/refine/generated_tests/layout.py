"""Python as a formatter would lay it out: quotes, and calls broken over lines where long."""

from __future__ import annotations

import ast
import io
import tokenize
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 88


def tidy(expression: str) -> str:
    """Return an expression with double quotes, where a text has none itself.

    Parameters
    ----------
    expression
        Python, as `repr` writes it.
    """
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(expression).readline):
        text = token.string
        plain = token.type == tokenize.STRING and text.startswith("'")
        if plain and not text.startswith("'''") and '"' not in text:
            inside = text[1:-1].replace("\\'", "'")
            text = f'"{inside}"'
        tokens.append(token._replace(string=text))
    lines = expression.splitlines(keepends=True)
    # Replaced from the end on, so that positions in front stay right.
    for token in reversed(tokens):
        (line, start), (last, end) = token.start, token.end
        if token.type == tokenize.STRING and line == last:
            old = lines[line - 1]
            lines[line - 1] = old[:start] + token.string + old[end:]
    return "".join(lines)


def statement(before: str, parts: Sequence[str], after: str, indent: int = 4) -> list[str]:
    """Write a call, or a list, on one line if it fits; else a part a line.

    Parameters
    ----------
    before, after
        Such as ``result = add(`` and ``)``.
    parts
        What stands between, without commas.
    indent
        Columns by which the statement is indented.
    """
    pad = " " * indent
    one = f"{pad}{before}{', '.join(parts)}{after}"
    if len(one) <= WIDTH or not parts:
        return [one]
    inside = f"{pad}    {', '.join(parts)}"
    if len(inside) <= WIDTH:
        return [f"{pad}{before}", inside, f"{pad}{after}"]
    lines = [f"{pad}{before}"]
    for part in parts:
        lines += _broken(part, indent + 4)
    return [*lines, f"{pad}{after}"]


def comprehension(
    name: str, call: tuple[str, Sequence[str], str], loop: str, indent: int = 4
) -> list[str]:
    """Write an assignment of a list that a loop makes, on one line if it fits.

    Parameters
    ----------
    name
        What it is bound to.
    call
        What makes each element, as `statement` takes it.
    loop
        What stands after ``for``.
    indent
        Columns by which the statement is indented.
    """
    before, parts, after = call
    pad = " " * indent
    one = f"{pad}{name} = [{before}{', '.join(parts)}{after} for {loop}]"
    if len(one) <= WIDTH:
        return [one]
    element = statement(before, parts, after, indent + 4)
    return [f"{pad}{name} = [", *element, f"{pad}    for {loop}", f"{pad}]"]


def assignment(name: str, expression: str, indent: int = 4) -> list[str]:
    """Write an assignment; the arguments of a call that is too long get lines of their own.

    Parameters
    ----------
    name, expression
        What is bound to what.
    indent
        Columns by which the statement is indented.
    """
    line = f"{' ' * indent}{name} = {expression}"
    node = ast.parse(expression, mode="eval").body
    if len(line) <= WIDTH or not isinstance(node, ast.Call):
        return [line]
    function = ast.get_source_segment(expression, node.func) or ""
    arguments = [*node.args, *node.keywords]
    parts = [ast.get_source_segment(expression, each) or "" for each in arguments]
    return statement(f"{name} = {function}(", parts, ")", indent)


def _broken(part: str, indent: int) -> list[str]:
    """Write one part of a list with its comma, broken itself if it is too long."""
    pad = " " * indent
    if len(pad) + len(part) + 1 <= WIDTH:
        return [f"{pad}{part},"]
    name, inner = _split_name(part)
    node = ast.parse(inner, mode="eval").body
    ends = {ast.List: ("[", "]"), ast.Tuple: ("(", ")"), ast.Set: ("{", "}")}
    if type(node) in ends and (elements := getattr(node, "elts", ())):
        opening, closing = ends[type(node)]
        texts = [ast.get_source_segment(inner, each) or "" for each in elements]
        lines = statement(f"{name}{opening}", texts, f"{closing},", indent)
        one_tuple = isinstance(node, ast.Tuple) and len(texts) == 1
        return [f"{pad}{part},"] if one_tuple else lines
    if isinstance(node, ast.Dict) and all(node.keys):
        texts = [
            f"{ast.get_source_segment(inner, key)}: {ast.get_source_segment(inner, value)}"
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        ]
        lines = [f"{pad}{name}{{", *(f"{pad}    {text}," for text in texts), f"{pad}}},"]
        return lines if texts else [f"{pad}{part},"]
    return [f"{pad}{part},"]


def _split_name(part: str) -> tuple[str, str]:
    """Split ``name=value`` of a call."""
    head, equals, tail = part.partition("=")
    if equals and head.isidentifier() and not tail.startswith("="):
        return f"{head}=", tail
    return "", part
