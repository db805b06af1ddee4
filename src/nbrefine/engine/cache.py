"""Products kept by the fingerprint that made them, so that going back restores and does not run.

A blob is named by its content's digest, an entry by a fingerprint; both appear whole or not at
all. So processes, also of several machines on a shared disk, can write and prune at once: the worst
that happens is that an entry is missed.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbrefine.files.atomic import write_atomic
from nbrefine.pipeline.observed import Observed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbrefine.pipeline.fingerprint import Fingerprint

DEFAULT_BYTES = 10 * 2**30
_GRACE_SECONDS = 600.0
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Entry:
    """What one run of a step made.

    Parameters
    ----------
    files
        Digest of each file's content, by the path relative to the project's root.
    note
        What else is to be known about the run, as JSON.
    """

    files: Mapping[str, str]
    note: Mapping[str, Any]


class Cache:
    """A folder of products by fingerprint.

    Parameters
    ----------
    folder
        Where; it is made when something is put in.
    most
        Bytes that it may hold; when there is more, what was not used longest goes.
    """

    def __init__(self, folder: Path, most: int = DEFAULT_BYTES) -> None:
        self._folder, self._most = folder, most

    def put(
        self,
        fingerprint: Fingerprint,
        files: Mapping[str, Path],
        observed: Observed,
        note: Mapping[str, Any],
    ) -> None:
        """Keep the files of a run.

        Parameters
        ----------
        fingerprint
            The run's.
        files
            Where each file is, by its path relative to the project's root.
        observed
            What the run was seen to use: who looks for its products does not know yet.
        note
            What else is to be known about the run.
        """
        digests = {name: self._put_blob(path) for name, path in files.items()}
        entry = {"files": digests, "note": dict(note)}
        write_atomic(self._entry(fingerprint.key), json.dumps(entry, sort_keys=True))
        seen = self._seen(fingerprint.static_key) / f"{fingerprint.key}.json"
        write_atomic(seen, json.dumps(observed.as_json(), sort_keys=True))

    def observed(self, static_key: str) -> Iterator[Observed]:
        """Return what the runs used that began with a static key, each way of using once."""
        found = set()
        for file in sorted(self._seen(static_key).glob("*.json")):
            try:
                found.add(Observed.from_json(json.loads(file.read_text("utf-8"))))
            except (OSError, ValueError, TypeError):
                continue
        yield from found

    def has(self, key: str) -> bool:
        """Tell whether there are products of a fingerprint, as far as names can tell."""
        entry = self.get(key)
        return entry is not None and all(
            self._blob(each).is_file() for each in entry.files.values()
        )

    def get(self, key: str) -> Entry | None:
        """Return what is known of a fingerprint's run; None if nothing is, or it is damaged."""
        try:
            entry = json.loads(self._entry(key).read_text("utf-8"))
            return Entry(entry["files"], entry["note"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def restore(self, key: str, places: Mapping[str, Path]) -> bool:
        """Copy the files of a run to where they are wanted.

        Parameters
        ----------
        key
            The run's fingerprint.
        places
            Where to, by the path relative to the project's root.

        Returns
        -------
        bool
            Whether all are there, with the content that they had; if not, what was copied is worth
            nothing.
        """
        entry = self.get(key)
        if entry is None or entry.files.keys() != places.keys():
            return False
        for name, digest in entry.files.items():
            places[name].parent.mkdir(parents=True, exist_ok=True)
            try:
                if _copy(self._blob(digest), places[name]) != digest:
                    self._blob(digest).unlink(missing_ok=True)
                    return False
            except OSError:
                return False
        with suppress(OSError):
            os.utime(self._entry(key))
        return True

    def prune(self) -> int:
        """Remove entries that were not used longest, until what is left fits.

        Returns
        -------
        int
            How many were removed.
        """
        used = sorted(self._entries(), key=_time, reverse=True)
        kept: set[str] = set()
        size, removed = 0, 0
        for path in used:
            entry = self.get(path.stem)
            digests = set(entry.files.values()) - kept if entry else set()
            more = sum(self._size(digest) for digest in digests)
            if entry is None or size + more > self._most:
                path.unlink(missing_ok=True)
                for seen in (self._folder / "seen").glob(f"*/{path.name}"):
                    seen.unlink(missing_ok=True)
                removed += 1
            else:
                size += more
                kept |= digests
        self._remove_blobs(kept)
        return removed

    def clear(self) -> None:
        """Remove everything."""
        import shutil  # noqa: PLC0415  (takes long, for who only plans)

        shutil.rmtree(self._folder, ignore_errors=True)

    def _put_blob(self, path: Path) -> str:
        folder = self._folder / "blobs"
        folder.mkdir(parents=True, exist_ok=True)
        import tempfile  # noqa: PLC0415  (takes long, for who only plans)

        handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
        os.close(handle)
        temporary = Path(name)
        try:
            digest = _copy(path, temporary)
            temporary.replace(self._blob(digest))
        finally:
            temporary.unlink(missing_ok=True)
        return digest

    def _remove_blobs(self, kept: Iterable[str]) -> None:
        """Remove blobs of no entry, but for those that an entry may be about to name."""
        names = {self._blob(digest).name for digest in kept}
        old = time.time() - _GRACE_SECONDS
        for path in (self._folder / "blobs").glob("*"):
            if path.name not in names and _time(path) < old:
                path.unlink(missing_ok=True)

    def _entries(self) -> Iterable[Path]:
        return (self._folder / "entries").glob("*.json")

    def _entry(self, key: str) -> Path:
        return self._folder / "entries" / f"{key}.json"

    def _blob(self, digest: str) -> Path:
        return self._folder / "blobs" / digest

    def _seen(self, static_key: str) -> Path:
        return self._folder / "seen" / static_key

    def _size(self, digest: str) -> int:
        try:
            return self._blob(digest).stat().st_size
        except OSError:
            return 0


def _copy(source: Path, target: Path) -> str:
    """Copy a file, and return the digest of what was copied."""
    digest = sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            writer.write(chunk)
    return digest.hexdigest()


def _time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
