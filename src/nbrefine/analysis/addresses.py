"""Addresses in code: which names hold some, and what stands where a password goes."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.texts import text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

# Stands for an expression in the text of an address; no text has such characters of its own.
_FIRST_HOLE = 0xE000
_HOLE = re.compile(r"[\ue000-\uf8ff]")
_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs)://\S+")
_PAGE = re.compile(r"(?:https?|ftp)://", re.IGNORECASE)
# The password of a database goes up to the last `@` before the path.
_PLACES = (
    (re.compile(r"\b(?!https?:|ftp:)\w[\w+.-]*://[^\s:/@]*:([^\s/?#]+)@"), "database_password"),
    (re.compile(r"\b(?:https?|ftp)://[^\s:/@]*:([^\s/?#]+)@", re.IGNORECASE), "password"),
    (re.compile(r"\bhttps?://([^\s:/@?#]+)@", re.IGNORECASE), "token"),
    (
        re.compile(
            r"[?&](?:api_?key|access_?token|auth_?token|token|key|secret|sig|appid)="
            r"([^\s&'\"<>]+)",
            re.IGNORECASE,
        ),
        "api_key",
    ),
    (re.compile(r"^(?:Bearer|Basic|Token|token)\s+(\S+)$"), "token"),
)
_DSN = re.compile(r"(?<![\w-])(?:password|pwd)\s*=\s*([^\s;&'\"]+)", re.IGNORECASE)
_DATABASE = re.compile(r"(?<![\w-])(?:dbname|database|host|server|user|uid)\s*=", re.IGNORECASE)
_QUOTING = re.compile(r"(?:\w+\.)*(?:quote|quote_plus|str)\Z")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*(?:\d+|\*)?(?:\.\d+)?([a-zA-Z%])")


@dataclass(frozen=True)
class Place:
    """The place of a password in an address.

    Attributes
    ----------
    kind : str
        What such a credential is called by custom.
    text : str
        What is written out there; empty where an expression stands there.
    nodes : tuple of ast.expr
        The expression there, or the literals that the text is in.
    """

    kind: str
    text: str
    nodes: tuple[ast.expr, ...]


def address_names(trees: Iterable[ast.AST]) -> frozenset[str]:
    """Return the variables that hold an address.

    Parameters
    ----------
    trees
        The code of all cells.
    """
    return frozenset(
        target.id
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and begins_with_address(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def begins_with_address(node: ast.expr, names: Collection[str] = ()) -> bool:
    """Tell whether a text is an address of the network, or the beginning of one.

    Parameters
    ----------
    node
        The text; an f-string, a sum and ``format`` are some, too.
    names
        Variables that hold addresses.
    """
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(_ADDRESS.match(node.value))
    if isinstance(node, ast.JoinedStr):
        return bool(node.values) and begins_with_address(node.values[0], names)
    if isinstance(node, ast.FormattedValue):
        return begins_with_address(node.value, names)
    if isinstance(node, ast.BinOp):
        return begins_with_address(node.left, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr == "format" and begins_with_address(node.func.value, names)
    return isinstance(node, ast.Name) and node.id in names


def password_places(tree: ast.AST) -> Iterator[Place]:
    """Find the places of passwords in addresses that are put together.

    Parameters
    ----------
    tree
        Code.

    Yields
    ------
    Place
        Of f-strings, sums of texts, ``%`` and ``format``. Where a text and an expression stand
        there together, each is a place of its own.
    """
    inner: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in inner:
            continue
        pieces = list(_pieces(node))
        # A plain text is one credential as a whole where it is the address of a database.
        is_page = len(pieces) == 1 and isinstance(node, ast.Constant) and _PAGE.match(text_of(node))
        if len(pieces) > 1 or is_page:
            inner |= {id(each) for each in ast.walk(node)}
            yield from _of_pieces(pieces)


def password_names(trees: Iterable[ast.AST]) -> dict[str, str]:
    """Return the variables that stand where a password goes, and what such ones are called.

    Parameters
    ----------
    trees
        The code of all cells: a variable may be set in one and used in another.
    """
    return {
        node.id: place.kind
        for tree in trees
        for place in password_places(tree)
        for node in place.nodes
        if isinstance(node, ast.Name)
    }


def _pieces(node: ast.AST) -> Iterator[ast.expr | tuple[str, ast.expr]]:
    """Yield what a text is put together from: expressions, and texts with their literals."""
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _pieces(part.value if isinstance(part, ast.FormattedValue) else part)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _pieces(node.left)
        yield from _pieces(node.right)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and text_of(node.left):
        yield from _of_percent(node.left, node.right)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        is_template = node.func.attr == "format" and text_of(node.func.value)
        yield from _of_format(node.func.value, node) if is_template else (node,)
    elif isinstance(node, ast.expr):
        yield (text_of(node), node) if text_of(node) else node


def _of_percent(template: ast.expr, given: ast.expr) -> Iterator[ast.expr | tuple[str, ast.expr]]:
    values = iter(given.elts if isinstance(given, ast.Tuple) else [given])
    items = _items(given) if isinstance(given, ast.Dict) else {}
    text, end = text_of(template), 0
    for match in _PERCENT.finditer(text):
        yield text[end : match.start()], template
        end = match.end()
        value = items.get(match[1]) if match[1] else None if match[2] == "%" else next(values, None)
        if value is not None:
            yield value
    yield text[end:], template


def _items(node: ast.Dict) -> dict[str, ast.expr]:
    return {text_of(key): value for key, value in zip(node.keys, node.values, strict=True) if key}


def _of_format(template: ast.expr, call: ast.Call) -> Iterator[ast.expr | tuple[str, ast.expr]]:
    named = {each.arg: each.value for each in call.keywords}
    try:
        fields = list(string.Formatter().parse(text_of(template)))
    except ValueError:  # no template
        return
    count = 0
    for text, field, _, _ in fields:
        yield text, template
        if field is None:
            continue
        name = re.split(r"[.\[]", field)[0]
        position = int(name) if name.isdecimal() else count if not name else None
        count += not name
        if position is None:
            value = named.get(name)
        else:
            value = call.args[position] if position < len(call.args) else None
        if value is not None:
            yield value


def _of_pieces(pieces: list[ast.expr | tuple[str, ast.expr]]) -> Iterator[Place]:
    """Yield the places in a text in which characters stand for the expressions."""
    shown = ""
    nodes: list[ast.expr] = []
    owners: list[ast.expr] = []
    for piece in pieces:
        if isinstance(piece, tuple):
            text, node = piece
        else:
            text, node = chr(_FIRST_HOLE + len(nodes)), unquoted(piece)
            nodes.append(node)
        shown += text
        owners += [node] * len(text)
    for pattern, kind in _PLACES:
        for match in pattern.finditer(shown):
            yield from _in_place(match, kind, nodes, owners)
    if _DATABASE.search(shown):
        for match in _DSN.finditer(shown):
            yield from _in_place(match, "database_password", nodes, owners)


def _in_place(
    match: re.Match[str], kind: str, nodes: list[ast.expr], owners: list[ast.expr]
) -> Iterator[Place]:
    start = match.start(1)
    for hole in _HOLE.findall(match[1]):
        yield Place(kind, "", (nodes[ord(hole) - _FIRST_HOLE],))
    for part in re.finditer(r"[^\ue000-\uf8ff]+", match[1]):
        held = owners[start + part.start() : start + part.end()]
        yield Place(kind, part[0], tuple({id(each): each for each in held}.values()))


def unquoted(node: ast.expr) -> ast.expr:
    """Return what is quoted for an address: the value itself is the credential.

    Parameters
    ----------
    node
        An expression.
    """
    if isinstance(node, ast.Call) and node.args and _QUOTING.match(ast.unparse(node.func)):
        return node.args[0]
    return node
