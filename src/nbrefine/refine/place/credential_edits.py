"""The text of cells with a look into the environment in place of credentials."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nbrefine.analysis.literals import Places
from nbrefine.analysis.secrets import find_secrets, is_distinct
from nbrefine.notebook.syntax import to_python
from nbrefine.notebook.text_edits import Edit, apply_edits
from nbrefine.report.masking import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbrefine.notebook.document import Cell
    from nbrefine.notebook.syntax import PythonCell

_SHELLS = re.compile(r"%%(?:bash|sh|script\s+\S*sh)\b")
_OPENING = re.compile(r"[a-zA-Z]*('''|\"\"\"|'|\")")
_READS = re.compile(r"(?<![\w.])os\.environ\[")


@dataclass(frozen=True)
class Taken:
    """What is taken out of a notebook.

    Parameters
    ----------
    variables
        For each value that code needs, the environment variable that has it.
    masked
        Values that only prose holds.
    passwords
        Variables that addresses have their passwords from, and what such ones are called.
    """

    variables: Mapping[str, str]
    masked: Sequence[str]
    passwords: Mapping[str, str]

    @property
    def values(self) -> list[str]:
        """All of the values."""
        return [*self.variables, *self.masked]


def without_values(cell: Cell, taken: Taken, module: str) -> str:
    """Return a cell's text without some values.

    Parameters
    ----------
    cell
        The cell.
    taken
        The values.
    module
        Expression of the module ``os``.

    Returns
    -------
    str
        Code reads the variables; in comments and in markdown there is a mask.
    """
    python = to_python(cell.source) if cell.kind == "code" else None
    tree = parsed(python) if python is not None else None
    held = any(value in cell.source for value in taken.values)
    if not held and (tree is None or not find_secrets(tree, taken.passwords)):
        return cell.source
    if python is None:
        return _masked(cell.source, taken.values)
    if tree is None:
        return _foreign(cell.source, taken.variables, taken.masked)
    edits = _Rewriter(python, taken, module).edits(tree)
    return apply_edits(cell.source, edits)


def with_import(
    before: Sequence[Cell], after: Sequence[Cell]
) -> tuple[tuple[Cell, ...], int | None]:
    """Import ``os`` where the first of the changed cells needs it.

    Parameters
    ----------
    before, after
        All cells of the notebook, as they were and without credentials.

    Returns
    -------
    tuple of Cell
        The import stands with the first imports of the notebook, or at the top of the cell.
    int or None
        Which cell has it now; None if none was needed.
    """
    cells = list(after)
    reading = [
        number
        for number, (old, new) in enumerate(zip(before, after, strict=True))
        if old.source != new.source and new.kind == "code" and _READS.search(new.source)
    ]
    if not reading:
        return tuple(cells), None
    first = reading[0]
    imports = [
        (number, node)
        for number, cell in enumerate(cells[: first + 1])
        if cell.kind == "code" and (tree := parsed(to_python(cell.source))) is not None
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    if any(isinstance(node, ast.Import) and _is_os(node) for _, node in imports):
        return tuple(cells), None
    plain = [
        (number, node.lineno)
        for number, node in imports
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]
    number, line = plain[0] if plain else (first, 0)
    lines = cells[number].source.split("\n")
    if line:
        lines.insert(line - 1, "import os")
    else:
        head = 1 if lines[0].lstrip().startswith("%%") else 0
        lines[head:head] = ["import os", ""]
    cells[number] = replace(cells[number], source="\n".join(lines))
    return tuple(cells), number


def parsed(python: PythonCell) -> ast.Module | None:
    """Return the syntax tree of a cell; None where it is not Python."""
    if python.foreign or python.error is not None:
        return None
    try:
        return ast.parse(python.code)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _is_os(node: ast.Import) -> bool:
    return any(each.name.split(".")[0] == "os" and each.asname is None for each in node.names)


class _Rewriter:
    """Finds the literals, comments and magics of a cell that hold some values."""

    def __init__(self, python: PythonCell, taken: Taken, module: str) -> None:
        variables = taken.variables
        # A value may be a part of another.
        self.variables = {value: variables[value] for value in sorted(variables, key=_longest)}
        self.taken = taken
        self.distinct = [value for value in self.variables if is_distinct(value)]
        self.own: set[int] = set()
        self.python, self.module = python, module
        self.places = Places(python)
        self.source = (python.source or python.code).split("\n")

    def edits(self, tree: ast.Module) -> list[Edit]:
        """Return what takes the place of the literals, the comments and the magics."""
        self.own = {id(each.node) for each in find_secrets(tree, self.taken.passwords)}
        found = [*self._literals(tree), *self._comments(self.taken.values), *self._magics()]
        return [edit for edit in found if edit is not None]

    def _magics(self) -> Iterator[Edit]:
        """Let magics and commands of the shell read the environment, as IPython expands them."""
        for magic in self.python.magics:
            line = new = self.source[magic.line - 1]
            for value in self.distinct:
                new = new.replace(value, f"{{{self._read(self.variables[value], chr(39))}}}")
            if magic.kind in {"line", "shell"} and new != line:
                yield Edit(magic.line, 0, magic.line, len(line), new)

    def _literals(self, tree: ast.Module) -> Iterator[Edit | None]:
        inner: set[int] = set()
        for node in ast.walk(tree):
            if id(node) in inner:
                continue
            if isinstance(node, ast.JoinedStr):
                inner |= {id(part) for part in ast.walk(node)}
                # Where an expression in it holds a value, nobody can say where that stands.
                if not any(map(self._holds, _in_braces(node))):
                    yield self._template(node)
            elif isinstance(node, ast.Constant):
                yield self._literal(node)

    def _holds(self, node: ast.AST) -> bool:
        text = node.value if isinstance(node, ast.Constant) else ""
        return isinstance(text, str) and any(value in text for value in self._values(node))

    def _values(self, *nodes: ast.AST) -> Sequence[str]:
        """Return the values that are looked for in literals: a word only where it is a secret."""
        own = any(id(node) in self.own for node in nodes)
        return [*self.variables] if own else self.distinct

    def _literal(self, node: ast.Constant) -> Edit | None:
        is_bytes = isinstance(node.value, bytes)
        text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
        if not isinstance(text, str):
            return None
        new = self._expression(text, self._values(node))
        if new is None or (span := self.places.span(node)) is None:
            return None
        return Edit(*span, f'{new}.encode("latin-1")' if is_bytes else new)

    def _expression(self, text: str, values: Sequence[str]) -> str | None:
        """Return an expression of a text that holds a value; None if it holds none."""
        if text in values:
            return self._read(self.variables[text], '"')
        held = [value for value in values if value in text]
        if not held:
            return None
        pattern = "|".join(map(re.escape, held))
        parts = re.split(f"({pattern})", text)
        return 'f"' + "".join(map(self._part, parts)) + '"'

    def _part(self, text: str) -> str:
        if text in self.variables:
            return f"{{{self._read(self.variables[text], chr(39))}}}"
        return json.dumps(text, ensure_ascii=False)[1:-1].replace("{", "{{").replace("}", "}}")

    def _template(self, node: ast.JoinedStr) -> Edit | None:
        """Return what takes the place of an f-string."""
        span = self.places.span(node)
        if span is None:
            return None
        line, column, end_line, end_column = span
        lines = self.source[line - 1 : end_line]
        lines[-1] = lines[-1][:end_column]
        lines[0] = lines[0][column:]
        text = new = "\n".join(lines)
        opening = _OPENING.match(text)
        quote = "'" if opening is None or opening[1].startswith('"') else '"'
        for value in self._values(*node.values):
            new = new.replace(value, f"{{{self._read(self.variables[value], quote)}}}")
        return Edit(*span, new) if new != text else None

    def _read(self, variable: str, quote: str) -> str:
        module = self.module.replace('"', quote)
        return f"{module}.environ[{quote}{variable}{quote}]"

    def _comments(self, values: Sequence[str]) -> Iterator[Edit | None]:
        try:
            tokens = [*tokenize.generate_tokens(io.StringIO(self.python.code).readline)]
        except (tokenize.TokenError, IndentationError, SyntaxError):
            return
        for token in tokens:
            if token.type == tokenize.COMMENT and any(value in token.string for value in values):
                row, column = token.start
                code, source = self.python.code.split("\n")[row - 1], self.source[row - 1]
                if source.endswith(code):
                    start = column + len(source) - len(code)
                    text = _masked(token.string, values)
                    yield Edit(row, start, row, start + len(token.string), text)


def _in_braces(node: ast.JoinedStr) -> Iterator[ast.AST]:
    """Yield what the expressions of an f-string are made of."""
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            yield from ast.walk(part)


def _longest(value: str) -> tuple[int, str]:
    return -len(value), value


def _masked(text: str, values: Iterable[str]) -> str:
    for value in sorted(filter(is_distinct, values), key=_longest):
        text = text.replace(value, MASK)
    return text


def _foreign(source: str, variables: Mapping[str, str], masked: Sequence[str]) -> str:
    """Return a cell of another language; a shell knows the environment, others a mask."""
    if _SHELLS.match(source.lstrip()):
        for value in sorted(filter(is_distinct, variables), key=_longest):
            source = source.replace(value, f"${variables[value]}")
    return _masked(source, [*variables, *masked])
