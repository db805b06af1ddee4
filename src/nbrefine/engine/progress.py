"""What a build shows while it goes on: a live table in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from nbrefine.files.sizes import size_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.live import Live
    from rich.table import Table

    from nbrefine.pipeline.plan import Plan

_PER_SECOND = 4


class Progress(Protocol):
    """Told by a build what happens, from any of its threads."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(self, *_: object) -> None:
        """Show the end."""

    def say(self, step: str, state: str, why: str = "") -> None:
        """Tell that a step is in a state now.

        Parameters
        ----------
        step
            Its name.
        state
            Such as ``running``, ``done``, ``failed``.
        why
            What made it so.
        """

    def cells(self, step: str, done: int, total: int, memory: int) -> None:
        """Tell how many cells of a step have run, and the most bytes that it has held."""


def progress_for(plan: Plan) -> Progress:
    """Return what shows a build: a live table in a terminal, lines anywhere else."""
    if not sys.stderr.isatty():
        return PlainProgress()
    expected = {name: each.last.seconds for name, each in plan.steps.items() if each.last}
    return LiveProgress([*plan.steps], expected)


class PlainProgress:
    """One line for each step that begins or ends.

    Parameters
    ----------
    stream
        Where to; stderr if None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._started: dict[str, float] = {}

    def __enter__(self) -> Self:
        """Begin to show."""
        return self

    def __exit__(self, *_: object) -> None:
        """Show all that was said."""
        self._stream.flush()

    def say(self, step: str, state: str, why: str = "") -> None:
        """Print a line."""
        spent = time.monotonic() - self._started.setdefault(step, time.monotonic())
        took = f" in {spent:.1f} s" if spent >= _SHOWN_SECONDS else ""
        print(
            f"{step}: {state}{took}" + (f" ({why})" if why else ""), file=self._stream, flush=True
        )

    def cells(self, step: str, done: int, total: int, memory: int) -> None:
        """Say nothing: a log is no place for it."""


_SHOWN_SECONDS = 0.05


@dataclass
class _Row:
    state: str = "waits"
    why: str = ""
    done: int = 0
    total: int = 0
    memory: int = 0
    start: float | None = None
    seconds: float | None = None


class LiveProgress:
    """A table that is drawn anew a few times a second.

    Parameters
    ----------
    steps
        Names in the order of the table.
    expected
        Seconds that steps took in earlier runs.
    """

    def __init__(self, steps: Sequence[str], expected: Mapping[str, float]) -> None:
        self._rows = {step: _Row() for step in steps}
        self._expected = expected
        self._lock = threading.Lock()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        """Draw the table."""
        from rich.console import Console  # noqa: PLC0415  (not before there is something to show)
        from rich.live import Live  # noqa: PLC0415

        console = Console(stderr=True)
        self._live = Live(
            get_renderable=self._table, console=console, refresh_per_second=_PER_SECOND
        )
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the table as it is at last."""
        if self._live is not None:
            self._live.stop()

    def say(self, step: str, state: str, why: str = "") -> None:
        """Change a step's row."""
        with self._lock:
            row = self._rows.setdefault(step, _Row())
            row.state, row.why = state, why
            if state == "running":
                row.start = time.monotonic()
            elif row.start is not None:
                row.seconds = time.monotonic() - row.start

    def cells(self, step: str, done: int, total: int, memory: int) -> None:
        """Change a step's count of cells."""
        with self._lock:
            row = self._rows.setdefault(step, _Row())
            row.done, row.total, row.memory = done, total, memory

    def _table(self) -> Table:
        from rich.markup import escape  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415

        table = Table(box=None, pad_edge=False)
        for name in ("step", "state", "cells", "time", "memory", ""):
            table.add_column(name, justify="left" if name in {"step", "state", ""} else "right")
        with self._lock:
            for step, row in self._rows.items():
                cells = f"{row.done}/{row.total}" if row.total else ""
                memory = size_text(row.memory) if row.memory else ""
                shown = (step, row.state, cells, self._time(step, row), memory, row.why)
                table.add_row(*map(escape, shown), style=_STYLES.get(row.state, ""))
        return table

    def _time(self, step: str, row: _Row) -> str:
        if row.seconds is not None:
            return f"{row.seconds:.1f} s"
        if row.start is None:
            return ""
        spent = time.monotonic() - row.start
        left = self._expected.get(step, 0.0) - spent
        return f"{spent:.0f} s" + (f", {left:.0f} left" if left >= 1 else "")


_STYLES = {
    "running": "bold",
    "ran": "green",
    "restored": "green",
    "refreshed": "green",
    "failed": "red",
    "skipped": "yellow",
    "waits": "dim",
    "up to date": "dim",
}
