"""Move the definitions of step notebooks to modules in ``src/``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbrefine.refine.extract.bindings import read_namespace
from nbrefine.refine.extract.cells import read_cells
from nbrefine.refine.extract.clashes import find_clashes
from nbrefine.refine.extract.decide import decide
from nbrefine.refine.extract.definitions import find_definitions, find_nested
from nbrefine.refine.extract.existing import Existing
from nbrefine.refine.extract.extraction import Extraction, Kind, Left, Moved
from nbrefine.refine.extract.modules import changes_in, lay_out, write_modules
from nbrefine.refine.extract.notebooks import rewrite_notebook
from nbrefine.refine.extract.placing import place
from nbrefine.refine.extract.subjects import choose_modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.refine.extract.bindings import Namespace
    from nbrefine.refine.extract.decide import Decision
    from nbrefine.refine.extract.definitions import Definition, Key
    from nbrefine.refine.extract.modules import Layout

__all__ = ["Extraction", "Kind", "Left", "Moved", "extract"]


def extract(  # noqa: PLR0913  (what it has to respect)
    notebooks: Mapping[str, Mapping[str, Any]],
    package: str,
    *,
    keep: Mapping[str, str] | None = None,
    refusal: str = "",
    existing: Mapping[str, str] | None = None,
    stars: Mapping[str, str] | None = None,
    strict: bool = False,
) -> Extraction:
    """Move function and class definitions to ``src/<package>/``; notebooks import them.

    Parameters
    ----------
    notebooks
        The step notebooks, in the order in which they run: path relative to the project's root,
        and nbformat-4 JSON. They are not changed.
    package
        Name of the package in ``src/``.
    keep
        Names whose definitions have to stay, and why.
    refusal
        Why all have to stay; empty if they may move.
    existing
        Modules that the package has already: names without the package's, and texts. They are
        kept as they are, and more is added.
    stars
        The modules of which star imports were seen to bring names, by name.
    strict
        Whether no proof will follow, so that nothing may be left to it.

    Returns
    -------
    Extraction
        What is not understood stays in its notebook, with the reason; nothing is half moved.
    """
    namespaces = [read_namespace(path, read_cells(path, nb)) for path, nb in notebooks.items()]
    definitions = find_definitions(namespaces)
    kept = {name: refusal for name, _ in definitions if refusal} or dict(keep or {})
    there = Existing(package, existing or {})
    kept = _other_there(definitions, there) | kept
    while True:
        decision = decide(definitions, namespaces, kept, stars, strict=strict)
        chosen = choose_modules(decision.moving, decision.needs)
        layout = lay_out(decision, place(chosen, decision, there), there)
        clashes = find_clashes(decision, layout)
        if not clashes:
            break
        kept |= clashes
    if not decision.moving:
        return Extraction(left=_left(definitions, decision, namespaces), kept=kept)
    holders = {id(place.namespace) for d in decision.moving.values() for place in d.places}
    rewritten = {
        space.path: rewrite_notebook(notebooks[space.path], space, decision, layout)
        for space in namespaces
        if id(space) in holders or space.loads_objects
    }
    changed = {path: notebook for path, (notebook, _) in rewritten.items()}
    places = {path: shift for path, (_, shift) in rewritten.items()}
    left = (
        replace(each, index=places.get(each.notebook, {}).get(each.index, each.index))
        for each in _left(definitions, decision, namespaces)
    )
    return Extraction(
        changed,
        write_modules(decision, layout),
        tuple(_moved(definition, decision, layout) for definition in decision.moving.values()),
        tuple(left),
        {
            space.path: _resources(space, changed[space.path], layout)
            for space in namespaces
            if space.path in changed
        },
        kept,
    )


def _other_there(definitions: Iterable[Key], there: Existing) -> dict[str, str]:
    """Refuse what a module has already, and has in another way."""
    return {
        name: f"`src/{there.package}/{there.definitions[name]}.py` has another `{name}`"
        for name, text in definitions
        if name in there.definitions and not there.defines(name, text)
    }


def _moved(definition: Definition, decision: Decision, layout: Layout) -> Moved:
    cell, key = definition.first.cell, definition.key
    return Moved(
        definition.name,
        "class" if definition.is_class else "function",
        f"{layout.package}.{layout.definitions[key]}",
        cell.notebook,
        cell.place,
        definition.node.lineno,
        decision.arguments[key],
        tuple(sorted(decision.needs[key].constants)),
        tuple(sorted(name for name, _ in decision.needs[key].definitions)),
        rewritten=bool(changes_in(definition, decision)),
        index=cell.index,
    )


def _left(
    definitions: Mapping[Key, Definition], decision: Decision, namespaces: Sequence[Namespace]
) -> tuple[Left, ...]:
    """List what stays: at the top of cells, and in blocks."""
    found = []
    for key, reason in decision.left.items():
        definition = definitions[key]
        cell = definition.first.cell
        place = definition.name, cell.notebook, cell.place, definition.node.lineno
        found.append(Left(*place, reason, cell.index, _passes_on(definition, decision)))
    for name, cell, line, kind in find_nested(namespaces):
        reason = f"it is defined under `{kind}`"
        found.append(Left(name, cell.notebook, cell.place, line, reason, cell.index))
    order = {space.path: number for number, space in enumerate(namespaces)}
    return tuple(sorted(found, key=lambda each: (order[each.notebook], each.index, each.line)))


def _passes_on(definition: Definition, decision: Decision) -> bool:
    """Tell whether something that stays calls what has moved, and takes more than before."""
    taking = {key[0] for key in decision.moving if decision.arguments[key]}
    return any(
        use.name in taking and use.how in {"call", "used", "passed"}
        for use in definition.first.statement.references
    )


def _resources(
    namespace: Namespace, notebook: Mapping[str, Any], layout: Layout
) -> tuple[str, ...]:
    """Return the modules that a notebook depends on: by its imports, or by what it unpickles."""
    start = f"{layout.package}."
    direct = {
        each.module.removeprefix(start)
        for cell in read_cells(namespace.path, notebook)
        for statement in cell.statements or ()
        for each in statement.names.imports
        if each.module.startswith(start)
    }
    if namespace.loads_objects:
        direct |= set(layout.definitions.values())
    return tuple(layout.path(module) for module in sorted(layout.reached(direct)))
