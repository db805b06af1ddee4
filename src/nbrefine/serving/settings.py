"""What a service is told: where things are, and what it bears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class LogSettings:
    """How predictions are logged.

    Parameters
    ----------
    folder
        Where to.
    leave_out
        Columns of requests and features that are not logged.
    hashed
        Columns of which only a keyed hash is logged: equal values stay equal.
    """

    folder: Path
    leave_out: tuple[str, ...] = ()
    hashed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What a service bears; beyond that it says no.

    Parameters
    ----------
    rows
        Of one request.
    body
        Bytes of one request.
    batch
        Rows that are computed together.
    latency
        Seconds that a request may be expected to wait before it is computed.
    time
        Seconds after which a request is given up.
    """

    rows: int = 1000
    body: int = 1 << 20
    batch: int = 256
    latency: float = 1.0
    time: float = 10.0


@dataclass(frozen=True)
class ModelSettings:
    """What the process of the model is told.

    Parameters
    ----------
    model
        The model directory.
    store
        The online store; None for a model that looks nothing up.
    greatest_store_age
        Seconds since the last push after which the store is too old to answer from.
    log
        How predictions are logged; None for not at all.
    identity
        The model that it must be (see `nbrefine.serving.manifest.Manifest`); empty for any.
    """

    model: Path
    store: Path | None = None
    greatest_store_age: float | None = None
    log: LogSettings | None = None
    identity: str = ""
