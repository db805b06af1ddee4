"""The faults: what happens, from which state of a project, and when."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STATES = ("first build", "product deleted", "edited", "edited and reverted")
POINTS = (
    "nbrefine.engine.build:recover",
    "nbrefine.engine.publish:write_atomic",
    "nbrefine.engine.publish:_move",
    "nbrefine.engine.publish:_settle",
    "nbrefine.engine.publish:forget",
    "nbrefine.engine.publishing:publish",
    "nbrefine.engine.publishing:put_away",
    "nbrefine.engine.publishing:row_of",
    "nbrefine.engine.publishing:write_records",
    "nbrefine.engine.step_run:run_notebook",
    "nbrefine.engine.step_run:write_atomic",
    "nbrefine.engine.step_run:prepare_undo",
    "nbrefine.engine.staging:Staging.prepare",
    "nbrefine.engine.staging:Staging.clear",
    "nbrefine.engine.ploomber_records:write_atomic",
    "nbrefine.engine.cache:Cache._put_blob",
    "nbrefine.engine.cache:write_atomic",
    "nbrefine.pipeline.ledger:Ledger.begin",
    "nbrefine.pipeline.ledger:Ledger.publish",
    "nbrefine.pipeline.ledger:Ledger.keep",
    "nbrefine.pipeline.survey:Survey.save",
)
"""Where a builder is killed, before and after the call."""

_TARGETS = (
    *(
        f"out/{step}.{suffix}"
        for step in ("first", "second", "third")
        for suffix in ("json", "ipynb")
    ),
    *(f"out/.{step}.json.metadata" for step in ("first", "second", "third")),
)
_OWN_TARGETS = (
    ".nbrefine/digests.json",
    ".nbrefine/executed/second.ipynb",
    ".nbrefine/cache/blobs/*",
    ".nbrefine/cache/entries/*",
    ".nbrefine/cache/seen/*/*",
    ".nbrefine/sources/*/*",
    ".nbrefine/build.json",
)
TAMPERINGS = ("delete", "empty", "garbage", "truncate", "append", "swap")


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Parameters
    ----------
    kind
        ``point``, ``moment``, ``tamper``, ``race``, ``disk`` or ``ledger``.
    state
        Of the project when it happens; one of `STATES`.
    seed
        Decides what is left to chance.
    details
        What else there is to say.
    """

    kind: str
    state: str
    seed: int
    details: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Name it, as a test is named."""
        said = "-".join(str(value).rpartition(".")[2] for value in self.details.values())
        return f"{self.kind}-{self.state.replace(' ', '_')}-{self.seed}-{said}"


def all_faults() -> list[Fault]:
    """Return the faults of a whole run: more than a thousand."""
    return [
        *_at_points(),
        *_at_moments(320),
        *_tamperings(260),
        *_races(60),
        *_full_disks(60),
        *_ledger_damages(60),
    ]


def sampled(faults: list[Fault], number: int) -> list[Fault]:
    """Return some faults, of each kind as many as its share, one at least."""
    chance = random.Random(0)  # noqa: S311  (a sample, no secret)
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.kind, []).append(fault)
    return [
        fault
        for group in kinds.values()
        for fault in chance.sample(group, max(1, round(number * len(group) / len(faults))))
    ]


def _at_points() -> Iterator[Fault]:
    for state in STATES:
        for point in POINTS:
            for nth in (1, 2, 3):
                for when in ("before", "after"):
                    yield Fault("point", state, nth, {"point": point, "nth": nth, "when": when})


def _at_moments(number: int) -> Iterator[Fault]:
    for seed in range(number):
        signal = ("SIGKILL", "SIGKILL", "SIGTERM", "SIGINT")[seed // len(STATES) % 4]
        yield Fault("moment", STATES[seed % len(STATES)], seed, {"signal": signal})


def _tamperings(number: int) -> Iterator[Fault]:
    for seed in range(number):
        chance = random.Random(seed)  # noqa: S311
        targets = _TARGETS if seed % 2 else (*_TARGETS, *_OWN_TARGETS)
        done = [
            (chance.choice(TAMPERINGS), chance.choice(targets))
            for _ in range(chance.choice((1, 1, 2, 4)))
        ]
        yield Fault("tamper", STATES[1 + seed % 3], seed, {"done": done})


def _races(number: int) -> Iterator[Fault]:
    for seed in range(number):
        yield Fault("race", STATES[seed % len(STATES)], seed)


def _full_disks(number: int) -> Iterator[Fault]:
    for seed in range(number):
        limit = random.Random(seed).choice((0, 40, 400, 1500, 4000, 9000, 30000, 60000))  # noqa: S311
        yield Fault("disk", STATES[seed % len(STATES)], seed, {"limit": limit})


def _ledger_damages(number: int) -> Iterator[Fault]:
    for seed in range(number):
        how = ("flip", "truncate", "garbage", "delete", "old", "flip")[seed % 6]
        yield Fault("ledger", STATES[1 + seed % 3], seed, {"how": how})
