"""What differs from run to run for other reasons than random numbers."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbrefine.refine.findings.finding import Finding, Severity
from nbrefine.refine.findings.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.refine.findings.subject import Subject
    from nbrefine.refine.flow.facts import CellFacts

_CLOCKS = frozenset(
    {
        *("datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today"),
        *("datetime.date.today", "pandas.Timestamp.now", "pandas.Timestamp.today"),
        *("pandas.to_datetime.today", "time.strftime", "time.ctime", "time.localtime"),
        *("uuid.uuid1", "uuid.uuid4"),
    }
)
_LISTINGS = frozenset({"os.listdir", "os.scandir", "glob.glob", "glob.iglob", "os.walk"})
_PATH_LISTINGS = frozenset({"glob", "rglob", "iterdir"})
# What does not care about the order of what it is given.
_ORDERLESS = frozenset(
    {
        *("sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all", "natsorted"),
        "Counter",
    }
)
_ORDERED = frozenset({"list", "tuple", "enumerate", "join", "Series", "array", "iter", "zip"})


class PresentTime(Rule):
    """The present time or a new identifier goes into the results.

    What it does
    ------------
    Looks for ``datetime.now()``, ``date.today()``, ``pd.Timestamp.now()``, ``uuid4()`` and the
    like.

    Why is this bad
    ---------------
    The results of today cannot be had tomorrow. Where a period ends "today", the same notebook
    answers another question each day.

    Examples
    --------
    Bad::

        # In[1]:
        from datetime import date

        age = date.today().year - 1980
        print(age)

    Good::

        # In[1]:
        from datetime import date

        as_of = date(2024, 6, 30)
        age = as_of.year - 1980
        print(age)
    """

    code = "NBR304"
    name = "present-time"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for calls that ask the clock."""
        clocks = [call for call in subject.calls if call.callee in _CLOCKS]
        timing = _stopwatches(subject, {id(call.node) for call in clocks})
        for call in clocks:
            told_a_time = call.method == "strftime" and len(call.node.args) > 1
            if not told_a_time and id(call.node) not in timing:
                yield self.at(
                    call.facts,
                    call.node,
                    f"`{ast.unparse(call.node.func)}` gives something else in each run.",
                    "Make the date a variable at the top, so that it can be set.",
                )


class SetOrder(Rule):
    """The order of a set decides about a result.

    What it does
    ------------
    Looks for ``list(set(...))``, ``enumerate(set(...))``, ``for x in set(...)`` and the like.

    Why is this bad
    ---------------
    The order of texts in a set is another one in each process (``PYTHONHASHSEED``). Columns,
    codes of categories and lines of plots change places.

    Examples
    --------
    Bad::

        # In[1]:
        names = list(set(["b", "a", "b"]))
        print(names)

    Good::

        # In[1]:
        names = sorted(set(["b", "a", "b"]))
        print(names)
    """

    code = "NBR305"
    name = "set-order"
    severity = Severity.WARNING

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for sets that are put into an order."""
        for facts in subject.cells:
            if _was_steady(subject, facts):
                continue
            inside = _sheltered(facts.tree)
            for node in ast.walk(facts.tree):
                source: ast.expr | None = None
                if isinstance(node, ast.Call) and _name(node.func) in _ORDERED and node.args:
                    source = node.args[0]
                elif isinstance(node, (ast.For, ast.comprehension)):
                    source = node.iter
                if source is None or not _is_set(source) or id(source) in inside:
                    continue
                if isinstance(node, ast.For) and not _collects(node):
                    continue
                yield self.at(
                    facts,
                    source,
                    "The order of a set of texts is another one in each run.",
                    f"Write `sorted({ast.unparse(source)})`."
                    if len(ast.unparse(source)) < 40  # noqa: PLR2004  (a line's room)
                    else "Sort it.",
                )


class FileOrder(Rule):
    """Files are taken in the order in which the file system lists them.

    What it does
    ------------
    Looks for ``os.listdir``, ``glob`` and ``Path.iterdir`` that are not sorted.

    Why is this bad
    ---------------
    The order differs between machines, and on one machine after a copy. Rows that are put
    together from the files, and all that depends on their order, differ too.

    Examples
    --------
    Bad::

        # In[1]:
        import glob

        import pandas as pd

        df = pd.concat([pd.read_csv(name) for name in glob.glob("data/*.csv")])

    Good::

        # In[1]:
        import glob

        import pandas as pd

        df = pd.concat([pd.read_csv(name) for name in sorted(glob.glob("data/*.csv"))])
    """

    code = "NBR306"
    name = "file-order"
    severity = Severity.INFO

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Look for listings that nothing sorts."""
        for facts in subject.cells:
            inside = _sheltered(facts.tree)
            kept = _sorted_later(subject)
            for call in subject.calls_of(facts):
                listing = call.callee in _LISTINGS or (
                    call.method in _PATH_LISTINGS and not call.callee.startswith("glob.")
                )
                if not listing or id(call.node) in inside or call.callee in kept:
                    continue
                if _is_bare(facts.tree, call.node):
                    continue
                if _assigned_to(facts.tree, call.node) & kept:
                    continue
                yield self.at(
                    facts,
                    call.node,
                    f"`{ast.unparse(call.node.func)}` gives the files in no certain order.",
                    "Put `sorted(...)` around it.",
                )


class VaryingCell(Rule):
    """A cell showed something else when the notebook ran again.

    What it does
    ------------
    Compares the outputs of several runs of the notebook, in fresh kernels and with another
    ``PYTHONHASHSEED``; needs a run.

    Why is this bad
    ---------------
    What the notebook says is not what it will say next time. ``nbrefine prove`` can only compare
    what stays.

    Examples
    --------
    Bad::

        # In[1]:
        import os

        print(os.getpid())

    Good::

        # In[1]:
        print("done")
    """

    code = "NBR307"
    name = "varying-cell"
    severity = Severity.WARNING
    needs_run = True

    def check(self, subject: Subject) -> Iterator[Finding]:
        """Take over what the runs showed."""
        if subject.recording is None:
            return
        for facts in subject.cells:
            cause = subject.recording.causes.get(facts.origin)
            if cause is not None:
                yield self.at(facts, 1, cause, "If others build on it, seed or fix what varies.")


def _was_steady(subject: Subject, facts: CellFacts) -> bool:
    """Whether runs with different hash seeds have shown the same here."""
    recording = subject.recording
    return (
        recording is not None and bool(recording.reruns) and facts.origin not in recording.varying
    )


def _stopwatches(subject: Subject, clocks: set[int]) -> set[int]:
    """Return those calls of the clock by which only a duration is measured."""
    starts: dict[str, set[int]] = {}
    for _, node in subject.walk():
        if isinstance(node, ast.Assign) and id(node.value) in clocks:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    starts.setdefault(target.id, set()).add(id(node.value))
    found: set[int] = set()
    for _, node in subject.walk():
        if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
            continue
        sides = [
            {id(side)} & clocks | starts.get(getattr(side, "id", ""), set())
            for side in (node.left, node.right)
        ]
        if all(sides):
            found |= sides[0] | sides[1]
    return found


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, (ast.Set, ast.SetComp)):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr, ast.Sub)):
        return _is_set(node.left) or _is_set(node.right)
    return isinstance(node, ast.Call) and _name(node.func) in {"set", "frozenset"}


def _collects(node: ast.For) -> bool:
    """Whether a loop keeps or shows something in its order."""
    return any(
        isinstance(each, ast.Call) and _name(each.func) in {"append", "print", "extend", "plot"}
        for each in ast.walk(node)
    )


def _sheltered(tree: ast.Module) -> set[int]:
    """Return the nodes inside of calls that do not care about order."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) in _ORDERLESS
        for argument in node.args
        for inner in ast.walk(argument)
    }


def _sorted_later(subject: Subject) -> set[str]:
    """Return names that are sorted somewhere."""
    found = set()
    for call in subject.calls:
        if call.method in {"sort", "shuffle"} and isinstance(call.receiver, ast.Name):
            found.add(call.receiver.id)
        if call.method in _ORDERLESS:
            found |= {each.id for each in call.node.args if isinstance(each, ast.Name)}
    return found


def _assigned_to(tree: ast.Module, value: ast.expr) -> set[str]:
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(each is value for each in ast.walk(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _is_bare(tree: ast.Module, value: ast.expr) -> bool:
    """Whether an expression stands alone: the notebook only shows it."""
    return any(isinstance(node, ast.Expr) and node.value is value for node in ast.walk(tree))
