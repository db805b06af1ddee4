"""Names that would mean two things in one module."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from nbrefine.refine.extract.modules import module_imports

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.refine.extract.decide import Decision
    from nbrefine.refine.extract.modules import Layout


def find_clashes(decision: Decision, layout: Layout) -> dict[str, str]:
    """Find definitions that cannot be in the module that was chosen for them.

    Parameters
    ----------
    decision
        What moves.
    layout
        Where to.

    Returns
    -------
    dict of str to str
        Name, and why it has to stay.
    """
    meanings: dict[tuple[str, str], str] = {}
    for module in layout.existing.texts:
        for name, text in layout.existing.bound(module).items():
            meanings[module, name] = _meaning({text}) if text else "something else"
    taken = {name for name, module in layout.constants.items() if (module, name) in meanings}
    found = {
        key[0]: f"its module has another `{name}`"
        for key in decision.moving
        for name in taken & decision.needs[key].constants
    }
    found |= _taken(decision, layout, meanings)
    for key in decision.moving:
        meanings[layout.definitions[key], key[0]] = "a definition"
    for name, module in layout.constants.items():
        meanings[module, name] = "a constant"
    for key, definition in decision.moving.items():
        module = layout.definitions[key]
        wanted: dict[str, set[str]] = defaultdict(set)
        for name, statement in module_imports(definition, module, decision, layout):
            wanted[name].add(statement)
        for name, statements in sorted(wanted.items()):
            text = _meaning(statements)
            if meanings.setdefault((module, name), text) != text:
                found[key[0]] = f"`{name}` means something else for others in its module"
    return found


def _taken(
    decision: Decision, layout: Layout, meanings: Mapping[tuple[str, str], str]
) -> dict[str, str]:
    """Find definitions whose name stands for something else in their module already."""
    return {
        key[0]: f"`{layout.path(layout.definitions[key])}` has another `{key[0]}`"
        for key in decision.moving
        if (layout.definitions[key], key[0]) in meanings
        and layout.existing.defines(*key) != layout.definitions[key]
    }


def _meaning(statements: set[str]) -> str:
    """Return the same for imports that bind the same: `import os` and `import os.path`."""
    plain = all(each.startswith("import ") and " as " not in each for each in statements)
    return "import" if plain else "\n".join(sorted(statements))
