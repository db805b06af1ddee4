"""A cell's text as plain Python: what IPython adds to the language is translated."""

from __future__ import annotations

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
    return PythonCell(source)
