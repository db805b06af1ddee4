"""Literals that configure the notebook become parameters."""

from __future__ import annotations

import builtins
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nbrefine.analysis.literals import find_literals
from nbrefine.notebook.text_edits import Edit, apply_edits
from nbrefine.refine.flow.facts import gather_anew
from nbrefine.refine.parameterize.arguments import Found, group_arguments
from nbrefine.report.masking import holds_secret, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nbrefine.analysis.literals import Literal
    from nbrefine.notebook.document import Notebook
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Flow

Scalar = bool | int | float | str

_CONFIGURES = re.compile(
    r"(^|_)(path|file|dir|folder|url|date|start|end|target|column|label|seed|ticker|symbol|"
    r"country|city|year|metric|version)(_|$)",
    re.IGNORECASE,
)
_EMPTIED = "# What was set here is set in the parameters cell."
_PLOOMBERS = frozenset({"upstream", "product", "resources_"})
_DATE = re.compile(r"\d{4}-\d{1,2}(-\d{1,2})?\Z")


@dataclass(frozen=True)
class Parameter:
    """A value that `pipeline.yaml` sets.

    Parameters
    ----------
    name
        Under which the steps know it.
    value
        What the notebook had; its type is kept.
    places
        Where it stood: origin of the cell, line from 1, column from 0.
    is_constant
        Whether it was a variable of the notebook, so that all steps that read this have it.
    comment
        What the author said of it on its line, with the number sign.
    """

    name: str
    value: Scalar
    places: tuple[tuple[int, int, int], ...]
    is_constant: bool = False
    comment: str = ""

    def is_used(self, text: str) -> bool:
        """Tell whether some code mentions it."""
        # Neither an attribute nor the keyword of an argument; but `{name=}` in an f-string.
        pattern = rf"(?<![\w.]){re.escape(self.name)}(?!\w)(?!\s*=(?![=}}:!]))"
        return re.search(pattern, text) is not None


@dataclass(frozen=True)
class Parameterization:
    """The parameters of a notebook, and how its cells change.

    Parameters
    ----------
    parameters
        By their names' order.
    edits
        For each cell that changes, what changes.
    """

    parameters: tuple[Parameter, ...] = ()
    edits: Mapping[int, tuple[Edit, ...]] = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """What all of them are called."""
        return frozenset(each.name for each in self.parameters)

    def source(self, origin: int, text: str) -> str:
        """Return a cell's text with the parameters in place of the literals."""
        changed = apply_edits(text, self.edits.get(origin, ()))
        return changed if changed.strip() else _EMPTIED

    def applied(
        self, notebook: Notebook, cells: Sequence[CellFacts]
    ) -> tuple[Notebook, tuple[CellFacts, ...]]:
        """Return a notebook that reads its parameters, and what is known of its cells."""
        texts = {
            facts.cell.index: self.source(facts.origin, facts.cell.source)
            for facts in cells
            if facts.origin in self.edits
        }
        changed = tuple(
            replace(cell, source=texts.get(cell.index, cell.source)) for cell in notebook.cells
        )
        notebook = replace(notebook, cells=changed)
        return notebook, gather_anew(notebook, cells)


def parameterize(
    cells: Sequence[CellFacts], flow: Flow, paths: Collection[str] = ()
) -> Parameterization:
    """Find the literals that configure a notebook.

    Parameters
    ----------
    cells
        The notebook's cells.
    flow
        What flows between them: a variable that is bound twice is no constant.
    paths
        Texts that name an input file.

    Returns
    -------
    Parameterization
        A literal is among them only if the value at run time is provably the same. Nothing is
        changed in a notebook that looks at all of its variables.
    """
    if any(facts.names.uses_all for facts in cells):
        return Parameterization()
    found = [
        Found(facts.origin, literal)
        for facts in cells
        for literal in find_literals(facts.python)
        if not literal.scope and _storable(literal.value)
    ]
    taken = {name for cell in flow.cells for name in cell.mentions | cell.writes | cell.reads}
    parameters: dict[str, Parameter] = {}
    edits: dict[int, list[Edit]] = defaultdict(list)
    for constant in _constants(found, cells, flow, paths):
        parameter = _of_constant(constant, cells[constant.origin])
        parameters[parameter.name] = parameter
        edits[constant.origin].append(_removal(cells[constant.origin], constant.literal))
    known = {name: each.value for name, each in parameters.items()}
    for name, group in group_arguments(found, taken, paths, known):
        parameters.setdefault(name, Parameter(name, _value(group[0]), _places(group)))
        for each in group:
            edits[each.origin].append(_replacement(each.literal, name))
    return Parameterization(
        tuple(parameters[name] for name in sorted(parameters)),
        {origin: tuple(sorted(each, key=lambda edit: edit.line)) for origin, each in edits.items()},
    )


def _storable(value: object) -> bool:
    """Whether YAML and papermill keep a value and its type."""
    if isinstance(value, str):
        return value.isprintable() and "{{" not in value and 0 < len(value) <= 200  # noqa: PLR2004
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (bool, int))


def _constants(
    found: Iterable[Found], cells: Sequence[CellFacts], flow: Flow, paths: Collection[str]
) -> list[Found]:
    """Return assignments ``name = literal`` of names that nothing else in the notebook binds."""
    writers = defaultdict(set)
    for cell in flow.cells:
        for written in cell.writes:
            writers[written].add(cell.origin)
    return [
        each
        for each in found
        if each.literal.context == "assignment"
        and (name := each.literal.target) is not None
        and name.isidentifier()
        and writers[name] == {each.origin}
        and _bound_once(name, cells[each.origin], each.literal)
        and _is_configuration(name, each.literal.value, paths)
    ]


def _bound_once(name: str, facts: CellFacts, literal: Literal) -> bool:
    """Whether a line holds one assignment alone, and its cell no other of this name."""
    lines = facts.cell.source.split("\n")
    if literal.line != literal.end_line or literal.line > len(lines):
        return False
    line = lines[literal.line - 1]
    head, tail = line[: literal.column], line[literal.end_column :]
    alone = re.fullmatch(rf"{re.escape(name)}\s*(:\s*\w+\s*)?=\s*", head) is not None
    pattern = rf"(?<![\w.]){re.escape(name)}\s*(:[^=\n]*)?([-+*/%|&^]|//|\*\*)?=(?!=)"
    return (
        alone
        and re.fullmatch(r"\s*(#.*)?", tail) is not None
        and name not in facts.names.reads
        and len(re.findall(pattern, facts.python.code)) == 1
    )


def _is_configuration(name: str, value: object, paths: Collection[str]) -> bool:
    # What looks like a credential must not get into another file.
    if name.startswith("_") or is_secret_name(name) or holds_secret(str(value)):
        return False
    # A cell before it may have meant the built-in function.
    if name in _PLOOMBERS or hasattr(builtins, name):
        return False
    if isinstance(value, str):
        return bool(
            (name.isupper() or _CONFIGURES.search(name) or _DATE.match(value)) or value in paths
        )
    return len(name) > 1


def _of_constant(constant: Found, facts: CellFacts) -> Parameter:
    literal = constant.literal
    tail = facts.cell.source.split("\n")[literal.line - 1][literal.end_column :].strip()
    return Parameter(
        str(literal.target), _value(constant), (constant.place,), is_constant=True, comment=tail
    )


def _value(found: Found) -> Scalar:
    value = found.literal.value
    if not isinstance(value, (bool, int, float, str)):
        raise TypeError(f"{value!r} is no scalar")
    return value


def _places(group: Iterable[Found]) -> tuple[tuple[int, int, int], ...]:
    return tuple(each.place for each in group)


def _removal(facts: CellFacts, literal: Literal) -> Edit:
    line = facts.cell.source.split("\n")[literal.line - 1]
    return Edit(literal.line, 0, literal.line, len(line), "")


def _replacement(literal: Literal, name: str) -> Edit:
    return Edit(literal.line, literal.column, literal.end_line, literal.end_column, name)
