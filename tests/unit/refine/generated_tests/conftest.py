"""Records and definitions as tests of generated tests need them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nbrefine.refine.extract.extraction import Moved
from nbrefine.refine.generated_tests.calls import Argument, Call, Outcome, RecordedCall, Value


def value(expression: str, kind: str = "plain", **more: Any) -> Value:  # noqa: ANN401
    """A value as the kernel reports it."""
    return Value(kind, expression, **more)


def record(
    function: str,
    arguments: dict[str, Value],
    outcome: Outcome,
    **more: Any,  # noqa: ANN401
) -> RecordedCall:
    """A recorded call of a function whose arguments can be passed by name."""
    given = tuple(Argument(name, each, keyword=True) for name, each in arguments.items())
    return RecordedCall(function, (Call("", given, outcome),), **more)


@pytest.fixture
def make_value() -> Callable[..., Value]:
    return value


@pytest.fixture
def make_record() -> Callable[..., RecordedCall]:
    return record


@pytest.fixture
def make_moved() -> Callable[..., Moved]:
    def moved(name: str, kind: str = "function", **more: Any) -> Moved:  # noqa: ANN401
        return Moved(name, kind, "shop.cleaning", "notebooks/clean.ipynb", 0, 1, **more)  # type: ignore[arg-type]

    return moved
