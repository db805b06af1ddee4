"""The source text that Ploomber records with a product, and when it counts as changed.

Of a notebook that is the text of all cells, so a comment or a heading counts. Of a function it is
its definition without comments, docstring and formatting.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import io
import re
import tokenize
from typing import TYPE_CHECKING

from nbrefine.notebook.document import INJECTED_TAG, read_text
from nbrefine.pipeline.functions import function_node
from nbrefine.pipeline.upstream import document_of

if TYPE_CHECKING:
    from nbrefine.notebook.document import Cell, Notebook
    from nbrefine.pipeline.model import Step

_MAGIC_MARK = re.compile(r"\A# ?(?=.*[%!?])")
# What Ploomber and papermill put into a notebook does not count; of each, the first.
_INJECTED = (INJECTED_TAG, "debugging-settings")


def source_text(step: Step) -> str | None:
    """Return a step's source as Ploomber would record it now.

    Parameters
    ----------
    step
        The step.

    Returns
    -------
    str or None
        The text; None for kinds whose text only Ploomber can tell.
    """
    if step.kind in {"notebook", "script"}:
        return text_of(document_of(step.source))
    if step.kind == "function":
        node = function_node(step.source, step.dotted_path.rpartition(".")[2])
        start = min((d.lineno for d in node.decorator_list), default=node.lineno)
        rows = read_text(step.source).split("\n")
        return "\n".join(rows[start - 1 : node.end_lineno]) + "\n"
    return None


def own_cells(notebook: Notebook) -> list[Cell]:
    """Return a notebook's cells without those that a build or papermill has put in.

    The first of each kind is left out, as they do.
    """
    injected = [notebook.tagged(tag) for tag in _INJECTED]
    return [cell for cell in notebook.cells if cell not in injected]


def text_of(notebook: Notebook) -> str:
    """Return what Ploomber records of a notebook."""
    return "\n".join(cell.source for cell in own_cells(notebook))


def same_source(step: Step, recorded: str | None, current: str) -> bool | None:
    """Tell whether Ploomber would take two texts for the same.

    Parameters
    ----------
    step
        The step whose source they are.
    recorded, current
        The text that is recorded, None if none is, and the one that would be now.

    Returns
    -------
    bool or None
        None where only Ploomber's own tools, which may not be installed, could tell.
    """
    if recorded is None or recorded == current:
        return recorded == current
    if step.kind == "script" and _without_marks(recorded) == _without_marks(current):
        # Jupytext has more rules for blank lines and magics than are followed here.
        return None
    if step.kind != "function":
        return False
    if importlib.util.find_spec("autopep8") is None:
        return None
    return _normalised(recorded) == _normalised(current)


def _without_marks(text: str) -> list[str]:
    """Return the lines that are not blank, with magics as they would run."""
    return [_MAGIC_MARK.sub("", line.strip()) for line in text.split("\n") if line.strip()]


def _normalised(code: str) -> str:
    """Drop comments, docstring and formatting, in the way that Ploomber does."""
    try:
        ast.parse(code)
    except SyntaxError:
        return code
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    bare = tokenize.untokenize(token[:2] for token in tokens if token.type != tokenize.COMMENT)
    formatted: str = importlib.import_module("autopep8").fix_code(_without_docstring(bare))
    return formatted


def _without_docstring(code: str) -> str:
    node = ast.parse(code).body[0]
    if not isinstance(node, ast.FunctionDef) or ast.get_docstring(node) is None:
        return code
    doc = node.body[0]
    rows = code.split("\n")[doc.lineno - 1 : doc.end_lineno]
    if rows[0][: doc.col_offset].strip():  # on the line of the "def": Ploomber leaves it
        return code
    # Offsets count bytes, not characters.
    rows[-1] = rows[-1].encode()[: doc.end_col_offset].decode()
    return code.replace("\n" + "\n".join(rows), "")
