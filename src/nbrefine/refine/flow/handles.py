"""Names for what no file holds, and a later step asks for anew.

The running IPython, its formatters and loggers, of which a process has one each: they are told anew
what they were told. And connections to a database in a file, which keeps what was done.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence

    from nbrefine.refine.flow.facts import CellFacts

KIND = "handle"
"""Of the recipes that ask for them."""

# What they are told and keep. A handler that is added is an object of the notebook's own.
_TELLING = frozenset({"setLevel", "register", "set_trait", "enable_matplotlib", "enable_gui"})
_TELLING_BEGINNINGS = ("for_type", "register_", "run_line_magic")
_ASKED = frozenset({"get_ipython", "logging.getLogger", "getLogger"})
# Of a database that is gone with its process.
_IN_MEMORY = re.compile(r":memory:|mode=memory|\A\Z")


def handle_name(node: ast.stmt) -> str | None:
    """Return the name that a statement gives to such an object; None if it does something else.

    Parameters
    ----------
    node
        Such as ``logger = logging.getLogger("load")``.
    """
    return _given_name(node, _asks) or connection_name(node)


def connection_name(node: ast.stmt) -> str | None:
    """Return the name that a statement gives to a connection; None if it does something else.

    Parameters
    ----------
    node
        Such as ``conn = sqlite3.connect("shop.sqlite")``. A database that is not in a file is none
        that another step could ask.
    """
    return _given_name(node, _connects)


def _given_name(node: ast.stmt, fits: Callable[[ast.expr], bool]) -> str | None:
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) and fits(node.value) else None


def find_handles(cells: Sequence[CellFacts]) -> frozenset[str]:
    """Find the names that stand for such an object, and for nothing else in the notebook.

    Parameters
    ----------
    cells
        The whole notebook.
    """
    given: dict[str, int] = {}
    bound: dict[str, int] = {}
    for facts in cells:
        for node in facts.tree.body:
            name = handle_name(node)
            if name is not None:
                given[name] = given.get(name, 0) + 1
        for each in ast.walk(facts.tree):
            if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
                bound[each.id] = bound.get(each.id, 0) + 1
    return frozenset(name for name, count in given.items() if count == bound[name])


def tells_handle(node: ast.stmt, handles: Container[str]) -> bool:
    """Whether a statement tells such an object something, and does no more.

    Parameters
    ----------
    node
        Such as ``logger.setLevel("INFO")``.
    handles
        Names that stand for such objects.
    """
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    method = call.func.attr
    holder: ast.expr = call.func.value
    while isinstance(holder, (ast.Attribute, ast.Subscript)):
        holder = holder.value
    known = method in _TELLING or method.startswith(_TELLING_BEGINNINGS)
    return known and isinstance(holder, ast.Name) and holder.id in handles


def _asks(value: ast.expr) -> bool:
    """Whether an expression asks for such an object, by constants alone."""
    while isinstance(value, (ast.Attribute, ast.Subscript)):
        if isinstance(value, ast.Subscript) and not isinstance(value.slice, ast.Constant):
            return False
        value = value.value
    if not isinstance(value, ast.Call) or value.keywords:
        return False
    return ast.unparse(value.func) in _ASKED and all(
        isinstance(each, ast.Constant) or (isinstance(each, ast.Name) and each.id == "__name__")
        for each in value.args
    )


def _connects(value: ast.expr) -> bool:
    """Whether an expression connects to a database in a file, as far as the code tells."""
    if not isinstance(value, ast.Call) or value.keywords or len(value.args) != 1:
        return False
    database = value.args[0]
    if ast.unparse(value.func) != "sqlite3.connect":
        return False
    if isinstance(database, ast.Constant):
        return isinstance(database.value, str) and not _IN_MEMORY.search(database.value)
    return isinstance(database, (ast.Name, ast.JoinedStr))
