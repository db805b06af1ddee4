"""What a step's products depend on, as named digests: equal fingerprints, equal inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nbrefine.files.digest import digest_json

if TYPE_CHECKING:
    from collections.abc import Mapping

ABSENT = "absent"
"""Stands for the digest of a file, or the value of a variable, that is not there."""

SCHEME = "scheme"
"""Label of the way in which fingerprints are taken: two ways cannot be compared."""

CHANGED_MEANWHILE = "changed while the step ran"
"""Stands for the digest of an input of which it is not known which state a run has read."""


@dataclass(frozen=True)
class Fingerprint:
    """Everything that decides what a step makes; never a time.

    Parameters
    ----------
    static
        What code, spec and inputs say, by label: ``scheme``, ``code``, ``kernel``, ``python``,
        ``param:NAME``, ``product:NAME``, ``upstream:STEP.NAME``, ``place:STEP.NAME``,
        ``file:PATH``, ``folder:PATH``, ``module:PATH:FUNCTION``, ``module:PATH`` (all of it),
        ``package:DISTRIBUTION``, ``environ:NAME``. A value is a digest; of parameters, places
        and versions it is what they are, so that a difference can be told in words.
    seen
        The same for what only a run showed.
    """

    static: Mapping[str, str]
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> dict[str, str]:
        """All parts by label."""
        return {**self.seen, **self.static}

    @cached_property
    def key(self) -> str:
        """Names the products in the cache: 64 hexadecimal digits."""
        return digest_json(self.parts)

    @cached_property
    def static_key(self) -> str:
        """The same without what only a run showed: it is known before the first run."""
        return digest_json(self.static)
