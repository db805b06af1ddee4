"""Between the steps' notebooks and the project: definitions go to ``src/``."""

from __future__ import annotations

import json
import keyword
import re
import sys
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nbrefine.refine.extract.extract import extract
from nbrefine.refine.extract.versions import name_versions
from nbrefine.refine.flow.facts import imported_modules
from nbrefine.refine.write.notebook import to_text, with_resources

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbrefine.refine.extract.extraction import Extraction
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.plan.steps import Step

# How Python shows what the notebook itself defines.
_OWN = re.compile(r"\b__main__\.(\w+)")


def move_definitions(  # noqa: PLR0913  (what it has to respect)
    steps: Sequence[Step],
    content: Mapping[str, str],
    package: str,
    keep: Mapping[str, str] | None,
    *,
    stars: Mapping[str, str] | None = None,
    strict: bool = False,
) -> tuple[tuple[Step, ...], dict[str, str], Extraction]:
    """Move the definitions of the steps' notebooks to modules.

    Parameters
    ----------
    steps
        In the notebook's order.
    content
        Their notebooks: path relative to the root, and text.
    package
        Name of the package in ``src/``.
    keep
        Names of definitions that have to stay, and why; None if all have to.
    stars
        The modules of which star imports were seen to bring names, by name.
    strict
        Whether no proof will follow, so that nothing may be left to it.

    Returns
    -------
    steps : tuple of Step
        Each with the modules that it depends on among its resources.
    content : dict of str to str
        The notebooks and the modules.
    extraction : Extraction
        What moved, and what stayed.
    """
    notebooks = {step.notebook: json.loads(content[step.notebook]) for step in steps}
    refusal = "with functions and classes in modules, the proof failed" if keep is None else ""
    extraction = extract(notebooks, package, keep=keep, refusal=refusal, stars=stars, strict=strict)
    steps = tuple(
        replace(step, resources=_resources(step, extraction.resources.get(step.notebook, ())))
        for step in steps
    )
    changed = {
        step.notebook: to_text(with_resources(extraction.notebooks[step.notebook], step))
        for step in steps
        if step.notebook in extraction.notebooks
    }
    return steps, {**content, **changed, **extraction.modules}, extraction


def shown_as_the_notebooks(cells: Iterable[CellFacts]) -> dict[str, str]:
    """Return the definitions that the notebook's outputs name as its own, and why these stay.

    Parameters
    ----------
    cells
        The notebook's cells.

    Returns
    -------
    dict of str to str
        By its name each function or class that is shown like ``<__main__.Model object>``: from a
        module it would be shown with the module's name.
    """
    found: dict[str, str] = {}
    for facts in cells:
        outputs = facts.record.outputs if facts.record else ()
        for name in _OWN.findall(json.dumps(outputs)):
            found.setdefault(name, f"code cell {facts.origin + 1} shows it as `__main__.{name}`")
    return found


def with_versions(
    paths: Sequence[str], content: Mapping[str, str], keep: Collection[str]
) -> dict[str, str]:
    """Give functions that are defined several times a name for each version.

    Parameters
    ----------
    paths
        Of the step notebooks, in the order in which they run.
    content
        Files of the project: path relative to the root, and text.
    keep
        Names of definitions that stay as they are.

    Returns
    -------
    dict of str to str
        With the notebooks that changed.
    """
    changed = name_versions({path: json.loads(content[path]) for path in paths}, keep)
    return {**content, **{path: to_text(notebook) for path, notebook in changed.items()}}


def star_modules(cells: Iterable[CellFacts]) -> dict[str, str]:
    """Return which star import brought each name, as far as a run showed it.

    Parameters
    ----------
    cells
        The notebook; of a cell with several star imports it is not known.
    """
    found: dict[str, str] = {}
    for facts in cells:
        modules = {*facts.names.star_imports}
        if len(modules) == 1 and facts.record is not None:
            brought = facts.record.bound - facts.names.binds
            found |= dict.fromkeys(sorted(brought), modules.pop())
    return found


def package_name(folder: str, cells: Iterable[CellFacts]) -> str:
    """Return a name for the project's package that hides no other module.

    Parameters
    ----------
    folder
        Name of the project's folder.
    cells
        The notebook, for what it imports.
    """
    taken = imported_modules(cells) | sys.stdlib_module_names
    taken |= {"src", "test", "tests", "notebooks", "build"}
    name = re.sub(r"[^a-z0-9]+", "_", folder.lower()).strip("_") or "pipeline"
    if not name.isidentifier() or keyword.iskeyword(name):
        name = f"project_{name}"
    return f"{name}_steps" if name in taken else name


def _resources(step: Step, modules: Iterable[str]) -> dict[str, str]:
    """Return a step's resources with some modules, each by the module's name."""
    found = dict(step.resources)
    for path in modules:
        key = PurePosixPath(path).stem
        while key in found:
            key += "_module"
        found[key] = path
    return found
