"""What each notebook came to, kept in a file of its own: an interrupted run goes on."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.refine.ours import Outcome
from benchmarks.refine.soorgeon import Attempt
from nbrefine.files.atomic import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# What a step costs that Ploomber runs in a kernel of its own.
_SECONDS_A_STEP = 5.0
_FEW_NAMES = 3


@dataclass(frozen=True)
class Headings:
    """Where cuts are when the author's headings are hidden.

    Parameters
    ----------
    hit, cuts
        How many cuts are where a heading was, and how many there are.
    headings, places
        How many cells a heading stood before, of how many that a cut can stand before.
    """

    hit: int = 0
    cuts: int = 0
    headings: int = 0
    places: int = 0


@dataclass(frozen=True)
class Row:
    """One notebook that runs by itself, and what each tool made of it.

    Parameters
    ----------
    name
        Where it is in the corpus.
    cells
        How many code cells it has.
    own_seconds
        How long a plain run of it takes, kernel start included.
    ours, soorgeon, soorgeon_with_headings
        What came of it.
    hidden
        Where it is cut without its headings.
    """

    name: str
    cells: int
    own_seconds: float
    ours: Outcome
    soorgeon: Attempt = field(default_factory=Attempt)
    soorgeon_with_headings: Attempt = field(default_factory=Attempt)
    hidden: Headings = field(default_factory=Headings)

    @property
    def even(self) -> bool:
        """Whether it has three steps and more, and none holds over half of the cells."""
        largest = max(map(len, self.ours.steps), default=0)
        return len(self.ours.steps) >= 3 and largest * 2 <= self.cells  # noqa: PLR2004

    @property
    def light(self) -> bool:
        """Whether little crosses at the median edge."""
        return median(self.ours.crossing or [0]) <= _FEW_NAMES

    @property
    def time_ratio(self) -> float:
        """How many times its own run refining took, beyond what the steps cost."""
        beyond = self.ours.seconds - _SECONDS_A_STEP * len(self.ours.steps)
        return max(beyond, 0.0) / self.own_seconds


@dataclass(frozen=True)
class Failing:
    """A notebook that does not run by itself, and why."""

    name: str
    reason: str


def keep(row: Row | Failing, folder: Path) -> None:
    """Write a row to its file."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(row), indent=1, ensure_ascii=False, default=str)
    write_atomic(_file(row.name, folder), text + "\n")


def kept(name: str, folder: Path) -> Row | Failing | None:
    """Return the row of a notebook, if it has been measured."""
    file = _file(name, folder)
    if not file.is_file():
        return None
    raw: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if "reason" in raw:
        return Failing(**raw)
    tools = {key: Attempt(**raw.pop(key)) for key in ("soorgeon", "soorgeon_with_headings")}
    hidden = Headings(**raw.pop("hidden"))
    return Row(**raw | tools | {"ours": _outcome(raw["ours"]), "hidden": hidden})


def _outcome(raw: Mapping[str, Any]) -> Outcome:
    restored = {
        "faults": {int(origin): fault for origin, fault in raw["faults"].items()},
        "steps": tuple(map(tuple, raw["steps"])),
        "crossing": tuple(raw["crossing"]),
        "observing": tuple(raw["observing"]),
        "definitions": tuple(raw["definitions"]),
        "tests": tuple(raw["tests"]),
    }
    return Outcome(**{**raw, **restored})


def _file(name: str, folder: Path) -> Path:
    return folder / f"{sha256(name.encode()).hexdigest()[:16]}.json"
