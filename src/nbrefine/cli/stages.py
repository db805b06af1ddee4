"""What a long command is at, and how long that will take."""

from __future__ import annotations

import sys
import time

import click

_WORDS = {
    "observed": "running the notebook, observed",
    "formats": "trying formats for what crosses",
    "cutting": "cutting into steps",
    "proving": "building the steps, to compare",
    "testing": "running the tests of what moved",
}
_PLAIN = "plain "


class Progress:
    """Says on stderr what is done: one line a stage, which a terminal sees change."""

    def __init__(self) -> None:
        self._stage = ""
        self._start = 0.0
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
            self._stage, self._start = stage, now
            if not self._live:
                click.echo(f"{_words(stage)} ...", err=True)
        if self._live:
            left = (now - self._start) / done * (total - done) if done else 0.0
            rest = f", about {left:.0f} s left" if left >= 1 else ""
            click.echo(f"\r\x1b[K{_words(stage)}: {done} of {total}{rest}", nl=False, err=True)

    def end(self) -> None:
        """Leave the line that a terminal sees change."""
        if self._live and self._stage:
            click.echo(err=True)
        self._stage = ""


def _words(stage: str) -> str:
    if stage.startswith(_PLAIN):
        return f"running it again, as it is ({stage.removeprefix(_PLAIN)})"
    return _WORDS.get(stage, stage)
