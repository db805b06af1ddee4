"""One entry of the spec's ``tasks``: what it says, and where it says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbrefine.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbrefine.errors import PipelineSpecError
    from nbrefine.pipeline.located import Document, Keys
    from nbrefine.pipeline.source_memory import SourceMemory


@dataclass(frozen=True)
class Meta:
    """The settings of the spec's ``meta`` section that change how a task is read.

    Parameters
    ----------
    extract_upstream
        What a step builds on is said in its source, not in the spec.
    extract_product
        What a step makes is said in its source, not in the spec.
    product_relative_to_source
        Relative products are relative to the source's folder, not to the project's.
    product_default_class
        Ploomber's class of the products, by the task's class.
    """

    extract_upstream: bool = True
    extract_product: bool = False
    product_relative_to_source: bool = False
    product_default_class: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """An entry of ``tasks``, placeholders replaced.

    Parameters
    ----------
    document
        The file that it is in.
    keys
        The keys that lead to it.
    value
        What it says.
    base
        The folder that a relative source is relative to.
    root
        The project's folder.
    meta
        The spec's settings.
    product_roots
        Folders outside of the project in which products may lie.
    sources
        What was read of sources before.
    """

    document: Document
    keys: Keys
    value: Mapping[str, object]
    base: Path
    root: Path
    meta: Meta
    product_roots: tuple[Path, ...] = ()
    sources: SourceMemory | None = None

    def error(self, message: str, *keys: object, hint: str = "") -> PipelineSpecError:
        """Make the error that points into the entry."""
        return self.document.error(message, *self.keys, *keys, hint=hint)

    def misspelt(self, key: str) -> str:
        """Return a hint if a key that is missing seems to be there, but misspelt."""
        for other in self.value:
            if did_you_mean(str(other), [key]).startswith("Did"):
                return f"Did you mean {key!r} where it says {other!r}?"
        return ""
