"""The files that a step depends on: those that a run read, and those that code and params name.

Some libraries read behind Python's back, so that no run shows it: a file whose path is written out
in the code, or in a parameter, counts as well.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import files_in
from nbrefine.pipeline.code import NOTEBOOKS
from nbrefine.pipeline.fingerprint import ABSENT
from nbrefine.pipeline.observed import Observed, stored_path
from nbrefine.pipeline.own_folder import FOLDER
from nbrefine.pipeline.params import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from nbrefine.analysis.modules import Reached
    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.survey import Survey


def file_parts(
    pipeline: Pipeline, step: Step, survey: Survey, observed: Observed, reached: Reached
) -> dict[str, str]:
    """Return the parts of a fingerprint that are files, or lists of a folder's files.

    Parameters
    ----------
    pipeline
        The pipeline.
    step
        The step.
    survey
        Looks at files.
    observed
        What a run was seen to use.
    reached
        What its code can reach.

    Returns
    -------
    dict
        Without what counts as something else already: modules, and products of steps above.
    """
    root = pipeline.root
    read = {root / path for path in observed.read}
    # A name in the code is no input where it is of something that is made later, or by the step.
    named = {*_named(step, root, reached)} - {root / path for path in observed.written}
    named -= _made_later(pipeline, step, named)
    counted = _counted(pipeline, step) | reached.files | {root / path for path in observed.modules}
    parts = {}
    for file in sorted((read | named) - counted):
        if file.is_relative_to(root / FOLDER):
            continue
        # Of what pipelines make, not all bytes say something.
        made = file in pipeline.makers or file.suffix == ".ipynb"
        label = f"file:{stored_path(file, root)}"
        parts[label] = survey.content(file) if made else survey.file(file)
    passing = _passing(root, observed, pipeline.makers) if observed.folders else frozenset()
    for path in observed.folders:
        parts[f"folder:{path}"] = _names(root / path, passing)
    return parts


def executed_notebooks(step: Step) -> frozenset[str]:
    """Return the names of the products that are a step's executed notebook, in any format."""
    if step.kind not in NOTEBOOKS:
        return frozenset()
    keys = step.options.get("nb_product_key", "nb")
    wanted = {str(key) for key in keys} if isinstance(keys, list) else {str(keys)}
    return frozenset(step.products) if len(step.products) == 1 else frozenset(wanted)


def _made_later(pipeline: Pipeline, step: Step, files: Iterable[Path]) -> frozenset[Path]:
    """Return which files are products of the steps that build on a step."""
    made = {file: pipeline.makers[file] for file in files if file in pipeline.makers}
    later = {*pipeline.graph.descendants(step.name)} if made else set()
    return frozenset(file for file, maker in made.items() if maker in later)


def _counted(pipeline: Pipeline, step: Step) -> frozenset[Path]:
    """Return the step's own products, and those whose content its fingerprint has."""
    counted = {*step.files.values()}
    for name in step.upstream:
        above = pipeline.steps[name]
        notebooks = executed_notebooks(above)
        counted |= {path for key, path in above.files.items() if key not in notebooks}
    return frozenset(counted)


def _named(step: Step, root: Path, reached: Reached) -> Iterator[Path]:
    """Return the files that there are of those that the code or the parameters name."""
    params = {key: value for key, value in step.params.items() if key != RESOURCES}
    for text in {*reached.named, *_texts(params)}:
        for base in (root, step.source.parent):
            try:
                file = (base / text).resolve()
                if file.is_file():
                    yield file
            except (OSError, ValueError):
                continue


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from files_in(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def _passing(root: Path, observed: Observed, products: Iterable[Path]) -> frozenset[Path]:
    """Return what comes and goes in folders by building: products, and folders for them."""
    made = {*products, *(root / path for path in observed.written)}
    return frozenset(made | {parent for path in made for parent in path.parents})


def _names(folder: Path, passing: frozenset[Path]) -> str:
    """Digest the names of what is in a folder; hidden ones and those of builds do not count."""
    try:
        names = [
            path.name
            for path in folder.iterdir()
            if path not in passing and not path.name.startswith((".", "__pycache__"))
        ]
    except OSError:
        return ABSENT
    return hashlib.sha256("\0".join(sorted(names)).encode(errors="surrogateescape")).hexdigest()
