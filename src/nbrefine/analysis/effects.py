"""What a cell does beyond its variables: state of libraries, random draws, files, processes."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.aliases import CONVENTIONS, aliases_of, resolved
from nbrefine.analysis.effect_tables import ASSIGNED, CALLS, CHAINED, MAGICS, METHODS, SEEDS
from nbrefine.analysis.mutation import dotted
from nbrefine.analysis.randomness import random_use
from nbrefine.analysis.scopes import analyse_statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbrefine.analysis.cell_names import CellNames
    from nbrefine.notebook.syntax import PythonCell


@dataclass(frozen=True)
class Effect:
    """One thing that a cell does beyond its variables.

    Parameters
    ----------
    kind
        ``random-seed`` (a global generator gets a seed), ``random-draw`` (drawn from a global
        generator), ``random-unseeded`` (a generator or an estimator is made without a seed, so
        that no seed makes it repeatable), ``clock`` (the time, a new identifier),
        ``library-state``, ``environment``, ``cwd``, ``sys.path``, ``monkey-patch``,
        ``file-read``, ``file-write``, ``network``, ``subprocess`` or ``display``.
    target
        What is touched: ``matplotlib.rcParams``, the stream ``numpy``, a path, a dotted call.
    line, end_line
        Lines of the statement in the cell, from 1.
    source
        The statement.
    names
        Global names that the statement reads.
    """

    kind: str
    target: str
    line: int
    end_line: int
    source: str
    names: frozenset[str] = frozenset()


_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs|hf|postgresql|mysql)\w*(?:\+\w+)?://")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
# Setters that no table knows: of a module, and named like this.
_SETTER = re.compile(r"(?:set_[a-z_]+|[A-Z]\w*\.set_\w+|config\.(?:update|set))\Z")
_WRITING = re.compile(r"[wax+]")
_PATH_KEYWORDS = frozenset(
    {
        *("filepath_or_buffer", "path_or_buf", "path_or_buffer", "path", "fname", "filename"),
        *("file", "io", "excel_writer", "url", "name"),
    }
)
_VALUES = re.compile(r"[^\s=]+(?:=|\s+\S)")


def cell_effects(
    python: PythonCell, names: CellNames, aliases: Mapping[str, str] | None = None
) -> tuple[Effect, ...]:
    """Find what a cell does beyond its variables.

    Parameters
    ----------
    python
        Its code as plain Python.
    names
        What `analyse_cell` said of it.
    aliases
        What the imports of earlier cells make names stand for, from `module_aliases`; the usual
        abbreviations (`np`, `pd`, `plt`) where it is not given.

    Returns
    -------
    tuple of Effect
        In the order of the code. Those in the bodies of functions are among them: they happen
        when the function is called.
    """
    try:
        tree = ast.parse(python.code)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    known = {**CONVENTIONS, **(aliases or {}), **aliases_of(tree)}
    own = {each.name for each in names.definitions}
    finder = _Finder({name: known[name] for name in known if name not in own}, own)
    found: dict[tuple[str, str, int], Effect] = {}
    for statement in _statements(tree.body):
        for kind, target in finder.of_statement(statement):
            key = (kind, target, statement.lineno)
            if key not in found:
                found[key] = _effect(kind, target, statement, python.code)
    for magic in python.magics:
        if (pair := _magic(magic.name, magic.text)) is not None:
            names_read = next(
                (e.names for e in found.values() if e.line == magic.line), frozenset[str]()
            )
            found[(*pair, magic.line)] = Effect(
                *pair, magic.line, magic.line, _text(python, magic.line), names_read
            )
    return tuple(sorted(found.values(), key=lambda effect: (effect.line, effect.kind)))


def _effect(kind: str, target: str, statement: ast.stmt, code: str) -> Effect:
    return Effect(
        kind=kind,
        target=target,
        line=statement.lineno,
        end_line=statement.end_lineno or statement.lineno,
        source=ast.get_source_segment(code, statement) or ast.unparse(statement),
        names=analyse_statement(statement).reads,
    )


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Return all statements, those in blocks and functions too."""
    for statement in body:
        yield statement
        for field in _BLOCKS:
            for each in getattr(statement, field, ()):
                if isinstance(each, ast.stmt):
                    yield from _statements([each])
                elif isinstance(each, (ast.ExceptHandler, ast.match_case)):
                    yield from _statements(each.body)


def _own_parts(statement: ast.stmt) -> Iterator[ast.AST]:
    """Return the expressions of a statement without those of the statements in its blocks."""
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield from ast.walk(child)


def _text(python: PythonCell, line: int) -> str:
    lines = (python.source or python.code).split("\n")
    return lines[line - 1].strip() if line <= len(lines) else ""


def _magic(name: str, text: str) -> tuple[str, str] | None:
    found = MAGICS.get(name)
    if found is None:
        return None
    kind, target = found
    if kind == "environment" and not _VALUES.match(text.strip()):
        return None
    return kind, target or text.strip() or name


class _Finder:
    """Finds effects in statements, given what names stand for and which are the notebook's own."""

    def __init__(self, aliases: Mapping[str, str], own: set[str]) -> None:
        self.aliases = aliases
        self.own = own

    def of_statement(self, statement: ast.stmt) -> Iterator[tuple[str, str]]:
        """Return kind and target of each effect of a statement, blocks in it left out."""
        targets: list[ast.expr] = []
        if isinstance(statement, (ast.Assign, ast.Delete)):
            targets = statement.targets
        elif isinstance(statement, (ast.AugAssign, ast.AnnAssign)):
            targets = [statement.target]
        for target in targets:
            for part in target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]:
                if (pair := self._assigned(part)) is not None:
                    yield pair
        for node in _own_parts(statement):
            if isinstance(node, ast.Call):
                yield from self._called(node)

    def _assigned(self, target: ast.expr) -> tuple[str, str] | None:
        """Say what it means to assign to something of a module, or to delete it."""
        holder = target
        while isinstance(holder, ast.Subscript):
            holder = holder.value
        if isinstance(holder, ast.Attribute) and isinstance(holder.value, ast.Call):
            return self._chained(holder)
        name = dotted(holder)
        full = None if name is None else resolved(name, self.aliases)
        if full is None or isinstance(target, ast.Name):
            return None
        for pattern, kind, what in ASSIGNED:
            if pattern.match(full):
                return kind, what
        return "monkey-patch", full

    def _called(self, call: ast.Call) -> Iterator[tuple[str, str]]:
        name = dotted(call.func)
        full = None if name is None else resolved(name, self.aliases)
        last = name.rpartition(".")[2] if name else getattr(call.func, "attr", "")
        for stream in SEEDS.get(full or "", ()):
            yield "random-seed", stream
        own = name in self.own
        if not own and (use := random_use(call, full, last)) is not None:
            yield use
        if (pair := self._known(call, full, last)) is not None:
            yield pair
        if _address(call) and last not in {"print", "display", "HTML", "Markdown"}:
            yield "network", full or last

    def _known(self, call: ast.Call, full: str | None, last: str) -> tuple[str, str] | None:
        if full is not None:
            for pattern, kind, target in CALLS:
                if pattern.match(full):
                    return kind, target or (_path(call) if kind.startswith("file") else "") or full
            root = full.partition(".")[0]
            if full not in SEEDS and _SETTER.match(full.removeprefix(f"{root}.")):
                return "library-state", root
        if isinstance(call.func, ast.Attribute):
            if last in METHODS:
                kind, target = METHODS[last]
                return kind, target or _path(call) or last
            return self._chained(call.func)
        return self._built_in(call, last)

    def _built_in(self, call: ast.Call, name: str) -> tuple[str, str] | None:
        if name == "open":
            mode = call.args[1] if len(call.args) > 1 else None
            mode = next((each.value for each in call.keywords if each.arg == "mode"), mode)
            text = getattr(mode, "value", "w") if mode is not None else "r"
            kind = "file-write" if _WRITING.search(str(text)) else "file-read"
            return kind, _path(call) or "open"
        if name in {"setattr", "delattr"} and call.args:
            patched = dotted(call.args[0])
            full = None if patched is None else resolved(patched, self.aliases)
            return None if full is None else ("monkey-patch", full)
        return ("display", "display") if name == "display" else None

    def _chained(self, node: ast.Attribute) -> tuple[str, str] | None:
        """Recognize ``logging.getLogger().setLevel`` and ``getcontext().prec``."""
        if not isinstance(node.value, ast.Call):
            return None
        name = dotted(node.value.func)
        full = None if name is None else resolved(name, self.aliases)
        if full is None:
            return None
        text = f"{full}().{node.attr}"
        for pattern, kind, target in CHAINED:
            if pattern.match(text):
                return kind, target
        return None


def _path(call: ast.Call) -> str:
    """Return the path that a call is given as a literal."""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    # What is stored comes before the path in some libraries, and after it in others.
    first = 2 if last in {"dump", "save"} else 1
    given = [keyword.value for keyword in call.keywords if keyword.arg in _PATH_KEYWORDS]
    for each in (*call.args[:first], *given):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            return each.value
    return ""


def _address(call: ast.Call) -> bool:
    return bool(_ADDRESS.match(_path(call)))
