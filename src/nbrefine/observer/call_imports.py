"""What a test makes anew, or imports, instead of reading it from a file."""

from __future__ import annotations

import sys
from typing import Any


def made_anew(value: Any) -> dict[str, Any] | None:
    """Return how a test makes a random generator, or axes; None for other things."""
    kind = f"{type(value).__module__}.{type(value).__name__}"
    if kind == "numpy.random._generator.Generator":
        return {"kind": "random", "expression": "np.random.default_rng(0)"}
    if kind == "numpy.random.mtrand.RandomState":
        return {"kind": "random", "expression": "np.random.RandomState(0)"}
    is_axes = kind.startswith("matplotlib.") and hasattr(value, "set_title")
    if is_axes and "matplotlib.pyplot" in sys.modules:
        return {"kind": "axes", "expression": "plt.subplots()[1]"}
    return None


def has_defaults(kind: type) -> bool:
    """Whether a class can be called without anything."""
    try:
        kind()
    except Exception:
        return False
    return True


def public_module(module: str, name: str, value: Any) -> str | None:
    """Return the shortest module, from the outermost, that has a value under its name."""
    parts = module.split(".")
    if not name.isidentifier() or parts[0] == "__main__":
        return None
    for end in range(1, len(parts) + 1):
        here = ".".join(parts[:end])
        if getattr(sys.modules.get(here), name, None) is value:
            return here
    return None
