"""What a test is about: a moved function or class, what is known of it, and names that are free."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.refine.generated_tests.layout import assignment, tidy

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from nbrefine.refine.extract.extraction import Moved
    from nbrefine.refine.generated_tests.calls import Argument, RecordedCall
    from nbrefine.transforms.model import Classification

_TAKEN = frozenset(
    {"pd", "np", "plt", "pytest", "json", "random", "datetime", "decimal", "joblib", "FIXTURES"}
    | {"result", "axes", "before", "batch", "rows", "capsys", "expected", "tmp_path"}
)


@dataclass(frozen=True)
class Subject:
    """A function or class in ``src/``.

    Parameters
    ----------
    moved
        Where it is, and what it takes.
    definition
        Its definition, parsed.
    classification
        What kind of transform it is; None if it is none.
    """

    moved: Moved
    definition: ast.stmt
    classification: Classification | None = None

    @property
    def name(self) -> str:
        """The function's or class's name."""
        return self.moved.name


@dataclass(frozen=True)
class TestText:
    """One test function.

    Parameters
    ----------
    name
        Its name.
    lines
        All of its text.
    calls
        The records whose functions, files and imports it needs.
    names
        What else of the project it needs.
    """

    name: str
    lines: tuple[str, ...]
    calls: tuple[RecordedCall, ...]
    names: tuple[str, ...] = ()


@dataclass
class Names:
    """Names of a test's local variables.

    Parameters
    ----------
    taken
        Those that mean something else.
    """

    taken: set[str] = field(default_factory=lambda: set(_TAKEN))

    def free(self, wish: str) -> str:
        """Return a name that nothing has, and take it."""
        name = wish if wish.isidentifier() else "value"
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name


def snake_case(name: str) -> str:
    """Return ``rate_encoder`` for ``RateEncoder``."""
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return text.strip("_").lower()


def bound(arguments: Iterable[Argument], changed: Iterable[str], names: Names) -> dict[str, str]:
    """Return variables for the arguments that are no short literals, by the argument's name.

    Parameters
    ----------
    arguments
        What is passed.
    changed
        Names of those that the call changes.
    names
        What is taken.
    """
    plain = {"plain", "float", "reference"}
    return {
        each.name: names.free(each.name)
        for each in arguments
        if each.name != "*"
        and (
            each.value.kind not in plain
            or "FIXTURES" in each.value.expression
            or each.name in set(changed)
        )
    }


def bindings(arguments: Iterable[Argument], variables: dict[str, str]) -> list[str]:
    """Write the assignments of `bound` variables."""
    return [
        line
        for each in arguments
        if each.name in variables
        for line in assignment(variables[each.name], tidy(each.value.expression))
    ]


def remarks(record: RecordedCall) -> list[str]:
    """Say what of the fixtures is sampled or made up."""
    lines = []
    if record.rows:
        kept, seen = record.rows
        lines.append(f"    # {kept:,} of the {seen:,} rows that the notebook passed.")
    if record.masked:
        lines.append(
            f"    # Made up, since it looked personal: {', '.join(map(tidy, record.masked))}."
        )
    return lines
