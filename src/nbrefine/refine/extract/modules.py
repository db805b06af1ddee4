"""The text of the modules that definitions move to."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.notebook.syntax import as_compiled
from nbrefine.refine.extract.cached import decorator_names
from nbrefine.refine.extract.methods import attributes_at
from nbrefine.refine.extract.rewrite import Changes, Position, rewrite
from nbrefine.refine.extract.subjects import module_docstring
from nbrefine.refine.write.imports import import_block

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbrefine.refine.extract.constants import Constant
    from nbrefine.refine.extract.decide import Decision
    from nbrefine.refine.extract.definitions import Definition, Key
    from nbrefine.refine.extract.existing import Existing

CONSTANTS = "constants"
PARTIAL = "from functools import partial"


@dataclass(frozen=True)
class Layout:
    """What is where in the package.

    Parameters
    ----------
    package
        Its name.
    definitions, constants
        The module of each, without the package's name.
    imports
        For each module those of the same package that it imports.
    existing
        The modules that are there already.
    """

    package: str
    definitions: Mapping[Key, str]
    constants: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]
    existing: Existing

    def path(self, module: str) -> str:
        """Return where a module lies, relative to the project's root."""
        return f"src/{self.package}/{module}.py"

    def reached(self, modules: Iterable[str]) -> frozenset[str]:
        """Return some modules, and all that these import."""
        found: set[str] = set()
        todo = list(modules)
        while todo:
            module = todo.pop()
            if module not in found:
                found.add(module)
                todo += self.imports.get(module, ())
        return frozenset(found)


def lay_out(decision: Decision, chosen: Mapping[Key, str], existing: Existing) -> Layout:
    """Say what is where.

    Parameters
    ----------
    decision
        What moves.
    chosen
        The module of each definition.
    existing
        The package, and the modules that are there already.

    Returns
    -------
    Layout
        A constant is in the module that uses it; where several do, in one of its own.
    """
    constants = _constants(decision, chosen)
    imports: dict[str, set[str]] = defaultdict(set)
    for module, others in existing.imports.items():
        imports[module] |= others
    for key, module in chosen.items():
        needs = decision.needs[key]
        imports[module] |= {chosen[other] for other in needs.definitions}
        imports[module] |= {constants[name] for name in needs.constants}
        imports[module] |= {there for each in needs.imports if (there := existing.module_of(each))}
    for name, constant in decision.constants.items():
        imports[constants[name]] |= {constants[other] for other in constant.constants}
    edges = {module: frozenset(others - {module}) for module, others in imports.items()}
    return Layout(existing.package, chosen, constants, edges, existing)


def _constants(decision: Decision, chosen: Mapping[Key, str]) -> dict[str, str]:
    """Say where each constant is; those that are assigned together are together."""
    users: dict[str, set[str]] = {
        name: {chosen[key] for key, needs in decision.needs.items() if name in needs.constants}
        for name in decision.constants
    }
    # What constants are made of comes before them.
    for name, constant in reversed([*decision.constants.items()]):
        together = set().union(*(users[each] for each in constant.names))
        for each in (*constant.names, *constant.constants):
            users[each] |= together
        users[name] |= together
    return {
        name: next(iter(found)) if len(found) == 1 else CONSTANTS for name, found in users.items()
    }


def write_modules(decision: Decision, layout: Layout) -> dict[str, str]:
    """Write the modules.

    Parameters
    ----------
    decision
        What moves, and what it needs.
    layout
        Where to.

    Returns
    -------
    dict of str to str
        Path relative to the project's root, and text of those that are new or have more in them;
        with ``__init__.py``, unless there is one.
    """
    names = {*layout.definitions.values(), *layout.constants.values()}
    texts = {layout.path(name): _module(name, decision, layout) for name in sorted(names)}
    if not texts or layout.existing.texts:
        return texts
    return {f"src/{layout.package}/__init__.py": '"""The functions of the steps."""\n', **texts}


def _module(name: str, decision: Decision, layout: Layout) -> str:
    there = layout.existing.bound(name)
    inside = [
        each
        for key, each in decision.moving.items()
        if layout.definitions[key] == name and each.name not in there
    ]
    constants = [each for each in decision.constants if layout.constants[each] == name]
    imports = {
        statement
        for each in inside
        for _, statement in module_imports(each, name, decision, layout)
    }
    imports |= {
        statement
        for each in constants
        for statement in _constant_imports(decision.constants[each], name, layout)
    }
    values = list(dict.fromkeys(decision.constants[each].text for each in constants))
    definitions = [moved_text(each, decision) for each in inside]
    if name in layout.existing.texts:
        return layout.existing.extended(name, imports, values, definitions)
    blocks = ["\n".join(import_block(imports, layout.package)), "\n".join(values)]
    head = "\n\n".join([f'"""{module_docstring(name)}"""', *(block for block in blocks if block)])
    return "\n\n\n".join([head, *definitions]) + "\n"


def module_imports(
    definition: Definition, module: str, decision: Decision, layout: Layout
) -> Iterator[tuple[str, str]]:
    """Give the imports that a definition needs in a module: the name, and the statement."""
    needs = decision.needs[definition.key]
    bound = decision.is_bound(definition.key)
    gone = decorator_names(definition) if bound else frozenset()
    for statement in (*needs.imports, *_future(definition)):
        if layout.existing.module_of(statement) == module:
            continue
        node = ast.parse(statement).body[0]
        assert isinstance(node, (ast.Import, ast.ImportFrom))  # noqa: S101  (so it was read)
        alias = node.names[0]
        name = alias.asname or alias.name.partition(".")[0]
        if name not in gone:
            yield name, statement
    elsewhere = [(key[0], layout.definitions[key]) for key in needs.definitions]
    elsewhere += [(name, layout.constants[name]) for name in needs.constants]
    for name, there in elsewhere:
        if there != module:
            yield name, f"from {layout.package}.{there} import {name}"
    if changes_in(definition, decision).passed:
        yield "partial", PARTIAL


def _constant_imports(constant: Constant, module: str, layout: Layout) -> Iterator[str]:
    """Give the imports that a constant needs in a module."""
    yield from constant.imports
    for name in constant.constants:
        if layout.constants[name] != module:
            yield f"from {layout.package}.{layout.constants[name]} import {name}"


def _future(definition: Definition) -> set[str]:
    """Return what decides how a definition is compiled."""
    return {
        each.statement
        for place in definition.places
        for statement in place.namespace.statements
        for each in statement.names.imports
        if each.module == "__future__"
    }


def changes_in(definition: Definition, decision: Decision) -> Changes:
    """Say what changes in the text of a definition that moves."""
    calls: dict[Position, tuple[str, ...]] = {}
    passed: dict[Position, tuple[str, ...]] = {}
    first = definition.first.statement.first
    # It may call itself.
    known = {key[0]: key for key in (*decision.needs[definition.key].definitions, definition.key)}
    for use in definition.first.statement.references:
        arguments = decision.given(known[use.name], use) if use.name in known else ()
        if arguments and use.how in {"call", "used", "passed"}:
            place = use.line - first + 1, use.column
            (calls if use.how == "call" else passed)[place] = arguments
    arguments = decision.arguments[definition.key]
    held = {
        (use.line - first + 1, use.column): holder
        for use, holder in attributes_at(definition, arguments)
    }
    return Changes(
        calls,
        passed,
        arguments,
        held=held,
        undecorated=decision.is_bound(definition.key),
        returned=definition.returns,
        required=[each.parameter for each in decision.defaults[definition.key]],
    )


def moved_text(definition: Definition, decision: Decision) -> str:
    """Return a definition as its module has it, with the comments above it."""
    text = rewrite(definition.text, changes_in(definition, decision))
    return "\n".join([*map(str.rstrip, definition.comments), *_tidied(text)])


def _tidied(text: str) -> list[str]:
    """Return a text's lines without blanks at their ends, but those that a string holds."""
    held = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Constant, ast.JoinedStr))
        for line in range(node.lineno, node.end_lineno or node.lineno)
    }
    lines = text.split("\n")
    if any(lines[number - 1].isspace() for number in held):
        lines = as_compiled(text).split("\n")
    return [line if number in held else line.rstrip() for number, line in enumerate(lines, 1)]
