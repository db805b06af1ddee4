"""What decides what a notebook shows, as digests: where none has changed, a recording holds."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.engine.kernels import THREADS, cores
from nbrefine.files.digest import DigestCache, digest_file

if TYPE_CHECKING:
    from collections.abc import Collection

    from nbrefine.recording.facts import Recording
    from nbrefine.refine.options import Options

# What a run leaves out too, or leaves behind.
_LEFT_OUT = frozenset({".git", ".hg", ".nbrefine", ".ipynb_checkpoints", "__pycache__"})
_MOST = 20_000
# Files that a notebook may import or be configured by, whoever reads them.
_CODE = frozenset({".py", ".toml", ".cfg", ".ini", ".env"})


def asked(notebook: Path, options: Options) -> dict[str, str]:
    """Say what was asked for: the notebook, the options that a run depends on, nbrefine itself.

    Parameters
    ----------
    notebook
        The notebook's file.
    options
        What the user wants.

    Returns
    -------
    dict of str to str
        Equal for equal questions.
    """
    executed = options.record_from
    return {
        "notebook": digest_file(notebook),
        "executed": "" if executed is None else _digest(executed, DigestCache(None)),
        "basis": str(options.basis),
        "python": options.python or "",
        "kernel": options.kernel or "",
        "runs": str(options.runs),
        "timeout": str(options.timeout),
        "threads": _threads(),
        "nbrefine": own_code(),
    }


def _threads() -> str:
    """Say how many threads libraries use: sums in another order have other last digits."""
    told = [f"{name}={os.environ[name]}" for name in THREADS if name in os.environ]
    return " ".join([f"{cores()} cores", *told])


@cache
def own_code() -> str:
    """Return a digest of nbrefine's own code."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package)}\0{digest_file(path)}\n".encode())
    return digest.hexdigest()


def found(
    recording: Recording,
    folder: Path,
    root: Path,
    digests: DigestCache,
    ours: Collection[str] = (),
) -> dict[str, str]:
    """Say what a run has found around it: data, modules, packages.

    Parameters
    ----------
    recording
        The run.
    folder
        The notebook's own folder.
    root
        The project's folder; what is in it does not count, unless it is the notebook's own.
    digests
        What is known of files already.
    ours
        Files that refine itself has written, as paths from the root.

    Returns
    -------
    dict of str to str
        By path, or by what else it is. A run that found the same shows the same, as far as
        anything but chance and the world outside of this machine decides about it.
    """
    folder, root = folder.resolve(), root.resolve()
    written = {root / path for path in ours}
    names = sorted(name for name in _files(folder, root) if folder / name not in written)
    read = {path for record in recording.cells for path in record.files_read}
    code = {str(folder / name) for name in names if Path(name).suffix in _CODE}
    listing = hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()
    return {
        "names of files": listing,
        "packages": installed(Path(recording.python.executable)),
        **{path: _digest(Path(path), digests) for path in sorted(read | code)},
    }


def installed(python: Path) -> str:
    """Say when something was last installed for an interpreter, or taken away."""
    stamps = [str(python)]
    folders = sorted(python.parent.parent.glob("lib*/python*/*-packages"))
    stamps += [f"{folder} {folder.stat().st_mtime_ns}" for folder in folders]
    return "\n".join(stamps)


def _files(folder: Path, root: Path) -> list[str]:
    """Return the files in a folder and below; of a very large one, the first."""
    names: list[str] = []
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [
            name
            for name in sorted(folders)
            if name not in _LEFT_OUT and here / name not in (root, root / "build")
        ]
        names += [os.path.relpath(here / name, folder) for name in sorted(files)]
        if len(names) > _MOST:
            break
    return names[:_MOST]


def _digest(path: Path, digests: DigestCache) -> str:
    """Digest a file; one that cannot be read is told from all others."""
    try:
        return digests.digest(path)
    except OSError:
        return "unreadable"
