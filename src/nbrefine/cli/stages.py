"""What a long command is at, and how long that will take."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = {
    "observed": "running the notebook, observed",
    "formats": "trying formats for what crosses",
    "cutting": "cutting into steps",
    "proving": "building the steps, to compare",
    "testing": "running the tests of what moved",
}
_PLAIN = "plain "
# From so many seconds on, minutes say it better.
_MANY = 100


class Progress:
    """Says on stderr what is done: one line a stage, which a terminal sees change.

    Parameters
    ----------
    stages
        Those that will come, first to last, if that is known. Each runs the whole notebook, so
        each takes about as long as the first, and the time left is that of all.
    """

    def __init__(self, stages: Sequence[str] = ()) -> None:
        self._stage = ""
        self._start = 0.0
        self._to_come = [*stages]
        self._whole: float | None = None
        self._live = sys.stderr.isatty()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell how far a stage is.

        Parameters
        ----------
        stage
            Its name.
        done, total
            Units that are done, and all there are.
        """
        now = time.monotonic()
        if stage != self._stage:
            self.end()
            if stage in self._to_come:
                del self._to_come[: self._to_come.index(stage) + 1]
            self._stage, self._start = stage, now
            if not self._live:
                click.echo(f"{_words(stage)} ...", err=True)
        if self._live:
            rest = _left(self._seconds_left(now - self._start, done, total))
            click.echo(f"\r\x1b[K{_words(stage)}: {done} of {total}{rest}", nl=False, err=True)

    def _seconds_left(self, passed: float, done: int, total: int) -> float:
        """Return how long this and all that comes will take; 0 if nothing is known yet."""
        whole = passed / done * total if done else max(passed, self._whole or 0.0)
        if self._whole is None and done == total:
            self._whole = whole
        coming = (self._whole or whole) * len(self._to_come)
        return max(whole - passed, 0.0) + coming if done or self._whole else 0.0

    def end(self) -> None:
        """Leave the line that a terminal sees change."""
        if self._live and self._stage:
            click.echo(err=True)
        self._stage = ""


def _left(seconds: float) -> str:
    """Say how long something takes, no more exactly than that can be known."""
    if seconds < 1:
        return ""
    amount = f"{seconds:.0f} s" if seconds < _MANY else f"{seconds / 60:.0f} min"
    return f", about {amount} left"


def _words(stage: str) -> str:
    if stage.startswith(_PLAIN):
        return f"running it again, as it is ({stage.removeprefix(_PLAIN)})"
    return _WORDS.get(stage, stage)
