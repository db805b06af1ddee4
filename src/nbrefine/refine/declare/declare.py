"""Writes the declaration of a refined project's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.errors import FeatureViewError, Place
from nbrefine.files.paths import shown
from nbrefine.notebook.reading import read_any
from nbrefine.notebook.syntax import to_python
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.refine.declare.calls import calls_of
from nbrefine.refine.declare.choosing import choose
from nbrefine.refine.declare.kinds import recorded
from nbrefine.refine.declare.writing import declaration
from nbrefine.refine.extract.moved import read_packages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.pipeline.model import Pipeline
    from nbrefine.refine.declare.choosing import Choice

_MODULE = "feature_views"


@dataclass(frozen=True)
class Declared:
    """A declaration that was written.

    Parameters
    ----------
    file
        Where it is.
    module
        Its dotted name.
    requests
        The product that holds recorded requests; None where none does.
    choice
        What is in it, and what not.
    open
        How many places the user has to decide.
    """

    file: Path
    module: str
    requests: Path | None
    choice: Choice
    open: int


def declare(folder: Path) -> Declared:
    """Write ``src/<project>/feature_views.py``; nothing is overwritten.

    Parameters
    ----------
    folder
        The refined project, or a folder below it.

    Returns
    -------
    Declared
        What was written.

    Raises
    ------
    FeatureViewError
        If there is such a file, the project has no package of its own or was never built, or no
        transform can be declared.
    """
    root = find_root(folder)
    pipeline = read_pipeline(root)
    package = _package(root)
    file = root / "src" / package / f"{_MODULE}.py"
    if file.exists():
        hint = "It is yours. To have one written anew, move it away."
        raise FeatureViewError("There is a declaration.", where=Place(shown(file)), hint=hint)
    if not any(product.is_file() for product in pipeline.makers):
        message = "The pipeline has no products yet, which say what its columns hold."
        hint = "Build it first: nbrefine build, or ploomber build"
        raise FeatureViewError(message, where=Place(shown(pipeline.spec_file)), hint=hint)
    calls = calls_of(_steps(pipeline), [package])
    choice = choose(calls, _modules(root / "src", package))
    if not choice.request:
        raise FeatureViewError(
            f"No step calls a function of {package} on a frame that could be a request.",
            where=Place(shown(pipeline.spec_file)),
            hint=_reasons(choice) or "Move what makes the features to src/: nbrefine sync",
        )
    requests, columns = recorded(_products(pipeline), choice.request)
    text = declaration(choice, columns)
    # Another process may have written it meanwhile; that one is not overwritten either.
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise FeatureViewError("There is a declaration.", where=Place(shown(file))) from None
    return Declared(file, f"{package}.{_MODULE}", requests, choice, text.count("DECIDE:"))


def _package(root: Path) -> str:
    packages = [each for each in read_packages(root) if (root / "src" / each).is_dir()]
    if not packages:
        folders = (root / "src").glob("*/__init__.py")
        packages = sorted(each.parent.name for each in folders)
    if len(packages) != 1:
        what = f"several: {', '.join(packages)}" if packages else "none"
        raise FeatureViewError(
            f"A refined project has one package in src/, this one has {what}.",
            where=Place(shown(root)),
            hint="Refine a notebook first: nbrefine refine NOTEBOOK",
        )
    return packages[0]


def _steps(pipeline: Pipeline) -> Iterator[tuple[str, list[str]]]:
    for name in pipeline.graph.order:
        step = pipeline.step(name)
        if step.kind == "notebook":
            cells = read_any(step.source).code_cells
            yield name, [to_python(cell.source).code for cell in cells]


def _modules(folder: Path, package: str) -> dict[str, str]:
    return {
        ".".join(file.relative_to(folder).with_suffix("").parts): file.read_text(encoding="utf-8")
        for file in sorted((folder / package).rglob("*.py"))
    }


def _products(pipeline: Pipeline) -> Iterator[Path]:
    for name in pipeline.graph.order:
        for file in pipeline.step(name).files.values():
            if file.suffix == ".parquet" and file.is_file():
                yield file


def _reasons(choice: Choice) -> str:
    said = [f"{each.called.name}: {each.why_not}" for each in choice.transforms if each.why_not]
    return "; ".join(said)
