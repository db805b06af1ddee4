"""What came of a replayed call, in words that a test can say again."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from .call_fixtures import CannotStoreError
from .call_sample import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .call_fixtures import Fixtures
    from .call_replay import Replay

_MOST_PRINTED = 4000
_MOST_AXES = 12


def outcome(
    done: Replay,
    given: Mapping[str, Any],
    before: Mapping[str, Any],
    fixtures: Fixtures,
    place: tuple[str, Any],
) -> dict[str, Any]:
    """Describe a replay.

    Parameters
    ----------
    done
        What it came to.
    given, before
        The arguments as they are afterwards, and as they were.
    fixtures
        Where to store the result.
    place
        The start of the fixtures' names, and the object whose method was called, if one was.

    Returns
    -------
    dict
        As `Outcome` of nbrefine has it.

    Raises
    ------
    CannotStoreError
        If the result cannot be stored.
    """
    name, own = place
    if done.error is not None:
        return {"raises": _raised(done.error), "printed": None}
    result = done.result
    # Axes that were passed are on figures of their own, made before.
    figures = [value.figure for value in given.values() if _is_axes(value)] + done.figures
    drawn = [[axes_drawn(each) for each in figure.axes[:_MOST_AXES]] for figure in figures]
    said: dict[str, Any] = {"drawn": drawn}
    if len(done.printed) > _MOST_PRINTED:
        raise CannotStoreError(f"it prints {len(done.printed)} characters")
    said["printed"] = done.printed
    if own is not None and result is own:
        said["returns_self"] = True
    elif _is_artist(result) or (drawn and not kind_of(result) and _holds_artist(result)):
        pass
    elif result is not None:
        said["result"] = fixtures.put(result, f"{name}_result", exact=False)
    if own is not None and (result is None or result is own):
        with contextlib.suppress(CannotStoreError):
            said["learnt"] = fixtures.learnt(own, f"{name}_learnt")
    said["changed"] = [
        {
            "name": argument,
            "value": fixtures.put(value, f"{name}_{argument}_after", exact=False),
        }
        for argument, value in given.items()
        if not same(value, before[argument])
    ]
    said["facts"] = _facts_of_frames(before, result)
    return said


def _raised(error: BaseException) -> str:
    """Return the name of an exception that a test can name, too."""
    name = type(error).__name__
    if getattr(sys.modules["builtins"], name, None) is not type(error):
        raise CannotStoreError(f"it raises {name}: {error}")
    return name


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, type for type; what cannot be compared is."""
    kind = kind_of(one)
    if kind != kind_of(other):
        return False
    try:
        return _same_table(kind, one, other) if kind else _same_plain(one, other)
    except AssertionError:
        return False
    except Exception:
        return True


def _same_table(kind: str, one: Any, other: Any) -> bool:
    if kind == "array":
        sys.modules["numpy"].testing.assert_array_equal(one, other)
        return bool(one.dtype == other.dtype)
    getattr(sys.modules["pandas"].testing, f"assert_{kind}_equal")(one, other)
    return True


def _same_plain(one: Any, other: Any) -> bool:
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is dict:
        return list(one) == list(other) and all(map(same, one.values(), other.values()))
    if hasattr(one, "__dict__") or callable(one):
        return True
    by_identity: Any = object.__eq__
    if type(one).__eq__ is by_identity:  # there is nothing to compare but identity
        return type(one) is type(other)
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124  (nan)


def axes_drawn(axes: Any) -> dict[str, Any]:
    """Say what is drawn on axes; a generated test says it in the same words."""
    return {
        "title": axes.get_title(),
        "labels": [axes.get_xlabel(), axes.get_ylabel()],
        "count": len(axes.lines),
        "lines": [_numbers(list(line.get_ydata())[:50]) for line in axes.lines[:10]],
        "bars": _numbers([each.get_height() for each in _bars(axes)[:100]]),
        "collections": len(axes.collections),
        "images": len(axes.images),
    }


def _numbers(values: Any) -> list[float]:
    """Return numbers, rounded; nothing if they are something else."""
    try:
        return [round(float(each), 6) for each in values]
    except (TypeError, ValueError):
        return []


def _bars(axes: Any) -> list[Any]:
    patches = list(axes.patches)
    return patches if all(hasattr(each, "get_height") for each in patches) else []


def _is_axes(value: Any) -> bool:
    return type(value).__module__.startswith("matplotlib.") and hasattr(value, "set_title")


def _is_artist(value: Any) -> bool:
    return type(value).__module__.split(".")[0] in ("matplotlib", "seaborn") or (
        hasattr(value, "get_figure") and hasattr(value, "draw")
    )


def _holds_artist(value: Any) -> bool:
    if kind_of(value) == "array":
        return bool(value.size) and _is_artist(value.flat[0])
    return type(value) in (list, tuple) and any(map(_is_artist, value))


def _facts_of_frames(given: Mapping[str, Any], result: Any) -> dict[str, Any]:
    """Say how a result that is a table relates to each table that was given."""
    if kind_of(result) not in ("frame", "series"):
        return {}
    return {
        argument: _facts(value, result)
        for argument, value in given.items()
        if kind_of(value) == "frame"
    }


def _facts(frame: Any, result: Any) -> dict[str, Any]:
    """Say how a result relates to a frame that was given."""
    index = len(result) == len(frame) and result.index.equals(frame.index)
    facts: dict[str, Any] = {"rows": len(result) == len(frame), "index": bool(index)}
    if kind_of(result) == "frame" and frame.columns.is_unique and result.columns.is_unique:
        kept = [label for label in frame.columns if label in result.columns]
        facts["added"] = [label for label in result.columns if label not in frame.columns]
        facts["removed"] = [label for label in frame.columns if label not in result.columns]
        facts["same"] = (
            [label for label in kept if same(result[label], frame[label])] if index else []
        )
        facts["nulls"] = [label for label in facts["added"] if bool(result[label].isna().any())]
    return facts
