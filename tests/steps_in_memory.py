"""Step notebooks made of texts, and run without a kernel: what each cell shows, what is left."""

from __future__ import annotations

import ast
import contextlib
import importlib.abc
import importlib.machinery
import importlib.util
import io
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from nbrefine.refine.extract.extract import Extraction, extract

ROLES = ("parameters", "arguments", "imports", "definitions", "read", "write", "path")


@dataclass(frozen=True)
class Ran:
    """What running a notebook shows, by the cells' origins, and which values are left."""

    shown: Mapping[int, str]
    values: Mapping[str, str]
    names: frozenset[str]


def step(*sources: str, start: int = 0) -> dict[str, Any]:
    """Return a step's notebook; a source that begins with ``role:`` is of a cell that refine adds.

    Parameters
    ----------
    sources
        Text of the code cells.
    start
        Origin of the first of the author's cells.
    """
    cells: list[dict[str, Any]] = [_cell("parameters", "upstream = None\nproduct = None")]
    origin = start
    for source in sources:
        role, _, text = source.partition(":\n")
        if role in ROLES:
            cells.append(_cell(role, text))
        else:
            cells.append(_cell(origin, source))
            origin += 1
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def _cell(mark: int | str, source: str) -> dict[str, Any]:
    ours = {"role": mark} if isinstance(mark, str) else {"origin": mark}
    metadata: dict[str, Any] = {"nbrefine": ours}
    if mark == "parameters":
        metadata["tags"] = ["parameters"]
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"step-{mark}",
        "metadata": metadata,
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def extract_steps(*notebooks: dict[str, Any], **options: Any) -> Extraction:  # noqa: ANN401
    """Extract from steps that are named ``a``, ``b``, ..."""
    return extract(
        {f"notebooks/{'abcdef'[i]}.ipynb": each for i, each in enumerate(notebooks)},
        "late",
        **options,
    )


def sources(notebook: Mapping[str, Any]) -> dict[int | str, str]:
    """Return the text of a notebook's cells, by origin or role."""
    marks = (cell["metadata"]["nbrefine"] for cell in notebook["cells"])
    return {
        mark.get("origin", mark.get("role")): "".join(cell["source"])
        for mark, cell in zip(marks, notebook["cells"], strict=True)
    }


def run(
    notebook: Mapping[str, Any],
    modules: Mapping[str, str] | None = None,
    *,
    may_fail: bool = False,
) -> Ran:
    """Run a notebook in a namespace of its own, with some modules to import.

    Parameters
    ----------
    notebook
        Its cells are plain Python.
    modules
        Path (``src/late/cleaning.py``) and text.
    may_fail
        Whether it goes on behind a cell that fails, which then shows the exception's class.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    shown = {}
    with _importable(modules or {}):
        for cell in notebook["cells"]:
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                try:
                    _execute("".join(cell["source"]), space)
                except Exception as error:
                    if not may_fail:
                        raise
                    print(type(error).__name__)  # noqa: T201  (it is captured)
            origin = cell["metadata"]["nbrefine"].get("origin")
            if origin is not None:
                shown[origin] = output.getvalue()
    values = {
        name: re.sub(r"0x[0-9a-f]+", "0x", repr(value))
        for name, value in space.items()
        if not name.startswith("__") and not callable(value) and not isinstance(value, ModuleType)
    }
    return Ran(shown, values, frozenset(space) - {"__builtins__"})


def _execute(source: str, space: dict[str, Any]) -> None:
    """Run a cell as IPython does: the value of its last expression is shown."""
    body = ast.parse(source).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), "<cell>", "exec"), space)  # noqa: S102  (the test's own)
    if isinstance(last, ast.Expr):
        code = compile(ast.Expression(last.value), "<cell>", "eval")
        value = eval(code, space)  # noqa: S307  (the test's own)
        if value is not None:
            print(repr(value))  # noqa: T201


@contextlib.contextmanager
def _importable(modules: Mapping[str, str]) -> Iterator[None]:
    """Make modules importable from their texts."""
    names = {
        path.removeprefix("src/")
        .removesuffix(".py")
        .removesuffix("/__init__")
        .replace("/", "."): text
        for path, text in modules.items()
    }
    finder, path = _Finder(names), list(sys.path)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.path[:] = path
        for name in names:
            sys.modules.pop(name, None)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds modules in memory."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module by its full name."""
        del path, target
        if fullname not in self.texts:
            return None
        package = any(name.startswith(f"{fullname}.") for name in self.texts)
        return importlib.util.spec_from_loader(fullname, self, is_package=package)

    def exec_module(self, module: ModuleType) -> None:
        """Run a module's text."""
        code = compile(self.texts[module.__name__], f"<{module.__name__}>", "exec")
        exec(code, module.__dict__)  # noqa: S102  (the test's own)
