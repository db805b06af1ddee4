"""Calls with what they call, import aliases resolved."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.mutation import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.refine.flow.facts import CellFacts

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Call:
    """One call.

    Parameters
    ----------
    facts
        The cell that it stands in.
    node
        Its place in the syntax tree.
    callee
        What is called, with the module's own name: ``numpy.random.seed``. Of a method of
        something that is not a name only the last part, with a dot before it: ``.fit``.
    in_function
        Whether it stands in a function's body, and so happens when that is called.
    """

    facts: CellFacts
    node: ast.Call
    callee: str
    in_function: bool

    @property
    def method(self) -> str:
        """The last part of what is called."""
        return self.callee.rpartition(".")[2]

    @property
    def receiver(self) -> ast.expr | None:
        """What the method is called on; None for a plain function."""
        return self.node.func.value if isinstance(self.node.func, ast.Attribute) else None

    @property
    def place(self) -> tuple[int, int]:
        """Its cell and line, to be compared."""
        return (self.facts.origin, self.node.lineno)

    def argument(self, keyword: str, position: int | None = None) -> ast.expr | None:
        """Return an argument by its keyword or its position."""
        for each in self.node.keywords:
            if each.arg == keyword:
                return each.value
        if position is not None and position < len(self.node.args):
            return self.node.args[position]
        return None

    @property
    def is_open(self) -> bool:
        """Whether some arguments are not spelt out: ``*args`` or ``**options``."""
        return any(each.arg is None for each in self.node.keywords) or any(
            isinstance(each, ast.Starred) for each in self.node.args
        )


def find_calls(facts: CellFacts, aliases: Mapping[str, str]) -> Iterator[Call]:
    """Find the calls of a cell.

    Parameters
    ----------
    facts
        The cell.
    aliases
        What imported names stand for.
    """
    todo: list[tuple[ast.AST, bool]] = [(facts.tree, False)]
    while todo:
        node, inside = todo.pop()
        if isinstance(node, ast.Call):
            yield Call(facts, node, resolve(node.func, aliases), inside)
        inside = inside or isinstance(node, _FUNCTIONS)
        todo += [(child, inside) for child in reversed(list(ast.iter_child_nodes(node)))]


def resolve(node: ast.expr, aliases: Mapping[str, str]) -> str:
    """Return the dotted name of an expression, a module's alias replaced by its name."""
    text = dotted(node)
    if text is None:
        return f".{node.attr}" if isinstance(node, ast.Attribute) else ""
    head, dot, rest = text.partition(".")
    return f"{aliases.get(head, head)}{dot}{rest}"
