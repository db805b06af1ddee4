"""Whether a transformer gives on all training data what the function gives that it stands for."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from typing import TYPE_CHECKING, Any

from .call_replay import replay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .call_replay import Replay
    from .call_targets import Targets

_MOST_BYTES = 1 << 30
# Sums of the same numbers in another order differ in the last digits.
_TOLERANCE = 1e-12


class Learning:
    """Keeps what functions were first called with, and tries transformers on that at the end.

    Parameters
    ----------
    sources
        By function, the ``name`` of the transformer's class, and the ``source`` that defines it.
    targets
        The functions.
    folder
        For the data.
    """

    def __init__(
        self, sources: Mapping[str, Mapping[str, str]], targets: Targets, folder: str
    ) -> None:
        self._sources, self._targets, self._folder = sources, targets, folder
        self._kept: dict[str, str] = {}

    def take(self, key: str, said: Sequence[tuple[str, Any, bool]]) -> None:
        """Keep the frame that a function is given, if it is the first.

        Parameters
        ----------
        key
            The function.
        said
            Its arguments: name, value, and whether it was passed by name.
        """
        if key not in self._sources or key in self._kept or not said:
            return
        frame = said[0][1]
        self._kept[key] = ""
        with contextlib.suppress(Exception):  # what cannot be kept is not the user's trouble
            if _size(frame) > _MOST_BYTES:
                return
            os.makedirs(self._folder, exist_ok=True)
            path = os.path.join(self._folder, f"{len(self._kept)}.pickle")
            with open(path, "wb") as file:
                pickle.dump(frame, file, protocol=4)
            self._kept[key] = path

    def proved(self) -> dict[str, dict[str, Any]]:
        """Return by function how many ``rows`` a transformer gives as it does, or ``why`` not."""
        return {key: self._prove(key, path) for key, path in self._kept.items()}

    def _prove(self, key: str, path: str) -> dict[str, Any]:
        if not path:
            return {"why": "the data that it learns from cannot be kept"}
        space: dict[str, Any] = {"__name__": "transformers"}
        try:
            exec(compile(self._sources[key]["source"], "<transformer>", "exec"), space)  # noqa: S102
            kind = space[self._sources[key]["name"]]
            expected = self._called(self._targets.value(key), path)
            actual = self._called(lambda frame: kind().fit(frame).transform(frame), path)
            # What took too long is no `Exception`, and is not raised here.
            if (error := expected.error or actual.error) is not None:
                return {"why": f"{type(error).__name__}: {error}"}
            if not _same(expected.result, actual.result):
                return {"why": "on the notebook's data it gives something else"}
            return {"rows": len(actual.result)}
        except Exception as error:
            return {"why": f"{type(error).__name__}: {error}"}

    def _called(self, function: Any, path: str) -> Replay:
        with open(path, "rb") as file:
            frame = pickle.load(file)  # noqa: S301  (written above)
        return replay(function, [frame], {}, (self._targets.space, {}, 0))


def _size(frame: Any) -> int:
    used = getattr(frame, "memory_usage", None)
    return 0 if used is None else int(sys.modules["numpy"].sum(used()))


def _same(one: Any, other: Any) -> bool:
    pandas: Any = sys.modules["pandas"]
    check = pandas.testing.assert_frame_equal
    if not isinstance(one, pandas.DataFrame):
        check = pandas.testing.assert_series_equal
    try:
        check(one, other, rtol=_TOLERANCE, atol=0)
    except AssertionError:
        return False
    return True
