"""The errors that users see: one tree, one formatter.

::

    NbrefineError               exit code 1
    ├── InputError              exit code 2: something that the user gave is wrong
    │   ├── PipelineSpecError   NBE1xx: pipeline.yaml, env.yaml
    │   ├── SweepError          NBE111: what a sweep was asked to vary
    │   ├── NotebookError       NBE2xx: a notebook
    │   ├── BaselineError       NBE221: a baseline of the notebook tests
    │   ├── FeatureViewError    NBE501: a declaration of features
    │   ├── FeatureTableError   NBE502: a table that features are looked up in
    │   ├── OnlineStoreError    NBE511: the online store
    │   ├── ModelError          NBE521: a model directory
    │   └── ServingError        NBE531: what a service was asked to do
    ├── FeatureProofError       NBE503: features do not serve as they train, or know the future
    ├── NotebookFailsError      NBE211: a notebook fails on its own
    ├── BuildLockedError        NBE401: another build is going on
    ├── LedgerError             NBE411: the record of what was built cannot be used
    ├── ClusterError            NBE421: the cluster that steps are sent to cannot run them
    └── EnvironmentFaultError   NBE3xx: the installation, not the input

A message says what is wrong; `where` says the place, and `hint` what to do about it.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Place:
    """Where in the user's files something is wrong.

    Parameters
    ----------
    file
        Path as the user would type it.
    line
        Line in the file or in the cell, from 1.
    cell
        Cell of the notebook, from 1 over all its cells as JupyterLab shows them.
    """

    file: str
    line: int | None = None
    cell: int | None = None

    def __str__(self) -> str:
        """Render like a compiler does: ``file:cell 3:line 7``."""
        parts = [self.file]
        if self.cell is not None:
            parts.append(f"cell {self.cell}")
        if self.line is not None:
            parts.append(f"line {self.line}")
        return ":".join(parts)


class NbrefineError(Exception):
    """Anything that nbrefine tells the user instead of a traceback.

    Parameters
    ----------
    message
        What is wrong, in one sentence.
    where
        The place, if there is one.
    hint
        What the user can do about it.
    """

    code: ClassVar[str] = "NBE000"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, where: Place | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Keep all parts when the error crosses a process."""
        return (_rebuild, (type(self), self.message, self.where, self.hint))

    def _render_traceback_(self) -> list[str]:
        """Show it in a notebook as in a terminal: IPython asks for this instead of a traceback."""
        return format_error(self).splitlines()


def _rebuild(
    kind: type[NbrefineError], message: str, where: Place | None, hint: str
) -> NbrefineError:
    return kind(message, where=where, hint=hint)


class InputError(NbrefineError):
    """Something that the user gave is wrong."""

    code = "NBE001"
    exit_code = 2


class PipelineSpecError(InputError):
    """``pipeline.yaml`` or ``env.yaml`` says something that cannot be followed."""

    code = "NBE101"


class UnknownStepError(PipelineSpecError):
    """A step was named that the pipeline does not have."""

    code = "NBE102"


class SweepError(InputError):
    """A sweep cannot vary what it was asked to."""

    code = "NBE111"


class NotebookError(InputError):
    """A notebook cannot be read or used."""

    code = "NBE201"


class BaselineError(InputError):
    """A baseline of the notebook tests is missing, damaged, or of another notebook."""

    code = "NBE221"


class FeatureViewError(InputError):
    """A declaration of features cannot be followed."""

    code = "NBE501"


class FeatureTableError(InputError):
    """A table cannot be looked into as declared."""

    code = "NBE502"


class OnlineStoreError(InputError):
    """The online store is missing, damaged, too old, or another than the view needs."""

    code = "NBE511"


class ModelError(InputError):
    """A model directory is missing, was changed, or cannot be loaded here."""

    code = "NBE521"


class ServingError(InputError):
    """A service cannot be started as asked."""

    code = "NBE531"


class FeatureProofError(NbrefineError):
    """A proof of features fails."""

    code = "NBE503"


class NotebookFailsError(NbrefineError):
    """A notebook fails when it is run as it is."""

    code = "NBE211"


class BuildLockedError(NbrefineError):
    """Another build of the project is going on."""

    code = "NBE401"


class LedgerError(NbrefineError):
    """The ledger cannot be written, or another process keeps it to itself."""

    code = "NBE411"


class ClusterError(NbrefineError):
    """The cluster that steps are sent to cannot be reached, or cannot run them."""

    code = "NBE421"


class EnvironmentFaultError(NbrefineError):
    """The installation is at fault, not what the user gave."""

    code = "NBE301"


class MissingPackageError(EnvironmentFaultError):
    """A command needs a package that is not installed."""

    code = "NBE302"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Say which known names are close to a misspelt one, else all of them.

    Parameters
    ----------
    name
        What the user wrote.
    known
        The names that would have been right.

    Returns
    -------
    str
        A sentence to end a message or to use as a hint; empty if nothing is known.
    """
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, n=3):
        return f"Did you mean {' or '.join(repr(match) for match in close)}?"
    return f"Known are: {', '.join(names)}." if names else ""


def format_error(error: NbrefineError) -> str:
    """Render an error for a terminal.

    Parameters
    ----------
    error
        What was raised.

    Returns
    -------
    str
        ``error[CODE]: message``, then the place and the hint on lines of their own.
    """
    lines = [f"error[{error.code}]: {error.message}"]
    if error.where is not None:
        lines.append(f"  --> {error.where}")
    if error.hint:
        lines.append(f"  hint: {error.hint}")
    return "\n".join(lines)
