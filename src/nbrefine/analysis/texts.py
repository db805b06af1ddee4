"""Names inside of texts that a library looks up among the variables: queries, formulas, SQL."""

from __future__ import annotations

import ast
import keyword
import re

_IDENTIFIER = re.compile(r"[^\W\d]\w*")
_AT_NAME = re.compile(r"@\s*([^\W\d]\w*)")
_FORMULA = re.compile(r"(?<!\w)~(?![/\\\w]*[/\\])|\w\s*~")
_SQL = re.compile(
    r"(?:\s|--[^\n]*\n|\()*(?:with|select|insert|update|delete|create|describe|summarize|from)\s",
    re.IGNORECASE,
)
_SQL_PART = re.compile(r"\b(?:from|join|into|update|table|describe|summarize)\s", re.IGNORECASE)
# Methods whose text is an expression over columns, in which @ marks a variable, or over variables.
_EXPRESSIONS = frozenset({"query", "eval"})
_EVALUATORS = frozenset({"pd.eval", "pandas.eval", "ne.evaluate", "numexpr.evaluate", "evaluate"})


def identifiers(text: str) -> set[str]:
    """Return all words of a text that may be variables."""
    return {word for word in _IDENTIFIER.findall(text) if not keyword.iskeyword(word)}


def names_in_text(text: str) -> set[str]:
    """Return names that a text speaks of, if it reads like a model formula or like SQL.

    Parameters
    ----------
    text
        The value of a string in the code.

    Returns
    -------
    set of str
        Candidates: what counts is whether the notebook has a variable of the name.
    """
    if _FORMULA.search(text) or (_SQL.match(text) and _SQL_PART.search(text)):
        return identifiers(text)
    return set()


def names_in_call(callee: str, text: str) -> set[str]:
    """Return names that a call looks up in a text that it is given.

    Parameters
    ----------
    callee
        What is called, dotted.
    text
        The value of a string among its arguments.

    Returns
    -------
    set of str
        ``{"limit"}`` for ``df.query("x > @limit")``.
    """
    if callee in _EVALUATORS:
        return identifiers(text)
    if callee.rpartition(".")[2] in _EXPRESSIONS:
        return set(_AT_NAME.findall(text))
    return set()


def text_of(node: ast.AST) -> str:
    """Return the text of a string's literal; empty for all else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_docstring(statement: ast.stmt) -> bool:
    """Tell whether a statement is a constant by itself."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def string_parts(node: ast.AST) -> str | None:
    """Return the text of a string or f-string, its replaced fields left out."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return " ".join(
            part.value
            for part in node.values
            if isinstance(part, ast.Constant) and isinstance(part.value, str)
        )
    return None
