"""Compare a variable with what it was, by the digests that an observer took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


class Facts(Protocol):
    """What was observed of a value; `nbrefine.recording.facts.ValueFacts` is one."""

    @property
    def type(self) -> str:
        """Module and qualified name of its class."""

    @property
    def digest(self) -> str | None:
        """Equal digests mean equal content; None if the content is opaque."""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Of arrays and frames."""

    @property
    def summary(self) -> str:
        """One short line for readers."""

    @property
    def sampled(self) -> bool:
        """Whether the digest leaves out parts of a large value."""

    @property
    def opaque(self) -> str:
        """Why there is no digest."""


@dataclass(frozen=True)
class ValueVerdict:
    """How a value compares.

    Parameters
    ----------
    verdict
        As for outputs.
    message
        What differs, or what was not compared and why; empty where all is equal.
    """

    verdict: Verdict
    message: str = ""


def compare_values(
    old: Facts,
    new: Facts | None,
    runs: Sequence[Facts | None] = (),
    *,
    varies: bool = False,
) -> ValueVerdict:
    """Compare what is known of a value with what was known of it.

    Parameters
    ----------
    old, new
        What was and what is; `new` is None if there is no such name.
    runs
        The same name in other runs of the original.
    varies
        Whether it was last written by a cell that is known to vary.

    Returns
    -------
    ValueVerdict
        An opaque value is not compared, beyond its type and shape, and that is said.
    """
    if new is None:
        return ValueVerdict(Verdict.MISSING, "there is no such name")
    changed = _difference(old, new)
    if not changed and old.digest is not None and old.digest == new.digest:
        return ValueVerdict(Verdict.EQUAL, "a sample of it was compared" if old.sampled else "")
    unsteady = varies or any(run is None or _difference(old, run) for run in runs)
    if changed:
        return ValueVerdict(Verdict.NONDETERMINISTIC if unsteady else Verdict.DIFFERENT, changed)
    # Nothing is known to differ, and there are no two digests: one of them is opaque.
    why = old.opaque or new.opaque or "its content cannot be read"
    return ValueVerdict(Verdict.NOT_COMPARED, f"{old.type}: {why}")


def _difference(old: Facts, new: Facts) -> str:
    """Say what is known to differ; empty if nothing is."""
    if old.type != new.type:
        return f"the type was {old.type}, and is {new.type}"
    if old.shape != new.shape:
        return f"the shape was {old.shape}, and is {new.shape}"
    if old.digest is None or new.digest is None or old.digest == new.digest:
        return ""
    if old.summary != new.summary:
        return f"it was {old.summary}, and is {new.summary}"
    return f"the content differs ({old.summary or old.type})"
