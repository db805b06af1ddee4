"""What is known of a recorded call: its arguments as fixtures, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Value:
    """A value as a test writes it.

    Parameters
    ----------
    kind
        ``frame``, ``series``, ``index``, ``array``, ``floats`` (an array of such), ``float``,
        ``plain``, ``tuple``, ``list``, ``dict``, ``estimator``, ``instance``, ``random``,
        ``axes`` or ``reference`` (a function or class by its name).
    expression
        Python that gives it; files are read below ``FIXTURES``.
    items
        Of a tuple, list or dict that holds frames or the like, its values in order; of an
        estimator or instance, what it has learnt.
    keys
        Of a dict its keys as literals, of an estimator or instance the names of its attributes.
    lax
        Whether its index has a frequency, which no file keeps.
    """

    kind: str
    expression: str
    items: tuple[Value, ...] = ()
    keys: tuple[str, ...] = ()
    lax: bool = False


@dataclass(frozen=True)
class Argument:
    """An argument of a call.

    Parameters
    ----------
    name
        The parameter's name; of further positional arguments ``*``.
    value
        What was given.
    was_global
        Whether the notebook's function read it from the notebook's globals.
    keyword
        Whether it can be passed by name.
    """

    name: str
    value: Value
    was_global: bool = False
    keyword: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a call on its fixtures.

    Parameters
    ----------
    result
        What it returned; None if it raised or returned its own object.
    returns_self
        Whether a method returned its own object.
    raises
        Name of the exception's class, with its module unless built in; empty if none.
    learnt
        What the object of a method holds afterwards, if the method returns nothing else.
    printed
        What it printed; None if nobody looked.
    changed
        The arguments that it changed in place, as they were afterwards.
    drawn
        The new figures: for each its axes, for each axes what is on them.
    facts
        Of each frame among the arguments, how the result relates to it.
    """

    result: Value | None = None
    returns_self: bool = False
    raises: str = ""
    learnt: Value | None = None
    printed: str | None = ""
    changed: tuple[Argument, ...] = ()
    drawn: tuple[Any, ...] = ()
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One call, of a function or of a method.

    Parameters
    ----------
    method
        Name of the method; ``__init__`` for the constructor, empty for a function.
    arguments
        In the order of the signature.
    outcome
        What came of it.
    """

    method: str
    arguments: tuple[Argument, ...]
    outcome: Outcome


@dataclass(frozen=True)
class RecordedCall:
    """A call of a function, or the calls of one object's methods, first to last.

    Parameters
    ----------
    function
        Key of the function or class, see `keys`.
    calls
        One of a function; of a class the constructor's, and those of methods.
    files
        Fixtures below ``tests/fixtures``, and their content.
    imports
        Import statements that the expressions need.
    masked
        Columns and arguments whose values are made up.
    seeded
        Whether the result is the same only if the test seeds the random generators.
    rows
        Rows kept and rows seen, of the largest argument that was sampled; None if none was.
    lines
        Lines of the function that it reached, counted from the function's first.
    notebook
        Path of the step notebook, relative to the project's root.
    """

    function: str
    calls: tuple[Call, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    imports: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()
    seeded: bool = False
    rows: tuple[int, int] | None = None
    lines: frozenset[int] = frozenset()
    notebook: str = ""


@dataclass(frozen=True)
class NotRecorded:
    """A function without a recorded call.

    Parameters
    ----------
    function
        Name of the function or class.
    reason
        Why, in words for the user.
    """

    function: str
    reason: str
