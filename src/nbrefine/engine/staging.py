"""Where a step writes its products until it has ended well."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_OUTSIDE = "outside"


@dataclass(frozen=True)
class Staging:
    """The place of one step. It is the same in every run, so that what mentions it stays the same.

    Parameters
    ----------
    root
        The project's folder, without symbolic links.
    step
        The step's name.
    attempt
        Where several machines may run the step, which of its runs this is, from 1: each has a place
        of its own. 0 is the builder's.
    """

    root: Path
    step: str
    attempt: int = 0

    @property
    def folder(self) -> Path:
        """Stands for the project's folder while the step runs."""
        name = f"{self.step}~{self.attempt}" if self.attempt else self.step
        return self.root / ".nbrefine" / "staging" / name

    def path(self, product: Path) -> Path:
        """Return where a product is written before it is published."""
        if product.is_relative_to(self.root):
            return self.folder / product.relative_to(self.root)
        parent = sha256(os.fsencode(product.parent)).hexdigest()[:16]
        return self.folder / _OUTSIDE / parent / product.name

    def made(self, product: Path) -> Path:
        """Return where a product is after a run: code may have written it to its final path."""
        staged = self.path(product)
        return staged if staged.exists() else product

    def prepare(self, products: Iterable[Path]) -> None:
        """Make the place anew and empty, with the folders that the products lie in."""
        self.clear()
        self.folder.mkdir(parents=True)
        for product in products:
            self.path(product).parent.mkdir(parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def written(self, products: Iterable[Path]) -> Iterator[tuple[Path, Path]]:
        """Return what was written: where it is, and where it belongs.

        Parameters
        ----------
        products
            The declared ones. What lies beside them goes with them.
        """
        outside = {self.path(each): each for each in products if not each.is_relative_to(self.root)}
        for parent, _, names in os.walk(self.folder):
            for name in sorted(names):
                staged = Path(parent, name)
                if staged.is_relative_to(self.folder / _OUTSIDE):
                    if staged in outside:
                        yield staged, outside[staged]
                else:
                    yield staged, self.root / staged.relative_to(self.folder)

    def with_final_paths(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return an executed notebook that mentions products by the place where they belong."""
        text = json.dumps(document, ensure_ascii=False)
        for here, there in (
            (f"{self.folder}{os.sep}", f"{self.root}{os.sep}"),
            (f"{self.folder.relative_to(self.root)}{os.sep}", ""),
        ):
            text = text.replace(json.dumps(here)[1:-1], json.dumps(there)[1:-1])
        restored: dict[str, Any] = json.loads(text)
        return restored
