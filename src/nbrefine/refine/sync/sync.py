"""Move what was newly defined in step notebooks to ``src/``: all of it, or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbrefine.errors import InputError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.document import read_text
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.refine.extract.extract import extract
from nbrefine.refine.extract.move import package_name
from nbrefine.refine.extract.moved import read_kept, read_packages
from nbrefine.refine.sync.spec import add_resources
from nbrefine.refine.write.step_files import read_step, step_text, why_unreadable
from nbrefine.refine.write.whole import put_back_unfinished, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.refine.extract.extraction import Extraction, Left, Moved


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
        Path relative to the root and content of each file that changes.
    unseen
        Steps whose source was not looked at, by its path, and why.
    before
        The step notebooks as they are: path relative to the root, and nbformat's JSON.
    """

    root: Path
    moved: tuple[Moved, ...] = ()
    left: tuple[Left, ...] = ()
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    unseen: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


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
    put_back_unfinished(find_root(project))
    pipeline = read_pipeline(find_root(project))
    root = pipeline.root
    sources = _sources(pipeline)
    unseen = {path: why for path in sources if (why := why_unreadable(root / path))}
    notebooks = {path: read_step(root / path) for path in sources if path not in unseen}
    package = _package(root)
    existing = _modules(root / "src" / package)
    extraction = extract(notebooks, package, keep=read_kept(root), existing=existing, strict=True)
    files = {path: step_text(root / path, each) for path, each in extraction.notebooks.items()}
    files |= {**extraction.modules, **_spec(pipeline, extraction)}
    changed = {
        path: text
        for path, text in files.items()
        if not (root / path).is_file() or read_text(root / path) != text
    }
    return Sync(
        root,
        extraction.moved,
        extraction.left,
        changed if extraction.moved else {},
        unseen,
        notebooks,
    )


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
    contents = {
        path: each.encode() if isinstance(each, str) else each for path, each in plan.files.items()
    }
    write_whole(plan.root, contents)


def _sources(pipeline: Pipeline) -> list[str]:
    """Return the steps' notebooks and scripts, those first that others build on."""
    order: dict[str, None] = {}
    waiting = list(pipeline.steps)
    while waiting:
        ready = [n for n in waiting if not set(pipeline.steps[n].upstream) - order.keys()]
        order |= dict.fromkeys(ready or waiting)
        waiting = [name for name in waiting if name not in order]
    steps = (pipeline.steps[name] for name in order)
    paths = (each.source for each in steps if each.kind in {"notebook", "script"})
    return [
        path.relative_to(pipeline.root).as_posix()
        for path in dict.fromkeys(paths)
        if path.is_relative_to(pipeline.root)
    ]


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


def _spec(pipeline: Pipeline, extraction: Extraction) -> dict[str, str]:
    """Return ``pipeline.yaml`` where steps come to depend on more modules."""
    file = pipeline.spec_file
    text = read_text(file)
    new = add_resources(text, extraction.resources, shown(file))
    return {file.relative_to(pipeline.root).as_posix(): new} if new != text else {}
