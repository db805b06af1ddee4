"""A cell's text as plain Python: what IPython adds to the language is translated."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass


@dataclass(frozen=True)
class Magic:
    """One use of IPython's own syntax.

    Parameters
    ----------
    name
        The magic without its percent signs; ``!`` and ``!!`` for the shell, ``?`` and ``??`` for
        help.
    line
        Its line in the cell, from 1.
    kind
        ``line``, ``cell``, ``shell`` or ``help``.
    text
        What follows on its line; for help, what is asked about.
    """

    name: str
    line: int
    kind: str
    text: str


@dataclass(frozen=True)
class PythonCell:
    """A cell as plain Python.

    Parameters
    ----------
    code
        Valid Python, unless `error` says otherwise. Each statement stands on the line that it has
        in the source.
    magics
        What was translated, in the order of the lines.
    error
        Why it cannot be parsed; None if it can.
    error_line
        The line of the error in the cell, from 1.
    foreign
        Whether the cell's body is not Python (``%%bash``, ``%%html``, ``%%writefile``).
    source
        The cell's text as it was; empty where it is the same as `code`.
    """

    code: str
    magics: tuple[Magic, ...] = ()
    error: str | None = None
    error_line: int | None = None
    foreign: bool = False
    source: str = ""


_LISTING = frozenset({"who", "whos", "who_ls"})
# Line magics that IPython knows without the percent sign where a cell is a single line.
_AUTOMAGIC = re.compile(
    r"(?:cat|cd|conda|config|cp|dhist|dirs|env|hist|history|load|load_ext|ls|ll|lsmagic|mamba"
    r"|matplotlib|mkdir|mv|pdef|pdoc|pinfo2?|pip|popd|precision|prun|psearch|psource|pushd|pwd"
    r"|pycat|pylab|reload_ext|reset|rm|rmdir|run|save|set_env|store|sx|system|time|timeit|uv"
    r"|who|whos|who_ls|xdel|xmode)(?: .*)?\Z"
)


def to_python(source: str) -> PythonCell:
    """Translate a cell.

    Parameters
    ----------
    source
        Its text.

    Returns
    -------
    PythonCell
        Its code as plain Python. The bodies of ``%%time``, ``%%capture`` and ``%%prun``, and what
        ``%time`` and ``%prun`` run, are kept as code; other magics are calls of
        ``get_ipython()``, as IPython itself would make them.
    """
    text = source.strip()
    if syntax_error(source) is None and text not in _LISTING:
        return PythonCell(source)
    # Whoever has only plain Python does not pay for importing IPython.
    from nbrefine.notebook.ipython import translate  # noqa: PLC0415

    if _AUTOMAGIC.match(text):
        lead = source[: len(source) - len(source.lstrip())]
        return translate(f"{lead}%{source.lstrip()}", source)
    return translate(source, source)


def as_compiled(code: str) -> str:
    """Return plain Python as IPython compiles it: it may empty lines of blanks, in strings too.

    Parameters
    ----------
    code
        A cell's text, or statements of it.
    """
    from nbrefine.notebook.ipython import dedented  # noqa: PLC0415

    return dedented(code)


def syntax_error(code: str) -> tuple[str, int | None] | None:
    """Say why code is not Python as a cell may hold it, and on which line; None if it is.

    IPython compiles a cell statement by statement, so ``from __future__ import ...`` may stand
    anywhere on its top level.
    """
    with warnings.catch_warnings():
        # What the compiler warns of ("invalid escape sequence") the notebook's own run shows.
        warnings.simplefilter("ignore")
        try:
            _compile(code)
        except SyntaxError as error:
            if not error.msg.startswith("from __future__ imports must"):
                return error.msg, error.lineno
            return _statement_error(code)
        except (ValueError, RecursionError, MemoryError) as error:
            return str(error) or type(error).__name__, None
    return None


def _statement_error(code: str) -> tuple[str, int | None] | None:
    """Say why one of the statements cannot be compiled alone; None if all can."""
    for statement in ast.parse(code).body:
        try:
            _compile(ast.Module([statement], []))
        except SyntaxError as error:
            return error.msg, error.lineno
    return None


def _compile(code: str | ast.Module) -> None:
    compile(code, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
