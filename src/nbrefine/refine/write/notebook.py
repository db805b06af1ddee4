"""A step's notebook, as a data scientist would have written it."""

from __future__ import annotations

import builtins
import json
import re
from typing import TYPE_CHECKING, Any

from nbrefine.refine.plan.lines import imports, read_lines, write_lines
from nbrefine.refine.write.code_layout import assigned, wrapped
from nbrefine.refine.write.imports import import_block

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbrefine.notebook.document import Cell
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.recipes import Recipe
    from nbrefine.refine.plan.steps import Step

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# `In[2]` and `_3` are to mean what they mean in the notebook.
_FROM_ONE = [
    "# The cells from here on count from 1, as `In` and `Out` are used.",
    "get_ipython().execution_count -= len(In) - 1",
    "del In[1:]",
    "Out.clear()",
]
_BUILT_IN = frozenset({*dir(builtins), "get_ipython", "display"})
_CODE = re.compile(r"^(?:import|from)\s")


def step_notebook(
    step: Step,
    cells: Sequence[Cell],
    facts: Sequence[CellFacts],
    own: Collection[str] = (),
) -> str:
    """Write the notebook of a step.

    Parameters
    ----------
    step
        The step.
    cells
        The original's cells that belong to it, markdown included, in their order.
    facts
        The original's code cells, by their origin.
    own
        Modules of the project, which are imported after all others.

    Returns
    -------
    str
        The ``.ipynb`` file; the same for the same input, to the byte.
    """
    origins = {facts[origin].cell.index: origin for origin in step.cells}
    settings, early, late = _split_recipes(step)
    body = [
        *_title(step, cells),
        _added("parameters", _parameters(step), tags=["parameters"]),
        *_code("arguments", _hidden(step) if step.hides_ploomber else []),
        *_code("imports", _opening(step, facts, settings, own)),
        *_code("definitions", _sources(early)),
        *_code("read", _reads(step)),
        *_code("definitions", _sources(late)),
        *_code("history", _FROM_ONE if _counts(step, facts) else []),
        *(_original(cell, origins.get(cell.index)) for cell in cells),
        *_code("write", [*_late_imports(step), *_writes(step)]),
    ]
    for number, cell in enumerate(body):
        cell["id"] = f"{re.sub(r'[^a-zA-Z0-9_-]', '', step.name)[:50]}-{number}"
    metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    document = {"cells": body, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return to_text(document)


def with_resources(notebook: Mapping[str, Any], step: Step) -> dict[str, Any]:
    """Write anew what says which files a step depends on.

    Parameters
    ----------
    notebook
        The step's notebook, as nbformat 4 has it; it is not changed.
    step
        The step, with resources that it did not have when the notebook was written.
    """
    texts = {"parameters": _parameters(step)}
    if step.hides_ploomber:
        texts["arguments"] = "\n".join(_hidden(step))
    cells = []
    for cell in notebook["cells"]:
        role = cell["metadata"].get("nbrefine", {}).get("role")
        new = {"source": texts[role].splitlines(keepends=True)} if role in texts else {}
        cells.append({**cell, **new})
    return {**notebook, "cells": cells}


def to_text(notebook: Mapping[str, Any]) -> str:
    """Return a notebook as a file has it; the same for the same input, to the byte."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _title(step: Step, cells: Sequence[Cell]) -> list[dict[str, Any]]:
    """Return a heading, unless the author has one here."""
    if cells and cells[0].kind == "markdown" and re.match(r"\s*(#|<h\d)", cells[0].source):
        return []
    return [_cell("markdown", f"# {step.title}", {"nbrefine": {"role": "title"}})]


def _parameters(step: Step) -> str:
    """Return the cell that Ploomber injects its values after."""
    lines = assigned("upstream", list(step.upstream) or None)
    lines += assigned("product", None)
    if step.resources:
        lines += assigned("resources_", None)
    for name, value in sorted(step.params.items()):
        line = "\n".join(assigned(name, value))
        comment = step.comments.get(name, "").lstrip("#").strip()
        lines.append(f"{line}  # {comment}" if comment else line)
    return "\n".join(lines)


def _counts(step: Step, facts: Sequence[CellFacts]) -> bool:
    """Whether a step's cells use inputs and outputs by their number."""
    used = {name for origin in step.cells for name in facts[origin].names.history}
    return bool(used - {"_", "__", "___"})


def _hidden(step: Step) -> list[str]:
    """Take Ploomber's names out of the way of a notebook that has them too, or that lists all."""
    stored = any(product.stored for product in step.products)
    kept = [
        f"_{name} = {name}"
        for name, used in (("upstream", step.reads), ("product", stored))
        if used
    ]
    gone = ["upstream", "product", *(["resources_"] if step.resources else [])]
    return [*kept, f"del {', '.join(gone)}"]


def _split_recipes(step: Step) -> tuple[list[Recipe], list[Recipe], list[Recipe]]:
    """Part the statements to repeat: settings, definitions, and what needs the values read."""
    imported = {name for each in step.recipes if each.kind == "import" for name in each.binds}
    values = {name for read in step.reads for name in read.names}
    settings: list[Recipe] = []
    early: list[Recipe] = []
    late: list[Recipe] = []
    for recipe in step.recipes:
        if recipe.kind == "import":
            continue
        # Of two settings the later one counts: it does not come before the other.
        follows = recipe.kind == "setting" and not recipe.precedes
        if recipe.eager & values or (follows and _has_setting(late)):
            values |= recipe.binds
            late.append(recipe)
        elif recipe.kind != "setting" or recipe.eager - imported - _BUILT_IN:
            early.append(recipe)
        else:
            (early if follows and _has_setting(early) else settings).append(recipe)
    return settings, early, late


def _has_setting(recipes: Iterable[Recipe]) -> bool:
    return any(each.kind == "setting" and not each.precedes for each in recipes)


def _opening(
    step: Step, facts: Sequence[CellFacts], settings: Sequence[Recipe], own: Collection[str]
) -> list[str]:
    """Return imports and settings; what decides about imports comes before all others."""
    lines = _imports(step, facts)
    ahead = [recipe for recipe in settings if recipe.precedes]
    if not ahead:
        return _with_settings(sorted_imports(lines, own), settings)
    needed = {name for recipe in ahead for name in recipe.eager}
    imported = [each for each in step.recipes if each.kind == "import" and each.binds & needed]
    first = list(dict.fromkeys(recipe.source for recipe in sorted(imported)))
    deciding = _last_of_each(recipe.source for recipe in sorted(ahead))
    rest = _with_settings(
        sorted_imports([line for line in lines if line not in first], own),
        [each for each in settings if each not in ahead],
    )
    blocks = [sorted_imports(first, own), "\n".join(deciding).split("\n"), rest]
    return [line for block in blocks if block for line in ("", *block)][1:]


def _with_settings(lines: list[str], settings: Iterable[Recipe]) -> list[str]:
    """Put settings after the imports, `%matplotlib` before them, as is the custom."""
    sources = _last_of_each(recipe.source for recipe in settings)
    first = [source for source in sources if source.startswith("%matplotlib")]
    rest = [line for source in sources if source not in first for line in source.split("\n")]
    return [*first, *lines, *([""] if lines and rest else []), *rest]


def _last_of_each(sources: Iterable[str]) -> list[str]:
    """Leave out what is said again below: where a setting goes back and forth, the end counts."""
    return list(dict.fromkeys(reversed([*sources])))[::-1]


def _sources(recipes: Iterable[Recipe]) -> list[str]:
    """Return the texts of some statements, definitions set apart by blank lines."""
    lines: list[str] = []
    for recipe in recipes:
        block = recipe.kind in {"function", "class"}
        if lines and (block or lines[-1].startswith((" ", "\t"))):
            lines += ["", ""]
        lines += recipe.source.split("\n")
    return lines


def _imports(step: Step, facts: Sequence[CellFacts]) -> list[str]:
    """Return the imports that the step's own cells do not make in time, one a line."""
    repeated = [recipe.source for recipe in step.recipes if recipe.kind == "import"]
    reading = [line for read in step.reads if (how := read.product.stored) for line in imports(how)]
    writing = [] if step.hides_ploomber else _writing_imports(step)
    own = {recipe for origin in step.cells for recipe in _own_imports(facts[origin])}
    lines = dict.fromkeys([*repeated, *reading, *(line for line in writing if line not in own)])
    return list(lines)


def _writing_imports(step: Step) -> list[str]:
    return [line for each in step.products if each.stored for line in imports(each.stored)]


def _late_imports(step: Step) -> list[str]:
    """Return the imports for writing, where they must not be seen before."""
    return sorted_imports(dict.fromkeys(_writing_imports(step))) if step.hides_ploomber else []


def sorted_imports(lines: Iterable[str], own: Collection[str] = ()) -> list[str]:
    """Sort plain imports as isort would; keep other statements after them, in their order."""
    lines = list(lines)
    plain = [line for line in lines if _CODE.match(line) and "\n" not in line]
    rest = [line for line in lines if line not in plain]
    return [*import_block(plain, *own), *rest]


def _own_imports(facts: CellFacts) -> list[str]:
    return [each.statement for each in facts.names.imports if each.is_toplevel]


def _reads(step: Step) -> list[str]:
    hidden = "_" if step.hides_ploomber else ""
    return [
        part
        for read in step.reads
        if (how := read.product.stored)
        for line in read_lines(
            how, f'{hidden}upstream["{read.step}"]["{read.product.key}"]', read.names
        )
        for part in wrapped(line)
    ]


def _writes(step: Step) -> list[str]:
    hidden = "_" if step.hides_ploomber else ""
    return [
        part
        for product in step.products
        if product.stored
        for line in write_lines(product.stored, f'{hidden}product["{product.key}"]')
        for part in wrapped(line)
    ]


def _original(cell: Cell, origin: int | None) -> dict[str, Any]:
    """Return one of the author's cells, with its origin and without its outputs."""
    metadata: dict[str, Any] = {}
    tags = [tag for tag in cell.tags if tag != "parameters"]
    if tags:
        metadata["tags"] = tags
    if origin is not None:
        metadata["nbrefine"] = {"origin": origin}
        return _cell("code", cell.source, metadata)
    written = _cell(cell.kind, cell.source, metadata)
    return written | ({"attachments": dict(cell.attachments)} if cell.attachments else {})


def _code(role: str, lines: Sequence[str]) -> list[dict[str, Any]]:
    return [_added(role, "\n".join(lines))] if lines else []


def _added(role: str, source: str, tags: Sequence[str] = ()) -> dict[str, Any]:
    metadata: dict[str, Any] = {"nbrefine": {"role": role}}
    if tags:
        metadata["tags"] = list(tags)
    return _cell("code", source, metadata)


def _cell(kind: str, source: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": kind,
        "metadata": dict(metadata),
        "source": source.splitlines(keepends=True),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell
