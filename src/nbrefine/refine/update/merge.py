"""Three versions of files made into one: by items, wherever they have moved to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.refine.update.lines import merge_lines
from nbrefine.refine.update.model import Conflict, Document, Item, Merged
from nbrefine.refine.update.order import moved_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["merge_documents"]


def merge_documents(
    base: Sequence[Document],
    ours: Sequence[Document],
    theirs: Sequence[Document],
    *,
    strict: bool = True,
    keeps_ours: bool = True,
) -> Merged:
    """Merge what became of files on two sides.

    Parameters
    ----------
    base
        What both started from. An item's key occurs once in all files of a version.
    ours, theirs
        What they are now.
    strict
        Whether changes of neighbouring lines contradict each other.
    keeps_ours
        Which side is taken where they contradict each other.

    Returns
    -------
    Merged
        Their files with our changes: texts, items that we added, removed or put elsewhere.
    """
    if _same(ours, theirs) and not _same(base, ours):
        return Merged(tuple(theirs))
    return _Merge(base, ours, theirs, strict=strict, keeps_ours=keeps_ours).run()


def _same(one: Sequence[Document], other: Sequence[Document]) -> bool:
    """Whether two versions read the same, whatever the keys are."""
    return _read(one) == _read(other)


def _read(documents: Sequence[Document]) -> dict[str, list[str]]:
    return {each.path: [item.text for item in each.items] for each in documents}


class _Side:
    """One version, with its items at hand."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = {each.key: each for each in documents}
        self.items = {item.key: item for each in documents for item in each.items}
        self.home = {item.key: each.key for each in documents for item in each.items}
        self.at = {
            item.key: number
            for each in documents
            for number, item in enumerate(each.items, start=1)
        }

    def before(self, key: str) -> list[str]:
        """Return the items before one in its file, the nearest first."""
        items = self.documents[self.home[key]].items[: self.at[key] - 1]
        return [item.key for item in reversed(items)]


class _Merge:
    """Goes from their version to the merged one."""

    def __init__(
        self,
        base: Sequence[Document],
        ours: Sequence[Document],
        theirs: Sequence[Document],
        *,
        strict: bool,
        keeps_ours: bool,
    ) -> None:
        self.base, self.ours, self.theirs = _Side(base), _Side(ours), _Side(theirs)
        self.strict, self.keeps_ours = strict, keeps_ours
        self.conflicts: list[Conflict] = []
        self.items = {each.key: list(each.items) for each in theirs}

    def run(self) -> Merged:
        for key in (*self.base.items, *(self.theirs.items.keys() - self.base.items.keys())):
            self._settle(key)
        self._see_new_files()
        for key in self._floating():
            self._place(key)
        for key in self.ours.documents.keys() - self.base.documents.keys():
            self.items.setdefault(key, [])
        return Merged(tuple(self._documents()), tuple(self.conflicts))

    def _settle(self, key: str) -> None:
        """Merge an item's text, or see that it goes."""
        before, mine, new = (side.items.get(key) for side in (self.base, self.ours, self.theirs))
        if mine is not None and new is not None:
            self._rewrite(key, before, mine, new)
        elif before is None:
            self._see_home(key)
        elif mine is None and new is not None:
            if new.text != before.text:
                self._contradict(key, "you removed it, the notebook changed it")
            if new.text == before.text or self.keeps_ours:
                self._remove(key)
        elif mine is not None and mine.text != before.text:
            self._contradict(key, "you changed it, the notebook no longer has it")

    def _rewrite(self, key: str, before: Item | None, mine: Item, new: Item) -> None:
        text: str | None
        if before is None:
            text = new.text if mine.text == new.text else None
        else:
            text = merge_lines(before.text, mine.text, new.text, strict=self.strict)
        if text is None:
            done = "added" if before is None else "changed"
            self._contradict(key, f"you {done} it, and so did the notebook")
            text = mine.text if self.keeps_ours else new.text
        items = self.items[self.theirs.home[key]]
        at = next(number for number, item in enumerate(items) if item.key == key)
        items[at] = self._item(key, text)

    def _item(self, key: str, text: str) -> Item:
        """Return an item with what goes with it on both sides; what we set counts."""
        before, mine, new = (side.items.get(key) for side in (self.base, self.ours, self.theirs))
        known = before.rest if before else {}
        rest = dict((new or mine or Item("", "")).rest)
        if new and mine:
            rest |= {name: value for name, value in mine.rest.items() if known.get(name) != value}
            gone = {name for name in known if name not in mine.rest and name in rest}
            rest = {name: value for name, value in rest.items() if name not in gone}
        return Item(key, text, rest)

    def _see_home(self, key: str) -> None:
        """See that a new item of theirs is in a file that we still have."""
        if self._was_removed(self.theirs.home[key]):
            self._contradict(key, "you removed the file, the notebook has something new in it")
            if self.keeps_ours:
                self._remove(key)

    def _see_new_files(self) -> None:
        """See that no two files of one name are mixed."""
        new = self.ours.documents.keys() & self.theirs.documents.keys()
        for key in sorted(new - self.base.documents.keys()):
            mine, other = self.ours.documents[key], self.theirs.documents[key]
            if [item.text for item in mine.items] != [item.text for item in other.items]:
                what = "you added it, and the notebook has come to give a file of that name"
                self.conflicts.append(Conflict(mine.path, what))

    def _was_removed(self, document: str) -> bool:
        return document in self.base.documents and document not in self.ours.documents

    def _remove(self, key: str) -> None:
        items = self.items[self.theirs.home[key]]
        items[:] = [item for item in items if item.key != key]

    def _floating(self) -> list[str]:
        """Return the items that we added or put elsewhere, in our order."""
        mine = moved_keys(self.base.documents, self.ours.documents)
        new = moved_keys(self.base.documents, self.theirs.documents)
        found = []
        for key in self.ours.items:
            if key not in self.theirs.items:
                found += [key] * self._is_kept(key)
            elif key in mine:
                if key not in new:
                    found.append(key)
                elif self._stands_elsewhere(key):
                    self._contradict(key, "you moved it, and so did the notebook")
                    found += [key] * self.keeps_ours
        return found

    def _is_kept(self, key: str) -> bool:
        """Whether we keep an item that the notebook does not have: it is ours."""
        before = self.base.items.get(key)
        return before is None or (self.keeps_ours and before.text != self.ours.items[key].text)

    def _stands_elsewhere(self, key: str) -> bool:
        """Whether an item that both moved has another place on either side."""
        if self.ours.home[key] != self.theirs.home[key]:
            return True
        both = self.ours.items.keys() & self.theirs.items.keys()
        before = [
            next((each for each in side.before(key) if each in both), "")
            for side in (self.ours, self.theirs)
        ]
        return before[0] != before[1]

    def _place(self, key: str) -> None:
        """Put one of our items behind the one that it follows with us."""
        home = self.ours.home[key]
        item = next(
            (item for items in self.items.values() for item in items if item.key == key), None
        )
        if item is None:
            item = self.ours.items[key]
        else:
            for items in self.items.values():
                items[:] = [each for each in items if each.key != key]
        if home not in self.items:
            if home in self.base.documents:
                self._contradict(key, "you put it in a file that the notebook no longer gives")
                if not self.keeps_ours:
                    return
            self.items[home] = []
        items = self.items[home]
        places = {each.key: number for number, each in enumerate(items, start=1)}
        at = next((places[each] for each in self.ours.before(key) if each in places), 0)
        items.insert(at, item)

    def _documents(self) -> list[Document]:
        """Return the merged files; one that lost all its items to us is gone."""
        found = []
        for key, items in self.items.items():
            if not items and key in self.base.documents and key not in self.ours.documents:
                continue
            before, mine, new = (
                side.documents.get(key) for side in (self.base, self.ours, self.theirs)
            )
            document = new or mine
            if document is None:
                continue
            path, rest = document.path, document.rest
            if before and mine and new:
                path = self._path(before, mine, new)
                rest = mine.rest if mine.rest != before.rest else new.rest
            found.append(replace(document, path=path, items=tuple(items), rest=rest))
        return found

    def _path(self, before: Document, mine: Document, new: Document) -> str:
        if mine.path in {before.path, new.path}:
            return new.path
        if new.path != before.path:
            what = f"you renamed it to {mine.path}, the notebook to {new.path}"
            self.conflicts.append(Conflict(before.path, what))
            return mine.path if self.keeps_ours else new.path
        return mine.path

    def _contradict(self, key: str, what: str) -> None:
        sides = self.base, self.ours, self.theirs
        texts = [side.items[key].text if key in side.items else None for side in sides]
        side = next(side for side in (self.ours, self.base, self.theirs) if key in side.items)
        document = side.documents[side.home[key]]
        item = side.items[key]
        cell = side.at[key] if "cell_type" in item.rest else None
        name = str(item.rest.get("name", ""))
        self.conflicts.append(Conflict(document.path, what, cell, name, *texts))
