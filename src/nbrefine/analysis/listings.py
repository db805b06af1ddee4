"""Cells that do nothing but list folders."""

from __future__ import annotations

import ast
import re
import shlex

from nbrefine.analysis.mutation import called_name
from nbrefine.analysis.texts import text_of

OWN = "."
"""The folder that the cell runs in, or one above."""
UNKNOWN = ""
"""A folder that the code does not spell out."""

_OWN = frozenset({".", "./", "..", "../"})
_COMMANDS = frozenset({"ls", "ll", "dir", "tree", "find", "du", "pwd"})
_FILTERS = frozenset({"head", "tail", "sort", "wc", "grep"})
_OF_FOLDERS = frozenset({"listdir", "scandir", "walk"})
_OF_PATTERNS = frozenset({"glob", "iglob"})
_OF_PATHS = frozenset({"glob", "rglob", "iterdir"})
# What may be done with names of files, and is no result.
_HARMLESS = frozenset(
    {
        *("print", "display", "sorted", "len", "list", "set", "enumerate", "Path", "str"),
        *("join", "getcwd", "cwd", "endswith", "startswith", "lower", "split", "append"),
        *("is_file", "is_dir", "isfile", "isdir", "basename", "get_ipython"),
    }
)
_MODULES = frozenset({"os", "glob", "pathlib"})
_SHELL = frozenset({"system", "getoutput", "run_line_magic"})
_OWN_FILES = re.compile(r"(?:\./)?[^/]*[.*][^/]*")


def listed_folders(tree: ast.Module) -> frozenset[str]:
    """Return the folders that a cell lists, if it does nothing else; empty if it does.

    Parameters
    ----------
    tree
        The cell, what IPython adds to the language translated.

    Returns
    -------
    frozenset of str
        As the code says them; `OWN` and `UNKNOWN` stand for others.
    """
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    known = bound | _MODULES | _HARMLESS | _OF_FOLDERS | _OF_PATTERNS
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    folders = [_folder(call) for call in calls if called_name(call) not in _HARMLESS]
    if not {node.id for node in names} <= known or None in folders:
        return frozenset()
    return frozenset(OWN if each in _OWN else each for each in folders if each is not None)


def _folder(call: ast.Call) -> str | None:
    """Return the folder that a call lists; None if it does anything else."""
    name, first = called_name(call), call.args[0] if call.args else None
    if name in _SHELL:
        return _listed_by(" ".join(map(text_of, call.args)))
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if name in _OF_PATHS and not (isinstance(receiver, ast.Name) and receiver.id in _MODULES):
        return _place(receiver)
    if name in _OF_PATTERNS and first is not None:
        folder, _, _ = text_of(first).removeprefix("./").removeprefix("**/").rpartition("/")
        return folder or (OWN if text_of(first) else UNKNOWN)
    return _place(first) if name in _OF_FOLDERS else None


def _place(folder: ast.expr | None) -> str:
    """Return a folder as an argument gives it, or a path that it is asked of."""
    if folder is None or (isinstance(folder, ast.Attribute) and folder.attr == "curdir"):
        return OWN
    if isinstance(folder, ast.Call) and called_name(folder) in {"getcwd", "cwd"}:
        return OWN
    if isinstance(folder, ast.Call) and called_name(folder) == "Path":
        return _place(folder.args[0] if folder.args else None)
    return (text_of(folder) or OWN) if isinstance(folder, ast.Constant) else UNKNOWN


def _listed_by(command: str) -> str | None:
    """Return the folder that a shell command lists, and may filter; None if it does more."""
    first, *filters = command.split("|")
    try:
        words = shlex.split(first)
        filtered = [shlex.split(each)[:1] for each in filters]
    except ValueError:
        return None
    harmless = all(name and name[0] in _FILTERS for name in filtered)
    if re.search(r"[;&<>`$]", command) or not harmless or words[:1] == []:
        return None
    if words[0] not in _COMMANDS:
        return None
    places = [each for each in words[1:] if not each.startswith("-")]
    others = [each for each in places if not (each in _OWN or _OWN_FILES.fullmatch(each))]
    return others[0] if others else OWN
