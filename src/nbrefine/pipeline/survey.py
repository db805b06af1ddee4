"""What is looked at for all steps of a pipeline: files, modules, installed distributions."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import sysconfig
from dataclasses import dataclass, field
from importlib.util import decode_source
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.analysis.facts import Module, Uses
from nbrefine.analysis.modules import Finder
from nbrefine.environment.distributions import Distributions
from nbrefine.files.digest import DigestCache
from nbrefine.pipeline.code_memory import CodeMemory
from nbrefine.pipeline.content import content_digest, is_looked_into
from nbrefine.pipeline.fingerprint import ABSENT
from nbrefine.pipeline.own_folder import FOLDER, make_own_folder
from nbrefine.pipeline.source_memory import SourceMemory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_PYTHON = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "scripts"))


@dataclass(frozen=True)
class _Look:
    """What was seen since a look began."""

    files: dict[Path, str] = field(default_factory=dict)
    finders: dict[tuple[Path, tuple[str, ...]], Finder] = field(default_factory=dict)


class Survey:
    """Looks at a project's files, each once as long as it stays the same.

    One serves a whole build, also while files change.

    Parameters
    ----------
    root
        The project's folder.

    Attributes
    ----------
    distributions
        What is installed.
    memory
        What was read of code.
    sources
        What was read of sources.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.distributions = Distributions(root / FOLDER / "distributions.json")
        self._digests = DigestCache(root / FOLDER / "digests.json")
        self.memory = CodeMemory(root / FOLDER / "code.json")
        self.sources = SourceMemory(root)
        self._folders = tuple(self._import_folders())
        self._look: _Look | None = None

    @contextlib.contextmanager
    def one_look(self) -> Iterator[None]:
        """Look at each thing once until the end of a ``with`` block, in which nothing runs."""
        self._look = _Look()
        try:
            yield
        finally:
            self._look = None

    def file(self, path: Path) -> str:
        """Return the digest of a file's bytes, or `ABSENT`."""
        known = self._look.files if self._look else {}
        if path not in known:
            try:
                known[path] = self._digests.digest(path)
            except OSError:
                known[path] = ABSENT
        return known[path]

    def content(self, path: Path) -> str:
        """Return the digest of what a file says (`content_digest`), or `ABSENT`."""
        if not is_looked_into(path):
            return self.file(path)
        try:
            return self._digests.digest(path, "content", content_digest)
        except OSError:
            return ABSENT

    def module(self, file: Path) -> Module:
        """Return a module as pieces, read again when its file is another."""
        digest = self.file(file)
        if (known := self.memory.module(digest)) is not None:
            return known
        # What takes code apart is not loaded where nothing is new.
        from nbrefine.analysis.pieces import read_module  # noqa: PLC0415

        try:
            content = file.read_bytes()
            module = read_module(decode_source(content))
        except (OSError, ValueError, SyntaxError):
            return Module(digest, Uses(by_name=True), odd="it cannot be read")
        # By what was read, not by what was digested: somebody may write in between.
        self.memory.keep_module(hashlib.sha256(content).hexdigest(), module)
        return module

    def finder(self, source: Path, added: Iterable[str] = ()) -> Finder:
        """Return what finds the modules of a step.

        Parameters
        ----------
        source
            Its notebook: in JupyterLab its folder is on the import path.
        added
            Texts of statements that change ``sys.path``.
        """
        known = self._look.finders if self._look else {}
        named = tuple(sorted(added))
        key = (source.parent, named)
        if key not in known:
            known[key] = self._finder(source.parent, named)
        return known[key]

    def _finder(self, folder: Path, added: Iterable[str]) -> Finder:
        bases = (self.root, folder)
        named = [Path(os.path.normpath(base / text)) for text in added for base in bases]
        folders = [each for each in named if each.is_dir() and each != Path(each.anchor)]
        return Finder([*self._folders, folder, *folders])

    def save(self) -> None:
        """Keep what was learnt for the next time."""
        with contextlib.suppress(OSError):  # then there is nowhere to keep it
            make_own_folder(self.root)
            self._digests.save()
            self.memory.save()
            self.sources.save()

    def _import_folders(self) -> Iterable[Path]:
        """Return where modules are whose code may change without a new version.

        The project's root, ``src``, and what the environment and editable installs point to.
        """
        yield self.root
        yield self.root / "src"
        for entry in filter(None, sys.path):
            folder = Path(entry)
            python = folder.name in _INSTALLED or any(map(folder.is_relative_to, _PYTHON))
            if folder.is_dir() and not python:
                yield folder.resolve()
