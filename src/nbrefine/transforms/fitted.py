"""Write the transformer that learns in ``fit`` what a fitted transform takes from its batch."""

from __future__ import annotations

import ast
import copy
import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.transforms.reading import Given, read
from nbrefine.transforms.sources import load
from nbrefine.transforms.splitting import Split, split
from nbrefine.transforms.subject import find
from nbrefine.transforms.values import Shape

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nbrefine.transforms.subject import Subject

__all__ = ["FittedTransformer", "class_name", "fitted_transformer"]


@dataclass(frozen=True)
class FittedTransformer:
    """A transformer as source.

    Attributes
    ----------
    name : str
        Of the class.
    source : str
        The class, with the imports that it needs.
    learnt : dict of str to str
        What it learns: the attribute, and the expression that makes it of the training data.
    """

    name: str
    source: str
    learnt: dict[str, str]


def fitted_transformer(transform: str | Callable[..., Any]) -> FittedTransformer | None:
    """Write a fitted transform as a class of scikit-learn's kind.

    ``fit`` runs the transform on the training data and keeps each statistic; ``transform`` is
    row-wise, with the statistics that were kept. On the training data it gives what the
    transform itself gives.

    Parameters
    ----------
    transform : str or callable
        As for `classify`.

    Returns
    -------
    FittedTransformer or None
        None where there is nothing to learn, or where no fixed statistic stands for the batch:
        ``shift``, ``rolling``, ``rank``.
    """
    source = load(transform)
    subject = source.subject
    if subject is None or isinstance(subject.node, ast.Lambda):
        return None
    if subject.node is not None and (len(subject.names) > 1 or subject.node.args.kwonlyargs):
        return None
    parts = split(source.text, subject)
    if parts is None or not parts.learnt or not _is_row_wise(parts, subject):
        return None
    return _written(parts, subject)


def class_name(function: str) -> str:
    """Return what the transformer of a function is called: ``FillAge`` of ``fill_age``.

    Parameters
    ----------
    function : str
        The function's name.
    """
    return "".join(word.capitalize() for word in function.split("_") if word) or "Transformer"


def _is_row_wise(parts: Split, subject: Subject) -> bool:
    """Return whether what is left for ``transform`` depends on each row alone."""
    body = [copy.deepcopy(each) for each in parts.transform]
    arguments = ", ".join([subject.batch, *parts.learnt])
    text = f"def transform({arguments}):\n{textwrap.indent(_lines(body), '    ')}"
    for name in parts.learnt:
        text = re.sub(rf"\bself\.{name}_\b", name, text)
    text = "\n".join([*(ast.unparse(each) for each in parts.setting), text])
    left = find(text)
    if left is None:
        return False
    given = {
        name: Given(literal=[0.0, 1.0] if each.role == "edges" else 0.0)
        for name, each in parts.learnt.items()
    }
    value = read(text, left, given)
    causes = (value.batch, value.rows, value.unknown, value.doubt)
    return value.shape == Shape.ROWS and not any(causes)


def _lines(body: list[ast.stmt]) -> str:
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _on_a_copy(batch: str, body: list[ast.stmt]) -> list[ast.stmt]:
    """Return statements that begin with a copy of the batch."""
    (copied,) = ast.parse(f"{batch} = {batch}.copy()").body
    if ast.dump(body[0]) == ast.dump(copied):
        return body
    return [copied, *body]


def _written(parts: Split, subject: Subject) -> FittedTransformer:
    function = subject.node.name if isinstance(subject.node, ast.FunctionDef) else "transform"
    name = class_name(function)
    batch = subject.batch
    learnt = {f"{each}_": ast.unparse(entry.learn) for each, entry in parts.learnt.items()}
    told = "\n".join(f"    {each} : ``{text}``" for each, text in learnt.items())
    fit = _lines(_on_a_copy(batch, [*parts.fit, ast.parse("return self").body[0]]))
    transform = _lines(_on_a_copy(batch, parts.transform))
    lines = [
        *(ast.unparse(each) for each in parts.setting),
        "from sklearn.base import BaseEstimator, TransformerMixin",
        "",
        "",
        f"class {name}(TransformerMixin, BaseEstimator):",
        f'    """Learn from the training data what `{function}` takes from its batch.',
        "",
        "    Attributes",
        "    ----------",
        told,
        '    """',
        "",
        f"    def fit(self, {batch}, y=None):",
        '        """Learn the statistics of the training data."""',
        textwrap.indent(fit, "        "),
        "",
        f"    def transform(self, {batch}):",
        '        """Transform each row by itself, with what was learnt."""',
        textwrap.indent(transform, "        "),
    ]
    return FittedTransformer(name, "\n".join(lines) + "\n", learnt)
