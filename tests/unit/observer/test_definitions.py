"""The digest of a function is of what it does, wherever it was compiled."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nbrefine.observer import definitions
from nbrefine.observer.kinds import handler_of
from nbrefine.observer.own import OwnModules
from nbrefine.observer.walk import Walk

FUNCTION = """\
def f(x, n=2):
    from io import StringIO

    while n:
        n -= 1
        if math.sqrt(x) > n or math.floor(math.pow(x, n)):
            return [math.exp(i) for i in range(n) if math.log(i + 1)]
    return math.hypot(x, len(StringIO("a").read()))
"""


def digest(source: str, name: str = "__main__") -> str | None:
    """The digest of `f` as a cell, or a module, of this source defines it."""
    space: dict[str, Any] = {"__name__": name}
    exec(source, space)  # noqa: S102  (it is compiled as a whole, as a cell is)
    walk = Walk(OwnModules(), handler_of, {}, {}, time.perf_counter() + 60)
    return walk.digest(space["f"])


@pytest.mark.parametrize("module", ["import math\n\n", "import math as math\nimport os\n"])
def test_an_import_in_the_same_module_makes_no_other_function(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though Python compiles calls of what is imported there in another way."""
    monkeypatch.setattr(definitions, "MOVED_TO", {"late"})
    assert digest(module + FUNCTION) == digest(FUNCTION)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("math.sqrt", "math.cbrt"),
        ("math.sqrt(x) > n", "math.sqrt(x) >= n"),
        ("n -= 1", "n -= 2"),
        ("while n:", "while not n:"),
        (" or math.floor", " and math.floor"),
        ("(x, n)", "(n, x)"),
        ("n=2", "n=3"),
        ("math.hypot(x, ", "math.hypot(n, "),
    ],
)
def test_what_does_something_else_is_another_function(old: str, new: str) -> None:
    """Another name, operator, number, jump, order of arguments."""
    assert old in FUNCTION
    assert digest(FUNCTION.replace(old, new)) != digest(FUNCTION)
