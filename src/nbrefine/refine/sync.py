"""Move what was newly defined in step notebooks to ``src/``: all of it, or nothing."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbrefine.errors import InputError, NotebookError, Place
from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.notebook.document import load_document, read_text
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.refine.extract.extract import extract
from nbrefine.refine.move import package_name
from nbrefine.refine.moved import read_kept, read_packages
from nbrefine.refine.sync_spec import add_resources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.refine.extract.extraction import Extraction, Left, Moved

_FORMAT = 4


@dataclass(frozen=True)
class Sync:
    """What was moved, or waits to be.

    Parameters
    ----------
    root
        The project's folder.
    moved
        Definitions that can be, or were, moved.
    left
        Those that stay, and why.
    files
        Path relative to the root and text of each file that changes.
    """

    root: Path
    moved: tuple[Moved, ...] = ()
    left: tuple[Left, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def plan_sync(project: Path) -> Sync:
    """Find out what of the step notebooks belongs to ``src/``.

    Parameters
    ----------
    project
        A folder of the project.

    Returns
    -------
    Sync
        Nothing is written yet.

    Raises
    ------
    InputError
        If there are several packages in ``src/`` and none is known to be the project's, or a
        module is no Python.
    """
    pipeline = read_pipeline(find_root(project))
    root = pipeline.root
    notebooks = _notebooks(pipeline)
    package = _package(root)
    existing = _modules(root / "src" / package)
    extraction = extract(notebooks, package, keep=read_kept(root), existing=existing, strict=True)
    files = {path: _text(notebook) for path, notebook in extraction.notebooks.items()}
    files |= extraction.modules
    spec = _spec(pipeline, extraction)
    changed = {
        path: text
        for path, text in {**files, **spec}.items()
        if not (root / path).is_file() or read_text(root / path) != text
    }
    return Sync(root, extraction.moved, extraction.left, changed if extraction.moved else {})


def write_sync(plan: Sync) -> None:
    """Write what was planned.

    Parameters
    ----------
    plan
        What to write. If any file cannot be written, the others are put back as they were.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    before = {
        path: (plan.root / path).read_bytes() if (plan.root / path).is_file() else None
        for path in plan.files
    }
    done: list[str] = []
    try:
        for path, text in plan.files.items():
            done.append(path)
            write_atomic(plan.root / path, text)
    except BaseException as error:
        for path in done:
            _put_back(plan.root / path, before[path])
        if not isinstance(error, OSError):
            raise
        raise InputError(
            f"Cannot be written: {error.strerror}. Nothing was changed.",
            where=Place(shown(plan.root / done[-1])),
        ) from None


def _put_back(file: Path, content: bytes | None) -> None:
    if content is None:
        with contextlib.suppress(OSError):  # it was never there
            file.unlink()
    elif not file.is_file() or file.read_bytes() != content:
        write_atomic(file, content)


def _notebooks(pipeline: Pipeline) -> dict[str, dict[str, Any]]:
    """Read the step notebooks, those first that others build on."""
    order: dict[str, None] = {}
    waiting = list(pipeline.steps)
    while waiting:
        ready = [n for n in waiting if not set(pipeline.steps[n].upstream) - order.keys()]
        order |= dict.fromkeys(ready or waiting)
        waiting = [name for name in waiting if name not in order]
    sources = (pipeline.steps[name].source for name in order)
    return {
        path.relative_to(pipeline.root).as_posix(): _document(path)
        for path in dict.fromkeys(sources)
        if path.suffix == ".ipynb" and path.is_relative_to(pipeline.root)
    }


def _document(path: Path) -> dict[str, Any]:
    document = load_document(path)
    if document.get("nbformat") != _FORMAT or not isinstance(document.get("cells"), list):
        raise NotebookError(
            "The notebook is of an old format.",
            where=Place(shown(path)),
            hint="Open it in JupyterLab and save it.",
        )
    return document


def _package(root: Path) -> str:
    """Return the name of the project's package."""
    there = sorted(file.parent.name for file in (root / "src").glob("*/__init__.py"))
    known = [name for name in read_packages(root) if name in there] or there
    if len(known) > 1:
        raise InputError(
            f"There are several packages: {', '.join(known)}.",
            where=Place(shown(root / "src")),
            hint="nbrefine sync moves definitions to the one package of a project.",
        )
    return known[0] if known else package_name(root.name, ())


def _modules(folder: Path) -> dict[str, str]:
    """Read the modules of a package."""
    texts = {file.stem: read_text(file) for file in sorted(folder.glob("*.py"))}
    for name, text in texts.items():
        try:
            compile(text, name, "exec", dont_inherit=True)
        except SyntaxError as error:
            raise InputError(
                f"The module is no valid Python: {error.msg}.",
                where=Place(shown(folder / f"{name}.py"), error.lineno),
            ) from None
    return texts


def _text(notebook: Mapping[str, Any]) -> str:
    """Return a notebook as Jupyter writes it, its keys in the order that they have."""
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _spec(pipeline: Pipeline, extraction: Extraction) -> dict[str, str]:
    """Return ``pipeline.yaml`` where steps come to depend on more modules."""
    file = pipeline.spec_file
    text = read_text(file)
    new = add_resources(text, extraction.resources, shown(file))
    return {file.relative_to(pipeline.root).as_posix(): new} if new != text else {}
