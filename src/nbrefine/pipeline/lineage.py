"""What made a product, and what was made from it: read from the ledger, nothing is run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from nbrefine.errors import InputError, did_you_mean
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown
from nbrefine.pipeline.observed import stored_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbrefine.pipeline.ledger import Ledger
    from nbrefine.pipeline.ledger_rows import Made, Published, Run

_ALL = 1_000_000


class Condition(StrEnum):
    """How a product's file stands to what is recorded."""

    AS_MADE = "as it was made"
    CHANGED = "changed since it was made"
    MISSING = "missing"


@dataclass(frozen=True)
class Origin:
    """What made one version of a product.

    Parameters
    ----------
    name
        The product's name among those of its step.
    made
        The product as it was published.
    row
        What the ledger has of the step that made it.
    run
        The build that it was made in, if it is known.
    above
        Where what it was made from came from.
    lost
        Products of steps above of which no record is left, as ``STEP.NAME``.
    """

    name: str
    made: Made
    row: Published
    run: Run | None
    above: tuple[Origin, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def inputs(self) -> dict[str, str]:
        """Digests of the files that were read and that no step above has made, by path."""
        return {
            label.removeprefix("file:"): digest
            for label, digest in sorted(self.row.parts.items())
            if label.startswith("file:")
        }

    def all(self) -> Iterator[Origin]:
        """Return it and all above, each once and after those that it was made from."""
        yield from self._all(set())

    def _all(self, seen: set[tuple[int, str]]) -> Iterator[Origin]:
        if (self.row.id, self.name) not in seen:
            seen.add((self.row.id, self.name))
            for up in self.above:
                yield from up._all(seen)  # noqa: SLF001  (of its own kind)
            yield self


@dataclass(frozen=True)
class Dependent:
    """A step that was made from a product, near or far.

    Parameters
    ----------
    step
        Its name.
    products
        Its products, as `stored_path` has them.
    through
        The step that it is nearest through; empty if it reads the product itself.
    current
        Whether it was made from the product as it is recorded now.
    """

    step: str
    products: tuple[str, ...]
    through: str = ""
    current: bool = True


@dataclass(frozen=True)
class Lineage:
    """What is known of a product.

    Parameters
    ----------
    path
        As `stored_path` has it.
    condition
        How its file stands to what is recorded.
    origin
        What made it: the version that the file is, else the last one.
    dependents
        What was made from it.
    """

    path: str
    condition: Condition
    origin: Origin
    dependents: tuple[Dependent, ...] = ()


def lineage_of(product: Path, ledger: Ledger) -> Lineage:
    """Return what is known of a product.

    Parameters
    ----------
    product
        Its file.
    ledger
        The project's ledger.

    Raises
    ------
    InputError
        If no build has made it.
    """
    path = stored_path(product, ledger.root)
    histories = {name: ledger.history(name, limit=_ALL) for name in ledger.steps()}
    versions = sorted(
        (
            (row, name)
            for rows in histories.values()
            for row in rows
            for name, made in row.products.items()
            if made.path == path
        ),
        key=lambda version: -version[0].id,
    )
    if not versions:
        known = {made.path for rows in histories.values() for made in rows[0].products.values()}
        hint = did_you_mean(path, known) or "Nothing has been built by nbrefine yet."
        raise InputError(f"No build has made {shown(product, ledger.root)}.", hint=hint)
    digest = digest_file(product) if product.exists() else ""
    same = [(row, name) for row, name in versions if row.products[name].digest == digest]
    row, name = (same or versions)[0]
    condition = Condition.AS_MADE if same else Condition.CHANGED
    return Lineage(
        path=path,
        condition=condition if digest else Condition.MISSING,
        origin=_Walk(ledger, histories).origin(row, name),
        dependents=_dependents(row, name, histories),
    )


class _Walk:
    """Follows what things were made from; each record is looked up once."""

    def __init__(self, ledger: Ledger, histories: Mapping[str, list[Published]]) -> None:
        self._ledger, self._histories = ledger, histories
        self._known: dict[tuple[int, str], Origin] = {}

    def origin(self, row: Published, name: str) -> Origin:
        if (row.id, name) in self._known:
            return self._known[row.id, name]
        above, lost = [], []
        for label, content in sorted(row.static.items()):
            if label.startswith("upstream:"):
                used = label.removeprefix("upstream:")
                found = self._maker(row, used, content)
                above += [] if found is None else [self.origin(*found)]
                lost += [used] if found is None else []
        run = self._ledger.run(row.run)
        origin = Origin(name, row.products[name], row, run, tuple(above), tuple(lost))
        self._known[row.id, name] = origin
        return origin

    def _maker(self, row: Published, used: str, content: str) -> tuple[Published, str] | None:
        """Return the last record before a row of what it used: ``STEP.NAME``, or ``STEP``."""
        for step, rows in self._histories.items():
            if used != step and not used.startswith(f"{step}."):
                continue
            name = used.removeprefix(step)[1:]
            for above in rows:
                made = above.products.get(name)
                if above.id >= row.id:
                    continue
                if made is not None and made.content == content:
                    return above, name
                if not name and above.key == content:
                    return above, next(iter(above.products))
        return None


def _dependents(
    row: Published, name: str, histories: Mapping[str, list[Published]]
) -> tuple[Dependent, ...]:
    """Return the steps whose last products were made from a product, the nearest first."""
    last = {step: rows[0] for step, rows in histories.items() if step != row.step}
    found: dict[str, Dependent] = {}
    for step, other in last.items():
        if (use := _use_of(other, row, name)) is not None:
            found[step] = Dependent(step, _paths(other), "", use)
    waiting = [*found]
    while waiting:
        through = waiting.pop(0)
        for step, other in last.items():
            uses = [_use_of(other, last[through], each) for each in last[through].products]
            known = [use for use in uses if use is not None]
            if known and step not in found:
                current = all(known) and found[through].current
                found[step] = Dependent(step, _paths(other), through, current)
                waiting.append(step)
    return tuple(found.values())


def _use_of(row: Published, above: Published, name: str) -> bool | None:
    """Whether a record was made from this very version of a product; None if from none of it."""
    made = above.products[name]
    parts = row.parts
    uses = {
        f"upstream:{above.step}.{name}": {made.content},
        f"upstream:{above.step}": {above.key},
        f"file:{made.path}": {made.content, made.digest},
    }
    known = [parts[label] in digests for label, digests in uses.items() if label in parts]
    return all(known) if known else None


def _paths(row: Published) -> tuple[str, ...]:
    return tuple(sorted(made.path for made in row.products.values()))
