"""What is computed and then used nowhere."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbrefine.analysis.texts import identifiers
from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

# Methods of frames and series that return a new one; of nothing else are these methods with
# these arguments of use for what they do on the side.
_PURE = frozenset(
    {
        *("fillna", "dropna", "drop_duplicates", "sort_values", "sort_index", "reset_index"),
        *("set_index", "astype", "assign", "ffill", "bfill", "interpolate", "reindex", "query"),
        *("replace", "rename", "drop", "round", "clip", "set_axis", "pivot_table", "melt"),
        *("to_datetime", "to_numeric", "get_dummies", "concat", "merge"),
    }
)
# Calls that are made for what they draw; their result is kept so that it is not shown.
_DRAWS = re.compile(
    r"plot|graph|^(?:set_|add_|hist|scatter|bar|legend|text|annotate|axhline|axvline|fill|imshow"
    r"|pie|contour|title|xlabel|ylabel|grid|tick|suptitle|twin|stem|step|errorbar|colorbar|figure"
    r"|xlim|ylim|axis)"
)
_NEED_KEYWORD = {"rename": ("columns", "index", "axis"), "assign": ()}
_PANDAS = {f"pandas.{name}" for name in ("to_datetime", "to_numeric", "get_dummies", "concat")}


class UnusedVariable(Rule):
    """A variable is given a value that no cell uses.

    What it does
    ------------
    Looks for names that are assigned once and more, and that no code of the notebook mentions
    again, not even in a text.

    Why is this bad
    ---------------
    It costs time, and it makes readers look for a use that is not there. Often it is the rest of
    an experiment, or a misspelt name.

    Examples
    --------
    Bad::

        # In[1]:
        prices = [3, 4, 5]
        dearest = max(prices)

        # In[2]:
        print(sum(prices))

    Good::

        # In[1]:
        prices = [3, 4, 5]

        # In[2]:
        print(sum(prices))
    """

    code = "NBR102"
    name = "unused-variable"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for assigned names that are mentioned nowhere else."""
        if subject.is_murky:
            return
        used = _mentioned(subject)
        for facts in subject.cells:
            for node in facts.tree.body:
                if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
                    continue
                target = node.targets[0]
                if not isinstance(target, ast.Name) or target.id in used:
                    continue
                if target.id.startswith("_") or _only_hides_output(node, facts):
                    continue
                yield self.at(
                    facts,
                    target,
                    f"`{target.id}` is used nowhere.",
                    "Delete the assignment, or the whole cell if it does nothing else.",
                )


class DiscardedResult(Rule):
    """A method makes a changed copy, and the copy is thrown away.

    What it does
    ------------
    Looks for calls such as ``df.dropna()`` that stand alone in the middle of a cell: their result
    is neither kept nor shown.

    Why is this bad
    ---------------
    The author meant to change the data, and it is as it was. Nothing says so.

    Examples
    --------
    Bad::

        # In[1]:
        import pandas as pd

        ages = pd.Series([31, None, 45])
        ages.fillna(0)
        print(ages.mean())

    Good::

        # In[1]:
        import pandas as pd

        ages = pd.Series([31, None, 45])
        ages = ages.fillna(0)
        print(ages.mean())
    """

    code = "NBR108"
    name = "discarded-result"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for lone calls of methods that change nothing in place."""
        if any("ast_node_interactivity" in facts.cell.source for facts in subject.cells):
            # Each line's result is shown.
            return
        for facts in subject.cells:
            alone = {id(node.value) for node in _inner_expressions(facts.tree)}
            for call in subject.calls_of(facts):
                if id(call.node) not in alone or call.is_open:
                    continue
                if call.receiver is None or not _is_pure(call.callee, call.node):
                    continue
                yield self.at(
                    facts,
                    call.node,
                    f"The result of `{call.method}` is thrown away: nothing has changed.",
                    f"Keep it: `... = {_head(call.node)}`.",
                )


def _mentioned(subject: Subject) -> set[str]:
    """Return every word that may be a use of a name, in code, magics and texts."""
    used: set[str] = set()
    for facts, node in subject.walk():
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            used.add(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            used.add(node.target.id)
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            used.update(node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used |= identifiers(node.value)
        if isinstance(node, ast.Module):
            used |= facts.names.reads | facts.names.string_names
            used |= {word for magic in facts.python.magics for word in identifiers(magic.text)}
            used |= identifiers(facts.cell.source) if facts.python.foreign else set()
    return used


def _only_hides_output(node: ast.Assign, facts: CellFacts) -> bool:
    """Whether a call is kept only so that the cell does not show it: ``p = ax.hist(...)``."""
    value = node.value
    if isinstance(value, (ast.Await, ast.Yield)):
        return True
    if not isinstance(value, ast.Call):
        return False
    name = value.func.attr if isinstance(value.func, ast.Attribute) else ast.unparse(value.func)
    is_method = isinstance(value.func, ast.Attribute)
    return bool(_DRAWS.search(name)) or (is_method and node is facts.tree.body[-1])


def _inner_expressions(tree: ast.Module) -> Iterator[ast.Expr]:
    """Yield lone expressions which are not there to be shown.

    What a cell ends with is shown; several in a row are an author's list of examples.
    """
    for node in ast.walk(tree):
        for block in (getattr(node, name, None) for name in ("body", "orelse", "finalbody")):
            if not isinstance(block, list):
                continue
            for index, each in enumerate(block):
                following = block[index + 1] if index + 1 < len(block) else None
                is_last = node is tree and following is None
                if isinstance(each, ast.Expr) and not is_last and not _is_example(following):
                    yield each


def _is_example(node: ast.stmt | None) -> bool:
    """Whether a statement is an expression that does nothing but give a value."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Attribute) and value.func.attr not in {"append", "show"}
    return not isinstance(value, ast.Await)


def _is_pure(callee: str, node: ast.Call) -> bool:
    method = callee.rpartition(".")[2]
    keywords = {each.arg for each in node.keywords}
    if callee in _PANDAS:
        return True
    if method not in _PURE or method in {"to_datetime", "to_numeric", "get_dummies", "concat"}:
        return False
    if "inplace" in keywords or "out" in keywords or "copy" in keywords:
        return False
    if method in _NEED_KEYWORD:
        wanted = _NEED_KEYWORD[method]
        return bool(keywords) if not wanted else bool(keywords & set(wanted))
    # A table of a database may be dropped; a frame's rows and columns are named.
    return method != "drop" or bool(node.args) or bool(keywords & {"columns", "index", "labels"})


def _head(node: ast.Call) -> str:
    text = ast.unparse(node.func)
    return f"{text if len(text) < 40 else '...' + text[-37:]}(...)"  # noqa: PLR2004  (a line's room)
