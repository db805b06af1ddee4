"""Finds the inputs that a run had, by their digests: in the project, in the cache, in git."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.files.digest import digest_file
from nbrefine.pipeline.content import content_digest
from nbrefine.pipeline.fingerprint import ABSENT, CHANGED_MEANWHILE

if TYPE_CHECKING:
    from pathlib import Path

    from nbrefine.pipeline.ledger import Ledger
    from nbrefine.pipeline.ledger_rows import Published, Run

_PATIENCE = 60.0
_OUTSIDE = "`{}` lies outside of the project, and is another now"


@dataclass(frozen=True)
class RecordedInputs:
    """Where the inputs and source texts of earlier runs may still be.

    Parameters
    ----------
    ledger
        The project's ledger, which keeps source texts.
    cache
        The folder of the project's cache of products.
    """

    ledger: Ledger
    cache: Path

    def put_sources(self, row: Published, folder: Path) -> list[str]:
        """Write the source texts of a run into a folder; return what is missing, in words."""
        missing = []
        for name, digest in row.sources.items():
            target = folder / name
            if _is_outside(target, folder):
                missing += [] if _digest(target) == digest else [_OUTSIDE.format(name)]
                continue
            content = self.ledger.kept(digest)
            if content is None:
                content = self._from_project(name, digest)
            if content is None:
                missing.append(f"`{name}` as it was is not kept any more")
            else:
                write_atomic(target, content)
        return missing

    def put_file(self, name: str, digest: str, run: Run | None, folder: Path) -> str:
        """Write an input of a run into a folder.

        Parameters
        ----------
        name
            Its path, as `stored_path` has it.
        digest
            What is recorded of it.
        run
            The build that read it.
        folder
            Where to.

        Returns
        -------
        str
            In words, what is wrong; empty if it is there now as it was.
        """
        if digest == ABSENT:
            return ""
        if digest == CHANGED_MEANWHILE:
            return f"`{name}` changed while it was read: nobody knows which state of it was used"
        target = folder / name
        if _is_outside(target, folder):
            return "" if _is(target, digest) else _OUTSIDE.format(name)
        current = self.ledger.root / name
        if _is(current, digest):
            _copy(current, target)
            return ""
        content = self._from_cache(digest)
        if content is None:
            content = self._from_git(name, digest, run)
        if content is None:
            gone = "is another now" if current.exists() else "is gone"
            return f"`{name}` {gone}, and is neither in the cache nor in git as it was"
        write_atomic(target, content)
        return ""

    def _from_cache(self, digest: str) -> bytes | None:
        blob = self.cache / "blobs" / digest
        return blob.read_bytes() if _digest(blob) == digest else None

    def _from_project(self, name: str, digest: str) -> bytes | None:
        path = self.ledger.root / name
        return path.read_bytes() if _digest(path) == digest else None

    def _from_git(self, name: str, digest: str, run: Run | None) -> bytes | None:
        commit = run.facts.get("commit") if run else None
        if not isinstance(commit, str):
            return None
        command = ["git", "-C", str(self.ledger.root), "show", f"{commit}:./{name}"]
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, timeout=_PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        same = done.returncode == 0 and hashlib.sha256(done.stdout).hexdigest() == digest
        return done.stdout if same else None


def _is_outside(path: Path, folder: Path) -> bool:
    return not path.is_relative_to(folder) or ".." in path.parts


def _is(path: Path, digest: str) -> bool:
    """Whether a file has these bytes, or says the same."""
    try:
        return digest in {digest_file(path), content_digest(path)}
    except OSError:
        return False


def _digest(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError:
        return ""


def _copy(source: Path, target: Path) -> None:
    if not source.is_dir():
        write_atomic(target, source.read_bytes())
        return
    for path in source.rglob("*"):
        if path.is_file():
            write_atomic(target / path.relative_to(source), path.read_bytes())
