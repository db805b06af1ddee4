"""The target among the features."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.mutation import dotted
from nbrefine.refine.findings.calls import resolve
from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule
from nbrefine.refine.findings.statements import is_partial, statements, stored_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject


class TargetAmongFeatures(Rule):
    """The column to be predicted is among the columns to predict from.

    What it does
    ------------
    Follows which columns of a frame become ``X`` and which becomes ``y``, as far as the code
    spells their names out, up to ``fit(X, y)`` or ``train_test_split(X, y)``.

    Why is this bad
    ---------------
    The model reads the answer. Its scores are near perfect, and it is of no use.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd
        from sklearn.linear_model import LogisticRegression

        df = pd.read_csv("loans.csv")
        y = df["default"]
        X = df.drop(columns=["id"])
        model = LogisticRegression().fit(X, y)

    Good::

        # In[1]:
        import pandas as pd
        from sklearn.linear_model import LogisticRegression

        df = pd.read_csv("loans.csv")
        y = df["default"]
        X = df.drop(columns=["id", "default"])
        model = LogisticRegression().fit(X, y)
    """

    code = "NBR205"
    name = "target-among-features"
    severity = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Follow the columns of frames."""
        columns = _Columns(subject)
        for facts, node in statements(subject):
            for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
                callee = resolve(call.func, subject.aliases)
                is_fit = isinstance(call.func, ast.Attribute) and call.func.attr == "fit"
                if not (is_fit or callee.endswith("train_test_split")) or len(call.args) < 2:  # noqa: PLR2004
                    continue
                features, target = (columns.of(each) for each in call.args[:2])
                if features and target and target.only and features.frame == target.frame:
                    (column,) = target.only
                    if features.has(column):
                        yield self.at(
                            facts,
                            call.args[0],
                            f'The target "{column}" is still among the features.',
                            f'Take it out: `.drop(columns="{column}")`.',
                        )
            columns.follow(node)


@dataclass(frozen=True)
class _Chosen:
    """Columns of a frame: `only` those, or all `without` some."""

    frame: tuple[str, int]
    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def has(self, column: str) -> bool:
        """Whether a column is among them."""
        return column in self.only if self.only is not None else column not in self.without


class _Columns:
    """Keeps which columns names hold; what is not spelt out is unknown."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.known: dict[str, _Chosen] = {}
        self.version = 0

    def of(self, node: ast.expr) -> _Chosen | None:
        """Return the columns that an expression holds; None if that cannot be told."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.Attribute) and node.attr == "values":
            return self.of(node.value)
        if isinstance(node, ast.Attribute):
            before = self.of(node.value) if node.attr not in {"T", "index", "columns"} else None
            return before and _Chosen(before.frame, frozenset({node.attr}))
        if isinstance(node, ast.Subscript) and (before := self.of(node.value)):
            names = _texts(node.slice)
            return _Chosen(before.frame, names) if names else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        return None

    def _method(self, node: ast.Call, func: ast.Attribute) -> _Chosen | None:
        before = self.of(func.value)
        if before is None:
            callee = dotted(func) or ""
            if resolve(func, self.subject.aliases).startswith("pandas.read_") and callee:
                self.version += 1
                return _Chosen(("", self.version))
            return None
        if func.attr == "drop" and (gone := _dropped(node)):
            if before.only is not None:
                return _Chosen(before.frame, before.only - gone)
            return _Chosen(before.frame, None, before.without | gone)
        if func.attr in {"copy", "to_numpy", "ravel", "astype"}:
            return before
        return None

    def follow(self, node: ast.stmt) -> None:
        """Take note of what a statement does to columns."""
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            self._in_place(call)
        if isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    self._without(target.value.id, _texts(target.slice))
        names = stored_in(node)
        value = getattr(node, "value", None)
        if is_partial(node):
            # A column may have got another meaning, but the frame keeps its columns.
            return
        found = self.of(value) if len(names) == 1 and isinstance(value, ast.expr) else None
        for name in names:
            if found is None:
                self.known.pop(name, None)
            else:
                self.known[name] = found

    def _in_place(self, call: ast.Call) -> None:
        func = call.func
        if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)):
            return
        name = func.value.id
        in_place = any(each.arg == "inplace" for each in call.keywords)
        if func.attr == "pop" and call.args:
            self._without(name, _texts(call.args[0]))
        elif in_place and func.attr == "drop" and (gone := _dropped(call)):
            self._without(name, gone)
        elif in_place:
            self.known.pop(name, None)

    def _without(self, name: str, gone: frozenset[str]) -> None:
        before = self.known.pop(name, None)
        if before is None or not gone:
            return
        only = None if before.only is None else before.only - gone
        self.known[name] = _Chosen(before.frame, only, before.without | gone)


def _dropped(node: ast.Call) -> frozenset[str]:
    """Return the columns that ``drop`` takes out; empty if they are not spelt out."""
    for keyword in node.keywords:
        if keyword.arg == "columns":
            return _texts(keyword.value)
    by_column = any(
        keyword.arg == "axis"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value in {1, "columns"}
        for keyword in node.keywords
    ) or (len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and node.args[1].value == 1)
    return _texts(node.args[0]) if by_column and node.args else frozenset()


def _texts(node: ast.expr) -> frozenset[str]:
    """Return a text, or the texts of a list, that the code spells out; else none."""
    parts = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    texts = [part.value for part in parts if isinstance(part, ast.Constant)]
    if len(texts) != len(parts) or not all(isinstance(text, str) for text in texts):
        return frozenset()
    return frozenset(str(text) for text in texts)
