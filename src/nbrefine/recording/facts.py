"""What a run of a notebook showed, as plain facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Output = dict[str, Any]
"""An output of a cell, in the words of nbformat 4."""


class Basis(StrEnum):
    """What a recording rests on."""

    RUN = "run"
    """The notebook was run, under observation."""
    STORED = "stored"
    """The outputs that an executed copy of it holds."""
    NONE = "none"
    """Nothing: only its code was looked at."""


@dataclass(frozen=True)
class ValueFacts:
    """What is known of a value.

    Parameters
    ----------
    type
        Module and qualified name of its class.
    digest
        Of its content; equal digests mean equal content, in any process and on any
        ``PYTHONHASHSEED``. None if the content is opaque: then nothing may be concluded.
    size
        Bytes, approximately.
    shape
        Of arrays, frames, series and indexes.
    summary
        One short line that a reader recognizes it by.
    sampled
        Whether parts of a large value were left out of the digest.
    opaque
        Why there is no digest, such as ``generator`` or ``ran out of time``.
    storable
        Whether some format stores it exactly; None if that was not tried.
    """

    type: str
    digest: str | None
    size: int
    shape: tuple[int, ...] | None = None
    summary: str = ""
    sampled: bool = False
    opaque: str = ""
    storable: bool | None = None


@dataclass(frozen=True)
class CellRecord:
    """What one cell did when it ran.

    Parameters
    ----------
    origin
        Index over the notebook's code cells that are not empty, from 0.
    outputs
        What it showed, in the words of nbformat 4.
    seconds, cpu
        Its own time, without ours: by the clock, and of the processor.
    observing
        Seconds that observing it took.
    bound
        Names that are new, or bound to another object than before.
    changed
        Names whose content changed, also through an alias. ``<module:helpers>`` stands for the
        state of a module of the user's own, such as a list that its functions append to.
    removed
        Names that are gone.
    values
        Of the names bound or changed.
    aliases
        Groups of two names and more that reach one mutable object, after the cell.
    same_object
        Groups of names bound to the very same object, after the cell.
    files_read, files_written
        Absolute paths as in the notebook's own folder. What lies in the Python installation and
        in caches is left out.
    imports
        Modules newly imported; of a package that is new itself, the package alone.
    environ_read
        Environment variables that the notebook's own code asked for.
    network, subprocess
        Whether it connected to something, or started a process.
    random
        Global random streams whose state it changed (``random``, ``numpy``, ``torch``), by
        ``draw``, ``seed`` or ``both``.
    random_unseeded
        Whether it drew from a stream that nobody had seeded, or made an unseeded generator.
    library
        Settings of libraries and of the process that it changed, by name (such as
        ``matplotlib.rcParams``), each with the keys. An import alone may do that: see `imports`.
    """

    origin: int
    outputs: tuple[Output, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0
    observing: float = 0.0
    bound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    values: Mapping[str, ValueFacts] = field(default_factory=dict)
    aliases: tuple[frozenset[str], ...] = ()
    same_object: tuple[frozenset[str], ...] = ()
    files_read: tuple[str, ...] = ()
    files_written: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    environ_read: tuple[str, ...] = ()
    network: bool = False
    subprocess: bool = False
    random: Mapping[str, str] = field(default_factory=dict)
    random_unseeded: bool = False
    library: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """Where and how a notebook failed on its own.

    Parameters
    ----------
    origin
        The cell.
    line
        Its line, from 1; None where the error does not say.
    ename, evalue
        Class and message of the exception.
    traceback
        The last lines, without colours.
    """

    origin: int
    line: int | None
    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


@dataclass(frozen=True)
class PythonFacts:
    """The interpreter that a notebook ran in.

    Parameters
    ----------
    executable
        Path of the interpreter.
    version
        Such as ``3.11.9``.
    packages
        Version of each distribution that was imported.
    modules
        The distribution that each imported top-level module came with.
    required_by, optional_for
        Those of these distributions that cannot do without another, or can make use of it.
    """

    executable: str
    version: str
    packages: Mapping[str, str] = field(default_factory=dict)
    modules: Mapping[str, str] = field(default_factory=dict)
    required_by: Mapping[str, Sequence[str]] = field(default_factory=dict)
    optional_for: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class WrittenFile:
    """A file that a notebook wrote, as it was at the end.

    Parameters
    ----------
    digest
        sha256 of its content.
    size
        In bytes.
    kept
        Name of its copy in the folder that `record` was told to keep copies in; else empty.
    """

    digest: str
    size: int
    kept: str = ""


@dataclass(frozen=True)
class Recording:
    """An observed run of a notebook, and the plain runs beside it.

    Parameters
    ----------
    cells
        One record a cell; fewer than the notebook has if it failed.
    final
        Names at the end.
    python
        The interpreter.
    reruns
        Outputs of each cell, for each plain run.
    rerun_finals
        Names at the end of each plain run.
    failed
        Set if the notebook failed on its own.
    observed_seconds, plain_seconds
        Of the cells alone: under observation, and in the plain run (the median of several).
    varying
        Cells whose outputs differed between runs, or which drew what nobody seeded.
    causes
        Why a cell varies, where that is known.
    unseen
        Names whose content at the end is not what the cells' records lead to: something changed
        them that was not seen.
    files
        Files that it wrote and that were there at the end, by path as in the notebook's own folder.
    basis
        What it rests on. Where that is no run, nothing is known but the outputs, if these.
    folder
        The notebook's own; empty if it was not run there.
    """

    cells: tuple[CellRecord, ...]
    final: Mapping[str, ValueFacts]
    python: PythonFacts
    reruns: tuple[tuple[tuple[Output, ...], ...], ...] = ()
    rerun_finals: tuple[Mapping[str, ValueFacts], ...] = ()
    failed: Failure | None = None
    observed_seconds: float = 0.0
    plain_seconds: float = 0.0
    varying: frozenset[int] = frozenset()
    causes: Mapping[int, str] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    files: Mapping[str, WrittenFile] = field(default_factory=dict)
    basis: Basis = Basis.RUN
    folder: str = ""
