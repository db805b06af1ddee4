"""A stand-in for the notebook's folder, to run it without changing anything of the user's."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

# Code is copied, so that where a module says it lies is in the shadow; data are linked.
_COPIED = frozenset({".py", ".ipynb", ".toml", ".cfg", ".ini", ".env"})
_LEFT_OUT = frozenset({".git", ".hg", "__pycache__", ".ipynb_checkpoints", "node_modules"})
_MOST_ENTRIES = 20_000
# Who writes behind Python's back would write through a link: then data are copied too.
_WRITES_UNSEEN = re.compile(
    r"^\s*(?:\w+\s*=\s*)?!|^\s*%%?(?:bash|sh|script|sx|system|!)|\b(?:subprocess|popen|os\.system)\b"
    r"|\b(?:h5py|netCDF4|tables|duckdb|zarr|HDFStore|to_hdf|to_netcdf|memory_map|OSFile)\b",
    re.MULTILINE,
)
_LARGEST_COPY, _MOST_COPIED = 64 << 20, 1 << 30
_UPWARDS = re.compile(r"\.\.(?:[/\\]\.\.)*")


class Shadow:
    """A temporary folder that looks like the notebook's, for the time of a ``with`` block.

    The files in it are links to the user's, parted from them before they are written (by the
    observer in the kernel); or copies, where the notebook has means to write that Python does not
    tell of, such as a shell. What the notebook's paths climb to with ``..`` is there too.

    Parameters
    ----------
    folder
        The notebook's own folder.
    sources
        Text of the notebook's cells; it says how far up its paths climb.
    """

    def __init__(self, folder: Path, sources: Iterable[str] = ()) -> None:
        self._original = folder.resolve()
        texts = list(sources)
        self._climb = _highest_climb(texts)
        self._entries = 0
        self._left = _MOST_COPIED if any(map(_WRITES_UNSEEN.search, texts)) else 0

    def __enter__(self) -> Self:
        """Make it."""
        base = Path(os.path.realpath(tempfile.mkdtemp(prefix="nbrefine-")))
        self._base = base
        self.backup = base / "backup"
        self.backup.mkdir()
        self.top = self._original
        for _ in range(self._climb):
            if self.top.parent in (self.top, Path.home().parent, Path("/")):
                break
            self.top = self.top.parent
        self.root = base / "run" / (self.top.name or "root")
        self.root.parent.mkdir()
        self.folder = self.root / self._original.relative_to(self.top)
        self._mirror(self.top, self.root)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put back what was overwritten elsewhere, and remove the shadow."""
        self.restore()
        shutil.rmtree(self._base, ignore_errors=True)

    def restore(self) -> tuple[str, ...]:
        """Put back the files outside of the shadow that the notebook overwrote.

        Returns
        -------
        tuple of str
            Their paths.
        """
        journal = self.backup / "journal"
        if not journal.exists():
            return ()
        lines = journal.read_text(encoding="utf-8").splitlines()
        entries = [line.split("\0") for line in lines]
        for number, path in entries:
            shutil.copy2(self.backup / number, path)
        journal.unlink()
        return tuple(path for _, path in entries)

    def original(self, text: str) -> str:
        """Say of a path in the shadow, or a text that holds such, what it is in the original.

        A text may be cut off in the midst of the path.
        """
        if str(self._base) not in text:
            return text
        whole = text.replace(str(self.root), str(self.top))
        return whole.replace(str(self.root.parent), str(self.top.parent))

    def _mirror(self, source: Path, target: Path) -> None:
        """Make a folder like another; below the first levels of a large one, folders are links."""
        target.mkdir()
        on_the_way = self._original.is_relative_to(source)
        with os.scandir(source) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.name in _LEFT_OUT:
                    continue
                self._entries += 1
                here = target / entry.name
                ahead = on_the_way and self._original.is_relative_to(entry.path)
                if entry.is_dir() and (ahead or self._is_mirrored(entry)):
                    self._mirror(Path(entry.path), here)
                elif entry.is_file() and self._is_copied(entry):
                    shutil.copy2(entry.path, here)
                else:
                    here.symlink_to(os.path.realpath(entry.path))

    def _is_copied(self, entry: os.DirEntry[str]) -> bool:
        """Tell whether a file gets a copy: code always, data where a link would not protect it."""
        if Path(entry.name).suffix in _COPIED:
            return True
        size = entry.stat().st_size
        if size > min(self._left, _LARGEST_COPY) or not os.access(entry.path, os.R_OK):
            return False
        self._left -= size
        return self._left > 0

    def _is_mirrored(self, entry: os.DirEntry[str]) -> bool:
        """Tell whether a folder gets a real stand-in, which it needs if code lies in it."""
        environment = os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))  # noqa: PTH110, PTH118
        readable = os.access(entry.path, os.R_OK | os.X_OK)
        few = self._entries < _MOST_ENTRIES
        return readable and few and not (entry.is_symlink() or environment)


def _highest_climb(sources: Iterable[str]) -> int:
    return max(
        (match.count("..") for source in sources for match in _UPWARDS.findall(source)), default=0
    )
