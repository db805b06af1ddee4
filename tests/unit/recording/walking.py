"""What the tests of the observer share."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from nbrefine.observer.kinds import handler_of
from nbrefine.observer.walk import Walk


def walk(value: object, constants: Mapping[int, Any] | None = None) -> tuple[str | None, Walk]:
    """Walk a value; what this module's callers define counts as the user's own."""
    found = Walk({"__main__"}, handler_of, constants or {}, {}, time.perf_counter() + 60)
    return found.digest(value), found


def digest(value: object) -> str:
    """Return a digest that has to be there."""
    found, walked = walk(value)
    assert found is not None, walked.opaque
    return found
