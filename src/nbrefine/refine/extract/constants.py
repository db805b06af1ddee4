"""Values of a notebook that never change: numbers, texts, and what is made of such."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nbrefine.refine.extract.bindings import Binding, Namespace

_PLAIN = (
    *(ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp, ast.JoinedStr, ast.FormattedValue),
    *(ast.unaryop, ast.operator, ast.expr_context, ast.Name, ast.Attribute, ast.keyword),
    *(ast.Subscript, ast.Compare, ast.cmpop),
)
_CONTAINERS = (ast.List, ast.Set, ast.Dict)
# These give the same whenever they are called, and nothing else comes of it.
_PURE = frozenset(
    {
        *("os.path.join", "pathlib.Path", "re.compile", "pandas.Timestamp", "pandas.Timedelta"),
        *("datetime.date", "datetime.datetime", "datetime.timedelta", "decimal.Decimal"),
        *("fractions.Fraction", "numpy.sqrt", "numpy.log", "numpy.exp", "math.sqrt", "math.log"),
        *("frozenset", "tuple", "range", "len", "str", "int", "float", "bool", "round", "max"),
        *("min", "sum", "abs", "numpy.dtype"),
    }
)
_MAKING_CONTAINERS = frozenset({"list", "dict", "set", "sorted"})
_VALUES = frozenset({"numpy.pi", "numpy.e", "numpy.nan", "numpy.inf", "math.pi", "math.e"})


@dataclass(frozen=True)
class Constant:
    """An assignment that can be in a module.

    Parameters
    ----------
    names
        What it binds.
    text
        As it is written.
    constants
        Names of other constants that it is made of.
    imports
        Imports that it needs, one a line.
    """

    names: frozenset[str]
    text: str
    constants: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()


def common_constants(namespaces: Collection[Namespace]) -> Mapping[str, Constant]:
    """Find the names that have one and the same value, wherever notebooks bind them.

    Parameters
    ----------
    namespaces
        All notebooks.

    Returns
    -------
    dict of str to Constant
        In the order in which they are assigned; all names of an assignment, or none.
    """
    order = dict.fromkeys(
        name
        for space in namespaces
        for statement in space.statements
        for name in sorted(statement.names.binds)
    )
    found: dict[str, Constant] = {}
    for name in order:
        made = [_constant(name, space, found) for space in namespaces if name in space.bindings]
        if made and None not in made and len({_shape(each) for each in made}) == 1:
            found[name] = next(each for each in made if each is not None)
    whole = {name: each for name, each in found.items() if each.names <= found.keys()}
    while len(whole) < len(found):
        found = whole
        whole = {
            name: each
            for name, each in found.items()
            if each.names <= found.keys() and each.constants <= found.keys()
        }
    return whole


def _shape(constant: Constant | None) -> str:
    return ast.dump(ast.parse(constant.text)) if constant else ""


def _constant(name: str, space: Namespace, known: Mapping[str, Constant]) -> Constant | None:
    """Return the assignment that gives a name a value which never changes."""
    if not space.bound_once(name):
        return None
    binding = space.bindings[name][0]
    node = binding.statement.node
    if binding.cell.is_parameters or binding.cell.role == "read" or not binding.statement.plain:
        return None
    if not isinstance(node, ast.Assign) or len(node.targets) > 1:
        return None
    names = _targets(node.targets[0])
    if names is None:
        return None
    reader = _Reader(space, known, binding, keeps=not names & space.mutated)
    if not reader.is_pure(node.value):
        return None
    text = binding.statement.text
    return Constant(names, text, frozenset(reader.constants), frozenset(reader.imports))


def _targets(node: ast.expr) -> frozenset[str] | None:
    """Return the names that are assigned to; None if there is anything else."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    names = [each.id for each in parts if isinstance(each, ast.Name)]
    return frozenset(names) if len(names) == len(parts) == len(set(names)) else None


class _Reader:
    """Reads the value of an assignment, and collects what it is made of."""

    def __init__(
        self, space: Namespace, known: Mapping[str, Constant], binding: Binding, *, keeps: bool
    ) -> None:
        self.space, self.known, self.binding, self.keeps = space, known, binding, keeps
        self.constants: set[str] = set()
        self.imports: set[str] = set()

    def is_pure(self, node: ast.AST) -> bool:
        """Whether an expression has the same value wherever and whenever it is evaluated."""
        if isinstance(node, ast.Call):
            return self._is_pure_call(node)
        if isinstance(node, ast.Name):
            return self._is_constant(node.id)
        if isinstance(node, ast.Attribute):
            return self._dotted(node) in _VALUES
        allowed = _PLAIN if not self.keeps else (*_PLAIN, *_CONTAINERS)
        return isinstance(node, allowed) and all(
            self.is_pure(each) for each in ast.iter_child_nodes(node)
        )

    def _is_pure_call(self, node: ast.Call) -> bool:
        parts = [*node.args, *(each.value for each in node.keywords)]
        if not all(self.is_pure(each) for each in parts):
            return False
        called = self._dotted(node.func)
        return called in _PURE or (self.keeps and called in _MAKING_CONTAINERS)

    def _is_constant(self, name: str) -> bool:
        """Whether a name is a constant that was bound before."""
        if name not in self.known:
            return False
        if self.space.bindings[name][0].position >= self.binding.position:
            return False
        self.constants.add(name)
        return True

    def _dotted(self, node: ast.expr) -> str:
        """Return the full name of something imported or built in; empty for anything else."""
        path = ast.unparse(node)
        root, _, rest = path.partition(".")
        if not all(part.isidentifier() for part in path.split(".")):
            return ""
        if root not in self.space.bindings:
            return path
        imports = self.space.imports(root, "")
        if imports is None or len(imports) > 1:
            return ""
        self.imports |= imports
        statement = ast.parse(next(iter(imports))).body[0]
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            return ""
        alias = statement.names[0]
        module = getattr(statement, "module", "")
        origin = f"{module}.{alias.name}" if module else alias.name
        if not module and not alias.asname:
            origin = root
        return f"{origin}.{rest}" if rest else origin
