"""What the ledger holds: runs, and what they published."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from nbrefine.pipeline.observed import Observed

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Made:
    """A product as it was published.

    Parameters
    ----------
    path
        As `stored_path` has it.
    digest
        Of its bytes: a file with another one is not what the build made.
    content
        Of what it says (`content_digest`): steps below depend on this.
    """

    path: str
    digest: str
    content: str


@dataclass(frozen=True)
class Published:
    """One step's products, and what they were made from.

    Parameters
    ----------
    step
        The step's name.
    key
        The fingerprint's key.
    static, seen
        The fingerprint's parts.
    source
        Digest of the notebook as a document, prose and formatting included.
    products
        By name.
    observed
        What the run was seen to use.
    run
        The run that made them.
    finished
        When, in seconds since 1970.
    seconds
        How long it took, by the clock.
    memory
        The most memory held, in bytes; 0 if not known.
    how
        ``ran``, ``restored`` (from the cache) or ``refreshed`` (only prose was new).
    sources
        Digests of the texts that were kept (`Ledger.keep`), by path: the notebook, and each
        module of the project.
    declared
        The step as it was declared (`declared_of`).
    id
        Its number in the ledger, set when it is read.
    """

    step: str
    key: str
    static: Mapping[str, str]
    seen: Mapping[str, str]
    source: str
    products: Mapping[str, Made]
    observed: Observed = field(default_factory=Observed)
    run: str = ""
    finished: float = 0.0
    seconds: float = 0.0
    memory: int = 0
    how: str = "ran"
    sources: Mapping[str, str] = field(default_factory=dict)
    declared: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0

    @property
    def parts(self) -> dict[str, str]:
        """All parts of its fingerprint."""
        return {**self.seen, **self.static}

    @classmethod
    def from_json(cls, data: Mapping[str, Any], number: int = 0) -> Self:
        """Read what `as_json` wrote; `number` is the one that the ledger gave."""
        made = {name: Made(**each) for name, each in data["products"].items()}
        observed = Observed.from_json(data["observed"])
        return cls(**{**data, "products": made, "observed": observed, "id": number})

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it; without its number, which the ledger gives."""
        data = dict(vars(self))
        del data["id"]
        data["observed"] = self.observed.as_json()
        data["products"] = {name: dict(vars(made)) for name, made in self.products.items()}
        return data | {name: dict(data[name]) for name in ("static", "seen", "sources")}


@dataclass(frozen=True)
class Run:
    """One build.

    Parameters
    ----------
    id
        Names it.
    started
        When, in seconds since 1970.
    facts
        Where and with what: host, pid, python, platform, git commit, whether the tree was clean.
    """

    id: str
    started: float
    facts: Mapping[str, object] = field(default_factory=dict)
