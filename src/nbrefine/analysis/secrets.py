"""Credentials that stand in code: which texts are some, and what they are for."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.analysis.addresses import password_names, password_places, unquoted
from nbrefine.analysis.mutation import dotted
from nbrefine.analysis.texts import text_of
from nbrefine.report.masking import is_secret_name, secrets_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_PLACEHOLDER = re.compile(
    r".*(?:your|my|example|placeholder|changeme|insert|dummy|todo|redacted|xxx|\*\*|\.\.\.|<|\$|{)"
    r".*|(.)\1*|none|null|password|secret|token|test",
    re.IGNORECASE,
)
# What such a word says is secret is another thing than this.
_ABOUT = re.compile(
    r".*(?:id|name|file|path|url|uri|host|type|length|count|column|col|field|label|prompt)s?",
    re.IGNORECASE,
)
# A place in a template: of `%s` and `{}`, no part is a credential.
_FILLED_IN = re.compile(
    r"(?:%[-+ #0]*\d*[a-z]|%\(\w+\)s|\{\w*\}|\$\w+|\$\{\w+\})+|<.*>", re.IGNORECASE
)
_PASSWORD = re.compile(r"pass(word|wd|phrase)?|pwd|secret", re.IGNORECASE)
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|token)\s+(?=\S+\Z)")
# Calls that take a password by position, and which that is.
_LOGINS = (
    (re.compile(r"(?:.*\.)?(?:login|HTTPBasicAuth|HTTPDigestAuth|BasicAuth)\Z"), 1),
    (re.compile(r"(?:cx_Oracle|oracledb)\.connect\Z"), 1),
    (re.compile(r"(?:pymysql|MySQLdb|mysql\.connector|pymssql)\.connect\Z"), 2),
)
_PAIR = re.compile(r"(?<![\w.-])([A-Za-z][\w-]*)[\"']?\s*[=:]\s*(?=[\"']?([^\s\"'#,;()\[\]{}]+))")
_CURL = re.compile(r"\bcurl\s(?:.*\s)?(?:-u|--user)[=\s]\s*[\"']?[^\s:\"']+:([^\s\"']+)")
_LEAST, _LEAST_PASSWORD, _LEAST_WITH_SIGNS, _LEAST_PLACED = 16, 6, 8, 4
_OS = r"(?:os|__import__\('os'\))"
_ENVIRON = re.compile(rf"{_OS}\.environ")
_GETTER = re.compile(rf"{_OS}\.(?:environ\.get|getenv)")
_COMPOSED = (
    *(ast.Constant, ast.Name, ast.expr_context, ast.BinOp, ast.operator, ast.JoinedStr),
    *(ast.FormattedValue, ast.Dict, ast.Tuple, ast.List),
)


@dataclass(frozen=True)
class Secret:
    """A text that is a credential.

    Parameters
    ----------
    value
        The credential alone, without what stands around it in its literal.
    name
        What it is called where it stands; what its form says of it where no such name is there.
    line
        Where it stands: line of the code, from 1.
    node
        The literal that holds it; None where it stands in no code.
    """

    value: str
    name: str
    line: int
    node: ast.Constant | None = field(default=None, compare=False)


def find_secrets(
    tree: ast.Module, passwords: Mapping[str, str] | None = None
) -> tuple[Secret, ...]:
    """Find the credentials in code, by their form, by what they are called, and by their place.

    Parameters
    ----------
    tree
        The code.
    passwords
        Variables that addresses have their passwords from, and what such ones are called, as
        `password_names` finds them in all cells; those of this code alone if None.

    Returns
    -------
    tuple of Secret
        In the order of the lines.
    """
    placed = _placed(tree, password_names([tree]) if passwords is None else passwords)
    named = dict(_named(tree))
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, (str, bytes)):
            continue
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        name = named.get(id(node), "")
        by_form = [each for each in secrets_in(text) if not _is_template(each[0])]
        if id(node) in placed:
            by_form = [*placed[id(node)], *(each for each in by_form if each[0] != text)]
        found += [
            Secret(value, name if is_secret_name(name) else kind, node.lineno, node)
            for value, kind in dict(by_form).items()
        ]
        value = _SCHEME.sub("", text)
        if not by_form and is_secret(name, value):
            found.append(Secret(value, name, node.lineno, node))
    return tuple(sorted(found, key=lambda each: each.line))


def _placed(tree: ast.Module, passwords: Mapping[str, str]) -> dict[int, list[tuple[str, str]]]:
    """Return what stands where a password goes, and what it is called, by literal."""
    found: dict[int, list[tuple[str, str]]] = {}
    for place in password_places(tree):
        value = place.text or text_of(place.nodes[0])
        if _fits(value, place.kind):
            for node in place.nodes:
                found.setdefault(id(node), []).append((value, place.kind))
    for given, name in _assigned(tree):
        kind, node = passwords.get(name), unquoted(given)
        text = text_of(node)
        if kind is not None and _fits(text, kind):
            found.setdefault(id(node), []).append((text, kind))
    return found


def _fits(value: str, kind: str) -> bool:
    """Tell whether a text may be the credential that stands at a place."""
    if _PLACEHOLDER.fullmatch(value) or re.search(r"\s", value):
        return False
    if kind.endswith("password"):
        return len(value) >= _LEAST_PLACED
    return len(value) >= _LEAST and is_distinct(value)


def find_in_prose(text: str) -> tuple[Secret, ...]:
    """Find the credentials in a comment, in a magic or in markdown, likewise."""
    found = []
    for number, line in enumerate(text.split("\n"), start=1):
        found += [
            Secret(value, kind, number)
            for value, kind in secrets_in(line)
            if not _is_template(value)
        ]
        for match in _PAIR.finditer(line):
            # Of a word in a sentence a password that is one cannot be told.
            if is_secret(match[1], match[2]) and re.search(r"\d", match[2]):
                found.append(Secret(match[2], match[1], number))
        found += [
            Secret(match[1], "password", number)
            for match in _CURL.finditer(line)
            if _fits(match[1], "password")
        ]
    return tuple(found)


def is_secret(name: str, value: str) -> bool:
    """Tell whether a text is a credential, by what it is called."""
    if not name or not is_secret_name(name) or _PLACEHOLDER.fullmatch(value):
        return False
    if _ABOUT.fullmatch(name):
        return False
    if re.search(r"\s", value):
        return False
    if _PASSWORD.search(name):
        return len(value) >= _LEAST_PASSWORD
    # A token of a text is a word; a credential has letters and digits, and is long.
    mixed = bool(re.search(r"\d", value) and re.search(r"[A-Za-z]", value))
    return len(value) >= _LEAST and mixed


def is_distinct(value: str) -> bool:
    """Tell whether a credential is found by its text alone: ``letmein`` may be a word as well."""
    has_letters, has_digits = re.search(r"[A-Za-z]", value), re.search(r"\d", value)
    other = re.search(r"[^\w\s]", value)
    return bool(has_letters and (has_digits or (other and len(value) >= _LEAST_WITH_SIGNS)))


def reads_credential(node: ast.expr, names: Collection[str] = ()) -> bool:
    """Tell whether an expression is put together from credentials of the environment.

    Parameters
    ----------
    node
        The expression.
    names
        Variables that are known to hold some.

    Returns
    -------
    bool
        Whether it reads one (``os.environ["DB_PASSWORD"]``), and calls nothing else: so it can be
        read again wherever it is needed.
    """
    found = False
    todo: list[ast.AST] = [node]
    while todo:
        part = todo.pop()
        if (name := _environment_variable(part)) is not None:
            found = found or is_secret_name(name) or name.startswith("DATABASE_URL")
        elif isinstance(part, _COMPOSED):
            found = found or (isinstance(part, ast.Name) and part.id in names)
            todo += ast.iter_child_nodes(part)
        else:
            return False
    return found


def _environment_variable(node: ast.AST) -> str | None:
    """Return the name of the environment variable that an expression reads."""
    name: ast.expr | None = None
    if isinstance(node, ast.Subscript) and _ENVIRON.fullmatch(ast.unparse(node.value)):
        name = node.slice
    elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        name = node.args[0] if _GETTER.fullmatch(ast.unparse(node.func)) else None
    is_text = isinstance(name, ast.Constant) and isinstance(name.value, str)
    return str(name.value) if is_text and isinstance(name, ast.Constant) else None


def _is_template(text: str) -> bool:
    """Tell whether the password in an address is to be filled in."""
    password = re.search(r"://[^\s:/@]*:([^\s/@]+)@", text)
    return _FILLED_IN.fullmatch(password[1] if password else text) is not None


def _named(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield values with the name that they are given to."""
    yield from ((id(value), name) for value, name in _assigned(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            yield from _argument(node.arg, node.value)
        elif isinstance(node, ast.Dict):
            yield from _items(node)
        elif isinstance(node, ast.arguments):
            yield from _defaults(node)
        elif isinstance(node, ast.Call):
            place = _password_position(_callee(node))
            if place is not None and len(node.args) > place:
                yield id(node.args[place]), "password"


def _pairs(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[ast.expr, str]]:
    displays = (ast.Tuple, ast.List)
    if isinstance(target, displays) and isinstance(value, displays):
        for left, right in zip(target.elts, value.elts, strict=False):
            yield from _pairs(left, right)
    elif value is not None:
        yield value, _name(target)


def _assigned(tree: ast.Module) -> Iterator[tuple[ast.expr, str]]:
    """Yield values with the name that they are assigned to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _pairs(target, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
            yield from _pairs(node.target, node.value)


def _argument(name: str, value: ast.expr) -> Iterator[tuple[int, str]]:
    yield id(value), name
    if name == "auth" and isinstance(value, ast.Tuple) and value.elts:
        yield id(value.elts[-1]), "password"


def _items(node: ast.Dict) -> Iterator[tuple[int, str]]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield id(value), key.value


def _defaults(args: ast.arguments) -> Iterator[tuple[int, str]]:
    positional = [*args.posonlyargs, *args.args]
    for arg, default in zip(positional[::-1], args.defaults[::-1], strict=False):
        yield id(default), arg.arg
    for arg, given in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if given is not None:
            yield id(given), arg.arg


def _password_position(callee: str) -> int | None:
    return next((place for pattern, place in _LOGINS if pattern.match(callee)), None)


def _callee(node: ast.Call) -> str:
    last = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    return dotted(node.func) or last


def _name(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""
