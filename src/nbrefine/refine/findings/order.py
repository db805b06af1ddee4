"""Whether the notebook runs from top to bottom: names, and the counts of the last session."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

# What IPython itself puts among the names.
_GIVEN = frozenset(dir(builtins)) | {
    *("display", "get_ipython", "In", "Out", "exit", "quit", "open", "__name__", "__file__"),
    *("__doc__", "__builtins__", "__annotations__", "__spec__"),
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class HiddenState(Rule):
    """A name is used before any cell above has given it a value.

    What it does
    ------------
    Looks for names that a cell needs and that no cell above it binds: they are bound further
    down, or in a cell that is gone. What the kernel still holds from the last session hides it.

    Why is this bad
    ---------------
    *Restart Kernel and Run All Cells* stops there with a ``NameError``, and so does everyone
    else who opens the notebook.

    Examples
    --------
    Bad::

        # In[2]:
        print(total / 2)

        # In[1]:
        total = sum([1, 2, 3])

    Good::

        # In[1]:
        total = sum([1, 2, 3])

        # In[2]:
        print(total / 2)
    """

    code = "NBR101"
    name = "hidden-state"
    severity = Severity.ERROR

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for names that nothing above binds."""
        known = set(_GIVEN)
        for facts in subject.cells:
            if facts.names.binds_unknown or facts.names.uses_all or facts.python.error:
                return
            ran = facts.record is not None and "raises-exception" not in facts.cell.tags
            missing = () if ran else sorted(_needed(facts) - known)
            if "raises-exception" not in facts.cell.tags:
                for name in missing:
                    yield self._missing(subject, facts, name)
            known |= facts.names.binds | set(missing)

    def _missing(self, subject: Subject, facts: CellFacts, name: str) -> Finding:
        later = [each for each in subject.binders(name) if each.origin > facts.origin]
        if later:
            message = (
                f"`{name}` is used here, but its first value comes only in cell "
                f"{subject.number(later[0])}."
            )
            hint = "Move that cell up, or this one down."
        elif name in facts.names.binds:
            message = f"`{name}` is used here before it has a value."
            hint = "The cell works only if it has run before: give the name its first value above."
        else:
            message = f"`{name}` is used here, but no cell gives it a value."
            hint = "The cell that did may have been deleted: write it again."
        return self.at(facts, _first_use(facts.tree, name), message, hint)


class RunOutOfOrder(Rule):
    """The cells were run in another order than they stand in.

    What it does
    ------------
    Compares the execution counts that the notebook was saved with: they fall where a cell was
    run before one above it.

    Why is this bad
    ---------------
    The outputs that the notebook shows come from another program than the one that is read from
    top to bottom. ``nbrefine refine`` runs the cells as they stand.

    Examples
    --------
    Bad::

        # In[2]:
        prices = [3, 4, 5]

        # In[3]:
        print(sum(prices))

        # In[1]:
        print("start")

    Good::

        # In[1]:
        prices = [3, 4, 5]

        # In[2]:
        print(sum(prices))

        # In[5]:
        print("end")
    """

    code = "NBR107"
    name = "run-out-of-order"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for a count that is lower than that of a cell above."""
        before: CellFacts | None = None
        for facts in subject.cells:
            count = facts.cell.execution_count
            if count is None:
                continue
            if before is not None and count < (before.cell.execution_count or 0):
                yield self.at(
                    facts,
                    1,
                    f"This cell was run as [{count}], before cell {subject.number(before)} above "
                    f"it, which was run as [{before.cell.execution_count}].",
                    "Restart the kernel and run all cells; if that fails or shows something else, "
                    "the cells belong in the order of the counts.",
                )
            before = facts


def _needed(facts: CellFacts) -> set[str]:
    """Return names that a cell surely needs a value of from above."""
    needed = set()
    for name in facts.names.reads - facts.names.history:
        use = _first_use(facts.tree, name)
        if use is None or _is_guarded(facts.tree, name) or _in_its_loop(facts.tree, use):
            continue
        bound = _first_binding(facts.tree, name)
        if bound is None or (use.lineno, _order(facts.tree, use)) <= (bound, 0):
            needed.add(name)
    return needed


def _first_use(tree: ast.Module, name: str) -> ast.Name | None:
    """Return where a name is read first, outside of functions."""
    todo: list[ast.AST] = [tree]
    found: list[ast.Name] = []
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            found.append(node)
        if isinstance(node, ast.AnnAssign):
            # An annotation may name what comes later; what it needs at once is seldom told.
            todo += [each for each in (node.target, node.value) if each is not None]
            continue
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            todo.append(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        if not isinstance(node, _FUNCTIONS):
            todo += ast.iter_child_nodes(node)
    return min(found, key=lambda each: (each.lineno, each.col_offset), default=None)


def _first_binding(tree: ast.Module, name: str) -> int | None:
    """Return the first line of a statement that may bind a name."""
    lines = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        or (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name)
        or (isinstance(node, ast.alias) and (node.asname or node.name.split(".")[0]) == name)
        or (isinstance(node, (ast.ExceptHandler, ast.MatchAs)) and node.name == name)
    ]
    return min(lines, default=None)


def _order(tree: ast.Module, use: ast.Name) -> int:
    """Return 0 if a use is evaluated before what its line binds: ``x = x + 1``; else 1."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension, ast.With, ast.match_case)) and any(
            each is use for each in ast.walk(node)
        ):
            return 1
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)) and any(
            each is use for each in ast.walk(node.value or node)
        ):
            return 0
    return 0 if any(isinstance(node, ast.AugAssign) for node in ast.walk(tree)) else 1


def _in_its_loop(tree: ast.Module, use: ast.Name) -> bool:
    """Whether a use stands in a loop that binds its name: an earlier round may have done so."""
    for loop in ast.walk(tree):
        if isinstance(loop, (ast.For, ast.AsyncFor, ast.While)):
            inside = [each for each in ast.walk(loop) if isinstance(each, ast.Name)]
            stored = {each.id for each in inside if isinstance(each.ctx, ast.Store)}
            if use.id in stored and any(each is use for each in inside):
                return True
    return False


def _is_guarded(tree: ast.Module, name: str) -> bool:
    """Whether the code asks if a name is there: ``except NameError``, ``if "x" in globals()``."""
    return any(
        (isinstance(node, ast.Name) and node.id in {"NameError", "globals", "locals", "vars"})
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in ast.walk(tree)
    )
