"""The translation of IPython's syntax, by IPython's own transformers, line by line."""

from __future__ import annotations

import ast
import re
from typing import Any

from IPython.core.inputtransformer2 import (
    TransformerManager,
    leading_indent,
    make_tokens_by_line,
)

from nbrefine.notebook.syntax import Magic, PythonCell, syntax_error, to_python

# Magics that run their text as code in the notebook's namespace: that code is what counts.
_RUNS_LINE = {
    "time": re.compile(r"\s*(?:--no-raise-error\s+)*"),
    "prun": re.compile(r"\s*(?:-[rq]\s+|-[lsTD]\s+\S+\s+)*"),
}
_RUNS_BODY = frozenset({"time", "prun", "capture"})
_SHELL = {"system": "!", "getoutput": "!!"}
_HELP = {"pinfo": "?", "psearch": "?", "pinfo2": "??"}
# Each round translates one use; IPython itself stops after 500.
_MOST = 500


def translate(text: str, source: str) -> PythonCell:
    """Translate a cell that is not plain Python.

    Parameters
    ----------
    text
        The cell's text, automagic made explicit.
    source
        The cell's text as it is in the notebook.

    Returns
    -------
    PythonCell
        With an error where IPython could not run it either.
    """
    ended = text.endswith("\n")
    lines = (text if ended else f"{text}\n").splitlines(keepends=True)
    manager: Any = TransformerManager()  # type: ignore[no-untyped-call]  # IPython's
    blank = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    for clean in manager.cleanup_transforms:
        lines = clean(lines)
    if lines and lines[0].startswith("%%") and not re.match(r"%%\w+\?", lines[0]):
        name, _, rest = lines[0][2:].rstrip().partition(" ")
        return _cell_magic(name, rest, "".join(lines[1:]), blank, source)
    padding = "\n" * blank
    try:
        lines, magics = _translate_lines(lines, manager.token_transformers, blank)
    except SyntaxError as error:
        line = error.lineno and error.lineno + blank
        return PythonCell(text, error=error.msg, error_line=line, source=source)
    code = padding + "".join(lines)
    code = code if ended else code.removesuffix("\n")
    error_message, error_line = syntax_error(code) or (None, None)
    return PythonCell(code, magics, error_message, error_line, source=source)


def dedented(text: str) -> str:
    """Return a cell's text without the indent that all of its lines share, as IPython does it."""
    lines: list[str] = leading_indent(text.splitlines(keepends=True))  # type: ignore[no-untyped-call]  # IPython's
    return "".join(lines)


def _translate_lines(
    lines: list[str], transformers: list[Any], blank: int
) -> tuple[list[str], tuple[Magic, ...]]:
    magics: list[Magic] = []
    for _ in range(_MOST):
        tokens = make_tokens_by_line(lines)
        found = [each for kind in transformers if (each := kind.find(tokens))]
        if not found:
            break
        first = min(found, key=lambda each: each.sortby())
        after = first.transform(lines)
        start, column = first.start_line, first.start_col
        call = after[start][column:].strip()
        magic = _magic(call, start + 1 + blank)
        if magic:
            magics.append(magic)
            inner = _run_line(magic)
            if inner is not None:
                after[start] = after[start][:column] + inner.code.strip() + "\n"
                magics += [Magic(m.name, magic.line, m.kind, m.text) for m in inner.magics]
        # A use that was continued over several lines is one line now: what follows stays put.
        after[start + 1 : start + 1] = ["\n"] * (len(lines) - len(after))
        lines = after
    return lines, tuple(sorted(magics, key=lambda magic: magic.line))


def _magic(call: str, line: int) -> Magic | None:
    """Read the call that IPython has made of its syntax."""
    try:
        node: Any = ast.parse(call, mode="eval").body
        name, args = node.func.attr, [ast.literal_eval(each) for each in node.args]
    except (SyntaxError, AttributeError, ValueError):
        return None
    if name in _SHELL and args:
        return Magic(_SHELL[name], line, "shell", args[0])
    if name != "run_line_magic":
        return None
    kind = "help" if args[0] in _HELP else "line"
    return Magic(_HELP.get(args[0], args[0]), line, kind, args[1])


def _run_line(magic: Magic) -> PythonCell | None:
    """Return what a magic such as ``%time`` runs in the notebook's namespace."""
    options = _RUNS_LINE.get(magic.name)
    if options is None or magic.kind != "line":
        return None
    match = options.match(magic.text)
    inner = to_python(magic.text[match.end() if match else 0 :])
    return inner if inner.error is None and inner.code.strip() and not inner.foreign else None


def _cell_magic(name: str, line: str, body: str, blank: int, source: str) -> PythonCell:
    magic = Magic(name, blank + 1, "cell", line)
    if name not in _RUNS_BODY:
        call = f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})"
        code = "\n" * blank + call + "\n" * (source.count("\n") - blank)
        return PythonCell(code, (magic,), foreign=name != "timeit", source=source)
    inner = to_python(body if source.endswith("\n") else body.removesuffix("\n"))
    shift = blank + 1
    code = "\n" * shift + inner.code
    if name == "capture" and (target := _captured(line)):
        # The name is bound when the body is done, so below everything else.
        code += f"\n{target} = get_ipython().run_line_magic('capture', {line!r})"
    return PythonCell(
        code,
        (magic, *(Magic(m.name, m.line + shift, m.kind, m.text) for m in inner.magics)),
        inner.error,
        inner.error_line and inner.error_line + shift,
        inner.foreign,
        source,
    )


def _captured(line: str) -> str | None:
    """Return the name that ``%%capture`` binds."""
    return next((word for word in line.split() if word.isidentifier()), None)
