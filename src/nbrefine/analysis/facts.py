"""What is known of code once it was read: what it uses, and of a module also its pieces.

It stands apart from what reads code, for whoever was told it does not load that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = re.compile(r"[^\s\0*?\"<>|]+\.\w{1,10}")
_LONGEST_FILE = 300


class Import(NamedTuple):
    """A name that an import binds.

    Parameters
    ----------
    name
        The name; empty for none, ``*`` for all.
    module
        The module, dotted; without the leading dots of a relative import.
    attribute
        What is taken from the module; empty for the module itself.
    level
        How many dots lead a relative import.
    imports
        The module that is imported: of ``import a.b``, which binds ``a``, it is ``a.b``.
    """

    name: str
    module: str
    attribute: str = ""
    level: int = 0
    imports: str = ""


@dataclass(frozen=True)
class Uses:
    """What code uses.

    Parameters
    ----------
    chains
        Names that it reads, each with the attributes that follow: ``("np", "linalg", "norm")``.
    imports
        What it imports.
    environ
        Environment variables that it names.
    words
        Words in its texts, which may name something of its module.
    files
        Texts that may name a file.
    folders
        Texts in statements about ``sys.path``.
    by_name
        Whether it reaches for things by names that only a run knows.
    """

    chains: frozenset[tuple[str, ...]] = frozenset()
    imports: frozenset[Import] = frozenset()
    environ: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    by_name: bool = False

    def __or__(self, other: Uses) -> Uses:
        """Return what two pieces use together."""
        return Uses(
            self.chains | other.chains,
            self.imports | other.imports,
            self.environ | other.environ,
            self.words | other.words,
            self.files | other.files,
            self.folders | other.folders,
            self.by_name or other.by_name,
        )


@dataclass(frozen=True)
class Piece:
    """What a module binds to a name.

    Parameters
    ----------
    digest
        Of its code, and of where the names in it are imported from.
    uses
        What it uses.
    """

    digest: str
    uses: Uses


@dataclass(frozen=True)
class Module:
    """A module.

    Parameters
    ----------
    digest
        Of all its code.
    uses
        What all of it uses.
    pieces
        By name.
    eager
        Names of pieces that count whenever the module is imported.
    imports
        What its top-level imports bind.
    loads
        What is imported whenever the module is.
    odd
        Why its pieces cannot be told apart; empty if they can.
    """

    digest: str
    uses: Uses = field(default_factory=Uses)
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    eager: frozenset[str] = frozenset()
    imports: frozenset[Import] = frozenset()
    loads: frozenset[Import] = frozenset()
    odd: str = ""


def files_in(text: str) -> set[str]:
    """Return what may name a file in a text: all of it, or words of it that name scripts."""
    found = {part.strip("'\"") for part in text.split() if ".py" in part}
    return found | ({text} if len(text) < _LONGEST_FILE and _FILE.fullmatch(text) else set())
