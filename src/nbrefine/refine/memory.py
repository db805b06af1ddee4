"""What a refine has found out and written so far, kept so that the next call goes on from there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.files.atomic import write_atomic
from nbrefine.files.digest import DigestCache, digest_file
from nbrefine.files.paths import shown
from nbrefine.recording.formats import Stored
from nbrefine.recording.store import read_recording, write_recording
from nbrefine.refine.draft import Wishes
from nbrefine.refine.extract.moved import MOVED
from nbrefine.refine.flow.flow import Bond
from nbrefine.refine.inputs import found
from nbrefine.refine.place.credential_files import NEEDED
from nbrefine.refine.plan.left import LEFT
from nbrefine.refine.prove.edits import WRITTEN
from nbrefine.refine.prove.prove import KEPT, RECORDING
from nbrefine.refine.prove.relocated_paths import PATHS
from nbrefine.refine.write.base import BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbrefine.recording.facts import Recording
    from nbrefine.refine.plan.plan import Request

MEMORY = ".nbrefine/refine.json"
TESTED = ".nbrefine/tested.json"
_DIGESTS = ".nbrefine/digests.json"
_IGNORE = ".nbrefine/.gitignore"
# What a proof or an update needs, wherever the project is cloned to; the rest is of this machine.
SHARED = (RECORDING, KEPT, WRITTEN, LEFT, MOVED, PATHS, TESTED, NEEDED, BASE, _IGNORE)
_IGNORED = "# nbrefine needs what is named here.\n/*\n" + "".join(
    f"!/{each.removeprefix('.nbrefine/')}\n" for each in SHARED
)
# Whose change makes a recording worthless, in words.
_WORDS = {
    "notebook": "the notebook has",
    "executed": "the executed notebook has",
    "basis": "what stands for a run has",
    "python": "the interpreter has",
    "kernel": "the kernel has",
    "runs": "the number of runs has",
    "timeout": "the time limit has",
    "threads": "how many threads libraries use has",
    "nbrefine": "nbrefine has",
    "names of files": "what lies beside the notebook has",
    "packages": "the installed packages have",
}
# What counts for another question too.
_ALWAYS = ("written", "data", "finished")
# What a project holds beside what was written to it: what builds and what nbrefine keep.
_OWN = frozenset({".nbrefine", "build"})

Answer = Stored | str
"""How a value is stored, or why it cannot be."""


class Memory:
    """What is known of a refinement, in the project's own folder.

    Parameters
    ----------
    root
        The project's folder.
    folder
        The notebook's own.
    question
        What is asked for, see `asked`: what was found out for another question does not count.

    Attributes
    ----------
    recording
        That of an earlier call, if nothing has changed that it depends on.
    reason
        What has changed, if something has.
    """

    def __init__(self, root: Path, folder: Path, question: Mapping[str, str]) -> None:
        self._root, self._folder, self._question = root, folder, dict(question)
        self._digests = DigestCache(root / _DIGESTS)
        self._said = _read(root / MEMORY)
        self.recording: Recording | None = None
        self.reason = self._take_up() if "question" in self._said else ""
        if self.recording is None:
            self._said = {name: self._said[name] for name in _ALWAYS if name in self._said}

    def _take_up(self) -> str:
        """Take up the recording of an earlier call, or say what it depends on has changed."""
        if changed := _differing(self._said["question"], self._question):
            return f"{_WORDS[changed]} changed"
        try:
            recording = read_recording(self._root / RECORDING)
        except (OSError, ValueError):
            return "the earlier recording cannot be read"
        around = self._found(recording)
        if changed := _differing(self._said.get("found", {}), around):
            return f"{_WORDS.get(changed) or shown(Path(changed)) + ' has'} changed"
        self.recording = recording
        return ""

    def _found(self, recording: Recording) -> dict[str, str]:
        ours = self._said.get("written", ())
        return found(recording, self._folder, self._root, self._digests, ours)

    @property
    def unfinished(self) -> bool:
        """Whether an earlier call has begun with this project and did not come to its end."""
        return not self._said.get("finished", True)

    def begin(self, recording: Recording, kept: Path) -> None:
        """Keep a recording, and the copies of files that go with it."""
        self.recording = recording
        shutil.rmtree(self._root / KEPT, ignore_errors=True)
        shutil.copytree(kept, self._root / KEPT)
        write_recording(recording, self._root / RECORDING)
        self._said |= {
            "question": self._question,
            "found": self._found(recording),
        }
        self._save(finished=False)

    def will_write(self, content: Mapping[str, str | bytes], data: Iterable[str]) -> None:
        """Note which files of the project are ours, before they are written.

        Parameters
        ----------
        content
            Path relative to the root, and text or bytes.
        data
            Where links to data will be, or copies, which are never overwritten.
        """
        self._said["data"] = sorted({*self._said.get("data", ()), *data})
        written = self._said.setdefault("written", {})
        for path, text in content.items():
            digests = written.setdefault(path, [])
            raw = text if isinstance(text, bytes) else text.encode()
            if (digest := hashlib.sha256(raw).hexdigest()) not in digests:
                digests.append(digest)
        self._save(finished=False)

    def finish(self) -> None:
        """Note that the work has come to its end: the project is its user's from now on."""
        for name in ("written", "data", "retreat"):
            self._said.pop(name, None)
        self._save(finished=True)

    def _save(self, *, finished: bool) -> None:
        self._said["finished"] = finished
        write_atomic(self._root / _IGNORE, _IGNORED)
        text = json.dumps(self._said, indent=1, sort_keys=True)
        write_atomic(self._root / MEMORY, text + "\n")
        self._digests.save()

    def know(self, formats: Mapping[Request, Answer]) -> None:
        """Keep how values are stored."""
        self._said["formats"] = [
            [after, names, how if isinstance(how, str) else asdict(how)]
            for (after, names), how in sorted(formats.items(), key=lambda pair: pair[0])
        ]
        self._save(finished=False)

    def remembering(
        self, find: Callable[[Sequence[Request]], Mapping[Request, Answer | None]]
    ) -> Callable[[Sequence[Request]], Mapping[Request, Answer | None]]:
        """Return what finds out how values are stored, and tries nothing that was tried before."""
        known = {
            (after, tuple(names)): _answer(raw)
            for after, names, raw in self._said.get("formats", ())
        }

        def look(requests: Sequence[Request]) -> dict[Request, Answer | None]:
            new = [each for each in requests if each not in known]
            if new:
                known.update({each: how for each, how in find(new).items() if how is not None})
                self.know(known)
            return {each: known.get(each) for each in requests}

        return look

    def retreated(self, wishes: Wishes, reasons: Sequence[str]) -> None:
        """Keep what has been given up so far."""
        self._said["retreat"] = {"wishes": asdict(wishes), "reasons": list(reasons)}
        self._save(finished=False)

    def retreat(self, steps: int | None) -> tuple[Wishes, list[str]]:
        """Return what an earlier call had given up when it was interrupted.

        Parameters
        ----------
        steps
            How many steps are wanted; what was given up for another number does not count.
        """
        raw = self._said.get("retreat")
        if not self.unfinished or raw is None or raw["wishes"]["steps"] != steps:
            return Wishes(steps=steps), []
        bonds = tuple(Bond(**each) for each in raw["wishes"]["bonds"])
        lists = {key: tuple(raw["wishes"].get(key, ())) for key in ("as_written", "unmendable")}
        return Wishes(**{**raw["wishes"], "bonds": bonds, **lists}), list(raw["reasons"])

    def left_over(self) -> frozenset[str]:
        """Return the files that an interrupted call wrote and that nobody has touched since."""
        if not self.unfinished:
            return frozenset()
        return frozenset(
            path
            for path, digests in self._said.get("written", {}).items()
            if (self._root / path).is_file() and digest_file(self._root / path) in digests
        )

    def owns_all(self) -> bool:
        """Whether the project holds nothing but what an interrupted call has left there."""
        left = self.left_over()
        data = tuple(f"{path}/" for path in self._said.get("data", ()))
        return self.unfinished and all(
            path in left or f"{path}/".startswith(data) for path in _files(self._root)
        )


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return the first key whose values differ; empty if there is none."""
    keys = dict.fromkeys((*now, *before))
    return next((key for key in keys if before.get(key) != now.get(key)), "")


def is_unfinished(root: Path) -> bool:
    """Whether a project was begun and its refine did not come to its end."""
    return not _read(root / MEMORY).get("finished", True)


def _files(root: Path) -> Iterable[str]:
    """Return the files in a project, links and what builds make left out."""
    for place, folders, names in os.walk(root):
        here = Path(place)
        if here == root:
            folders[:] = [name for name in folders if name not in _OWN]
        for name in names:
            if not (here / name).is_symlink():
                yield (here / name).relative_to(root).as_posix()


def _read(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _answer(raw: Any) -> Answer:  # noqa: ANN401  (JSON)
    if isinstance(raw, str):
        return raw
    lists = {name: tuple(part) for name, part in raw.items() if isinstance(part, list)}
    return Stored(**{**raw, **lists})
