"""What a product says: a digest that leaves out what is new in every run.

Two dumps of one model, or two archives of the same files, differ in their bytes by addresses and
times; steps below are not to run for that.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from nbrefine.files.digest import digest_file, digest_json
from nbrefine.pipeline.ledger_rows import Made
from nbrefine.pipeline.observed import stored_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ARCHIVES = frozenset({".zip", ".npz", ".skops", ".xlsx", ".docx", ".pptx", ".whl"})
_LOOKED_INTO = _ARCHIVES | {".gz", ".ipynb"}


def content_digest(path: Path) -> str:
    """Return what identifies what a file says.

    Parameters
    ----------
    path
        The file. Archives, gzip files, skops files and notebooks are looked into; of anything
        else, or of what is not what its name says, all bytes count.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found = _inner(path) if is_looked_into(path) and not path.is_dir() else ""
    return found or digest_file(path)


def is_looked_into(path: Path) -> bool:
    """Whether of such a file not simply all bytes count."""
    return path.suffix.lower() in _LOOKED_INTO


def made(path: Path, root: Path, final: Path | None = None) -> Made:
    """Look at a product that has just been made; `final` says where it belongs if not there."""
    digest = digest_file(path)
    content = content_digest(path) if is_looked_into(path) else digest
    return Made(stored_path(final or path, root), digest, content)


def _inner(path: Path) -> str:
    """Digest what is within a file; empty if it is not what its name says."""
    if path.suffix.lower() == ".ipynb":
        return _notebook(path)
    from nbrefine.pipeline import archives  # noqa: PLC0415  (few products are any)

    zipped = path.suffix.lower() in _ARCHIVES
    return archives.archive_content(path) if zipped else archives.gzip_content(path)


def _notebook(path: Path) -> str:
    """Digest a notebook without counts, identifiers and times."""
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        document = json.loads(path.read_bytes())
        cells = [
            [cell["cell_type"], "".join(cell["source"]), [*map(_output, cell.get("outputs", []))]]
            for cell in document["cells"]
        ]
        return digest_json(cells)
    return ""


def _output(output: Mapping[str, object]) -> dict[str, object]:
    return {key: each for key, each in output.items() if key not in {"execution_count", "metadata"}}
