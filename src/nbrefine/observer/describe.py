"""What is said of a value beside its digest: type, size, shape, one short line."""

from __future__ import annotations

from typing import Any

from .definitions import class_name
from .walk import ATOMS, Walk

_SHAPED = frozenset({"numpy", "pandas", "pyarrow", "torch", "scipy", "polars", "xarray"})
_LONGEST = 60


def facts(value: Any, digest: str | None, walk: Walk) -> dict[str, Any]:
    """Return what a recording keeps of a value, ready for JSON.

    Parameters
    ----------
    value
        The value; none of its own methods is called, unless it is of a known library.
    digest
        Of its content.
    walk
        The walk that made the digest.
    """
    shape = _shape(value)
    return {
        "type": class_name(type(value)),
        "digest": digest,
        "size": walk.size,
        "shape": shape,
        "summary": _summary(value, shape),
        "sampled": walk.sampled,
        "opaque": walk.opaque,
    }


def _shape(value: Any) -> list[int] | None:
    if type(value).__module__.partition(".")[0] not in _SHAPED or isinstance(value, type):
        return None
    shape = getattr(value, "shape", None)
    try:
        return [int(length) for length in shape] if isinstance(shape, tuple) else None
    except (TypeError, ValueError):
        return None


def _summary(value: Any, shape: list[int] | None) -> str:
    kind = type(value)
    if kind in ATOMS:
        text = repr(value if not isinstance(value, (str, bytes)) else value[:_LONGEST])
        return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    if shape is not None:
        dtype = getattr(value, "dtype", None)
        sizes = " x ".join(str(length) for length in shape) or "scalar"
        return f"{kind.__name__} {sizes}" + (f" {dtype}" if dtype is not None else "")
    if kind in (list, tuple, dict, set, frozenset):
        return f"{kind.__name__} of {len(value)}"
    if isinstance(value, type):
        return f"class {value.__name__}"
    name = getattr(value, "__name__", None) if kind.__module__ == "builtins" else None
    return f"{kind.__name__} {name}" if isinstance(name, str) else kind.__name__
