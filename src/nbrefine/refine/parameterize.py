"""Literals that configure the notebook become parameters."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.analysis.literals import Literal, find_literals
from nbrefine.report.masking import holds_secret, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbrefine.refine.facts import CellFacts
    from nbrefine.refine.flow import Flow

Scalar = bool | int | float | str

# Keyword arguments that configure a computation, whatever is called.
_KEYWORDS = re.compile(
    r"(random_state|seed|test_size|train_size|validation_split|n_estimators|max_depth|max_iter"
    r"|learning_rate|n_clusters|n_neighbors|n_components|n_splits|n_iter|n_repeats|cv|C|gamma"
    r"|alpha|l1_ratio|l2_regularization|subsample|min_samples_(leaf|split)|max_leaf_nodes"
    r"|max_features|colsample_bytree|num_leaves|epochs|batch_size|patience|dropout|threshold"
    r"|window|periods|frac|nrows|perplexity|eps|min_samples|tol|lags|maxlags|order_max|burn|nsim)\Z"
)
_CONFIGURES = re.compile(
    r"(^|_)(path|file|dir|folder|url|date|start|end|target|column|label|seed|ticker|symbol|"
    r"country|city|year|metric|version)(_|$)",
    re.IGNORECASE,
)
_DRAWING = re.compile(r"plot|hist|scatter|bar|fill_between|axv?line|axhline|subplots|figure|grid")
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
    """

    name: str
    value: Scalar
    places: tuple[tuple[int, int, int], ...]
    is_constant: bool = False


@dataclass(frozen=True)
class Edit:
    """A piece of a cell's text that another takes the place of.

    Parameters
    ----------
    line, column, end_line, end_column
        Where it stands: lines from 1, characters from 0.
    text
        What stands there instead.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


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
    edits: Mapping[int, tuple[Edit, ...]] | None = None

    @property
    def constants(self) -> frozenset[str]:
        """Variables of the notebook that are parameters now."""
        return frozenset(each.name for each in self.parameters if each.is_constant)

    def source(self, origin: int, text: str) -> str:
        """Return a cell's text with the parameters in place of the literals."""
        edits = (self.edits or {}).get(origin, ())
        return apply_edits(text, edits)


@dataclass(frozen=True)
class _Found:
    origin: int
    literal: Literal

    @property
    def place(self) -> tuple[int, int, int]:
        return (self.origin, self.literal.line, self.literal.column)


def parameterize(
    cells: Sequence[CellFacts], flow: Flow, paths: Mapping[str, str] | None = None
) -> Parameterization:
    """Find the literals that configure a notebook.

    Parameters
    ----------
    cells
        The notebook's cells.
    flow
        What flows between them: a variable that is bound twice is no constant.
    paths
        Texts that name an input file or its folder, and the path from the project's root.

    Returns
    -------
    Parameterization
        A literal is among them only if the value at run time is provably the same. Nothing is
        changed in a notebook that looks at all of its variables.
    """
    if any(facts.names.uses_all for facts in cells):
        return Parameterization()
    found = [
        _Found(facts.origin, literal)
        for facts in cells
        for literal in find_literals(facts.python)
        if not literal.scope and _storable(literal.value)
    ]
    taken = {name for cell in flow.cells for name in cell.mentions | cell.writes | cell.reads}
    parameters: list[Parameter] = []
    edits: dict[int, list[Edit]] = defaultdict(list)
    for constant in _constants(found, cells, flow, paths or {}):
        place = constant.literal
        value = (paths or {}).get(str(place.value), place.value)
        parameters.append(Parameter(str(place.target), value, (constant.place,), is_constant=True))  # type: ignore[arg-type]  # _storable
        edits[constant.origin].append(_removal(cells[constant.origin], place))
    for name, group in _arguments(found, taken, paths or {}):
        value = (paths or {}).get(str(group[0].literal.value), group[0].literal.value)
        parameters.append(Parameter(name, value, tuple(each.place for each in group)))  # type: ignore[arg-type]  # _storable
        for each in group:
            edits[each.origin].append(_replacement(each.literal, name))
    return Parameterization(
        tuple(sorted(parameters, key=lambda each: each.name)),
        {origin: tuple(sorted(each, key=lambda edit: edit.line)) for origin, each in edits.items()},
    )


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return a text with some pieces replaced; a line that is left empty goes."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda each: (each.line, each.column), reverse=True):
        first, last = lines[edit.line - 1], lines[edit.end_line - 1]
        joined = first[: edit.column] + edit.text + last[edit.end_column :]
        lines[edit.line - 1 : edit.end_line] = [joined] if joined.strip() or edit.text else []
    return "\n".join(lines)


def _storable(value: object) -> bool:
    """Whether YAML and papermill keep a value and its type."""
    if isinstance(value, str):
        return value.isprintable() and "{{" not in value and 0 < len(value) <= 200  # noqa: PLR2004
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (bool, int))


def _constants(
    found: Iterable[_Found], cells: Sequence[CellFacts], flow: Flow, paths: Mapping[str, str]
) -> list[_Found]:
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


def _is_configuration(name: str, value: object, paths: Mapping[str, str]) -> bool:
    # What looks like a credential must not get into another file.
    if name.startswith("_") or is_secret_name(name) or holds_secret(str(value)):
        return False
    if isinstance(value, str):
        return bool(
            (name.isupper() or _CONFIGURES.search(name) or _DATE.match(value)) or value in paths
        )
    return len(name) > 1


def _arguments(
    found: Iterable[_Found], taken: set[str], paths: Mapping[str, str]
) -> list[tuple[str, list[_Found]]]:
    """Return the arguments that configure, those together that mean the same, under a name."""
    groups: dict[tuple[str, str], list[_Found]] = defaultdict(list)
    for each in found:
        literal = each.literal
        if literal.context != "call-argument" or isinstance(literal.value, bool):
            continue
        if isinstance(literal.value, str):
            if literal.value in paths:
                groups[_path_name(literal.value), repr(literal.value)].append(each)
        elif literal.keyword and _KEYWORDS.match(literal.keyword) and not _draws(literal):
            groups[literal.keyword, repr(literal.value)].append(each)
    named: list[tuple[str, list[_Found]]] = []
    used = set(taken)
    for (keyword, _), group in sorted(groups.items()):
        rivals = sum(1 for other, _ in groups if other == keyword)
        options = [keyword] if rivals == 1 and len(keyword) > 1 else []
        options += sorted({f"{_callee(each)}_{keyword}" for each in group})
        name = next((each for each in options if each not in used), None)
        if name is not None:
            used.add(name)
            named.append((name, group))
    return named


def _draws(literal: Literal) -> bool:
    """Whether a call draws a picture: how transparent a line is configures nothing."""
    callee = literal.callee or ""
    return bool(
        _DRAWING.search(callee) or callee.split(".")[0] in {"plt", "ax", "axes", "fig", "sns"}
    )


def _callee(found: _Found) -> str:
    last = (found.literal.callee or "value").rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last).lower()


def _path_name(path: str) -> str:
    """Name a path's parameter by the file: ``flights_csv`` for ``data/flights.csv``."""
    name = re.sub(r"\W+", "_", re.split(r"[/\\]", path.rstrip("/\\"))[-1], flags=re.ASCII)
    name = name.strip("_").lower() or "folder"
    return name if name.isidentifier() else f"data_{name}"


def _removal(facts: CellFacts, literal: Literal) -> Edit:
    line = facts.cell.source.split("\n")[literal.line - 1]
    return Edit(literal.line, 0, literal.line, len(line), "")


def _replacement(literal: Literal, name: str) -> Edit:
    return Edit(literal.line, literal.column, literal.end_line, literal.end_column, name)
