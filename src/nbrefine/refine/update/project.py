"""Three versions of a project made into one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import yaml

from nbrefine.refine.place.pictures import STEPS
from nbrefine.refine.update.align import align
from nbrefine.refine.update.lines import merge_lines
from nbrefine.refine.update.merge import merge_documents
from nbrefine.refine.update.model import Conflict, Document
from nbrefine.refine.update.modules import blocks_text, module_documents
from nbrefine.refine.update.notebooks import notebook_of, versions_of
from nbrefine.refine.update.specification import specification
from nbrefine.testing.baseline import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbrefine.refine.update.model import Merged
    from nbrefine.refine.write.base import Base

    Files = Mapping[str, bytes]

__all__ = ["BASELINES", "CODE", "SPEC", "MergedProject", "merge_projects"]

SPEC = "pipeline.yaml"
BASELINES = FOLDER.as_posix()
CODE = ("src", "tests")


@dataclass(frozen=True)
class MergedProject:
    """A project with both sides' changes.

    Parameters
    ----------
    files
        Path relative to the root, and content, of all files that were looked at.
    conflicts
        What contradicts each other.
    stale
        Baselines that are not of their steps as these are: those that the user has changed, which
        are kept, and those of steps that the user has changed.
    """

    files: Mapping[str, bytes]
    conflicts: tuple[Conflict, ...] = ()
    stale: tuple[str, ...] = ()


def merge_projects(
    base: Base, ours: Files, theirs: Files, cells: Sequence[str], *, keeps_ours: bool = True
) -> MergedProject:
    """Merge what the user made of a project with what refine makes of the changed notebook.

    Parameters
    ----------
    base
        What refine wrote at first.
    ours
        The project's files as they are.
    theirs
        What refine writes now.
    cells
        The changed notebook's code cells that are not empty.
    keeps_ours
        Which side counts where they contradict each other.
    """
    return _Project(base, ours, theirs, keeps_ours=keeps_ours).merge(align(base.cells, cells))


class _Project:
    def __init__(self, base: Base, ours: Files, theirs: Files, *, keeps_ours: bool) -> None:
        self.base, self.ours, self.theirs = base, ours, theirs
        self.keeps_ours = keeps_ours
        self.files: dict[str, bytes] = {}
        self.conflicts: list[Conflict] = []
        self.stale: list[str] = []

    def merge(self, origins: Mapping[int, int]) -> MergedProject:
        steps = self._notebooks(origins)
        self._specification(steps)
        modules = self._paths(lambda path: path.suffix == ".py" and path.parts[0] in CODE)
        for top in CODE:
            self._modules([path for path in modules if PurePosixPath(path).parts[0] == top])
        merged = {*self._paths(_is_step), SPEC, *modules}
        for path in sorted(self._paths(lambda _: True)):
            if path not in merged:
                self._whole(path)
        self._see_edited_steps()
        return MergedProject(self.files, tuple(self.conflicts), tuple(self.stale))

    def _see_edited_steps(self) -> None:
        """Name the baselines of the steps that are not as the notebook gives them."""
        for path in self._paths(_is_step):
            baseline = f"{BASELINES}/{PurePosixPath(path).name}"
            edited = path in self.files and self.files[path] != self.theirs.get(path)
            if edited and baseline in self.files and baseline not in self.stale:
                self.stale.append(baseline)

    def _paths(self, wanted: Callable[[PurePosixPath], bool]) -> list[str]:
        paths = {*self.base.paths, *self.ours, *self.theirs}
        return sorted(path for path in paths if wanted(PurePosixPath(path)))

    def _texts(self, paths: Sequence[str]) -> tuple[dict[str, str], ...]:
        """Return files of the three versions."""
        return (
            {path: self.base.texts[path] for path in paths if path in self.base.texts},
            {path: self.ours[path].decode() for path in paths if path in self.ours},
            {path: self.theirs[path].decode() for path in paths if path in self.theirs},
        )

    def _notebooks(self, origins: Mapping[int, int]) -> dict[str, dict[str, str]]:
        """Merge the steps' notebooks; return by which name each version knows each of them."""
        texts = self._texts(self._paths(_is_step))
        before, mine, new = (
            {path: json.loads(text) for path, text in each.items()} for each in texts
        )
        versions = versions_of(before, mine, new, origins)
        sides = versions.base, versions.ours, versions.theirs
        merged = merge_documents(*sides, keeps_ours=self.keeps_ours)
        ran = {item.key: item.text for each in versions.ours for item in each.items}
        self._take(merged, sides[1:], lambda document: notebook_of(document, ran))
        return {
            name: {each.path: each.key for each in documents}
            for name, documents in zip(("base", "ours", "theirs"), sides, strict=True)
        }

    def _specification(self, steps: Mapping[str, Mapping[str, str]]) -> None:
        try:
            sides = [
                (specification(SPEC, each[SPEC], steps[name]),) if SPEC in each else ()
                for name, each in zip(steps, self._texts([SPEC]), strict=True)
            ]
        except yaml.YAMLError:
            self._whole(SPEC)
            return
        merged = merge_documents(*sides, strict=False, keeps_ours=self.keeps_ours)
        self._take(merged, sides[1:], blocks_text)

    def _modules(self, paths: Sequence[str]) -> None:
        try:
            sides = module_documents(*self._texts(paths))
        except SyntaxError:
            for path in paths:
                self._whole(path)
            return
        merged = merge_documents(*sides, keeps_ours=self.keeps_ours)
        self._take(merged, sides[1:], blocks_text)

    def _take(
        self,
        merged: Merged,
        sides: Sequence[Sequence[Document]],
        text_of: Callable[[Document], str],
    ) -> None:
        """Keep merged files; one that is as a side has it, to the byte."""
        ours, theirs = ({each.path: each for each in side} for side in sides)
        self.conflicts += merged.conflicts
        for document in merged.documents:
            path = document.path
            if path in theirs and _equal(document, theirs[path]):
                self.files[path] = self.theirs[path]
            elif path in ours and _equal(document, ours[path]):
                self.files[path] = self.ours[path]
            else:
                self.files[path] = text_of(document).encode()

    def _whole(self, path: str) -> None:
        """Merge a file that is no collection of items."""
        content = self._decided(path)
        if content is not None:
            self.files[path] = content

    def _decided(self, path: str) -> bytes | None:
        mine, new = self.ours.get(path), self.theirs.get(path)
        if mine == new or self.base.holds(path, mine):
            return new
        if self.base.holds(path, new):
            return mine
        if path.startswith(BASELINES):
            self.stale.append(path)
            return mine
        before = self.base.texts.get(path)
        texts = [before, _text(mine), _text(new)]
        if None not in texts:
            merged = merge_lines(*(text or "" for text in texts), strict=False)
            if merged is not None:
                return merged.encode()
        self.conflicts.append(Conflict(path, _what(mine, new), None, "", *texts))
        return mine if self.keeps_ours else new


def _is_step(path: PurePosixPath) -> bool:
    return path.suffix == ".ipynb" and path.parts[0] == STEPS


def _equal(one: Document, other: Document) -> bool:
    """Whether two files read the same, with all that goes with their items."""
    return one.rest == other.rest and [(each.text, each.rest) for each in one.items] == [
        (each.text, each.rest) for each in other.items
    ]


def _text(content: bytes | None) -> str | None:
    if content is None:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def _what(mine: bytes | None, new: bytes | None) -> str:
    if mine is None:
        return "you removed it, the notebook changed it"
    if new is None:
        return "you changed it, the notebook no longer has it"
    return "you changed it, and so did the notebook"
