"""Compare files by what they hold: pictures, tables, models, text; else byte by byte."""

from __future__ import annotations

import base64
import gzip
import io
import json
import re
import zipfile
import zlib
from pathlib import PurePath
from typing import TYPE_CHECKING

from nbrefine.compare.parts import PartDifference, compare_part
from nbrefine.compare.pickles import is_pickle, same_pickles
from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_MARKUP = {
    ".html": "text/html",
    ".htm": "text/html",
    ".svg": "image/svg+xml",
}
_JSON = {".json", ".ipynb", ".geojson"}
# When it was written, and a digest of that.
_PDF_STAMPS = re.compile(rb"/(?:CreationDate|ModDate) ?\(.*?\)|/ID ?\[.*?\]", re.DOTALL)
# The same in a workbook or document of Office.
_OFFICE_PROPERTIES = "docProps/core.xml"


def compare_files(
    old: Path, new: Path, *, name: str = "", folders: Sequence[str] = ()
) -> PartDifference | None:
    """Compare two files.

    Parameters
    ----------
    old, new
        What was written and what is.
    name
        What the file is called, if that is not the name of `new`; its suffix says what it holds.
    folders
        As in `nbrefine.compare.normalise.normalise`.

    Returns
    -------
    PartDifference or None
        None if they hold the same.
    """
    return compare_contents(name or new.name, old.read_bytes(), new.read_bytes(), folders)


def compare_contents(
    name: str, old: bytes, new: bytes, folders: Sequence[str] = ()
) -> PartDifference | None:
    """Compare the contents of two files of one name."""
    if old == new:
        return None
    if all(zipfile.is_zipfile(io.BytesIO(content)) for content in (old, new)):
        return _compare_archives(old, new, folders)
    if is_pickle(old) and is_pickle(new):
        return None if same_pickles(old, new) else _bytes_differ(old, new)
    suffix = PurePath(name).suffix.lower()
    return _BY_SUFFIX.get(suffix, _compare_text)(name, old, new, folders)


def _compare_text(
    name: str, old: bytes, new: bytes, folders: Sequence[str]
) -> PartDifference | None:
    """Compare text, markup and JSON; what is none of these byte by byte."""
    suffix = PurePath(name).suffix.lower()
    try:
        texts = [part.decode("utf-8") for part in (old, new)]
        parts = [json.loads(text) for text in texts] if suffix in _JSON else texts
    except ValueError:
        return _bytes_differ(old, new)
    mime = _MARKUP.get(suffix, "text/plain")
    return compare_part(mime, parts[0], parts[1], folders=folders)


def _compare_picture(
    name: str, old: bytes, new: bytes, folders: Sequence[str]
) -> PartDifference | None:
    """Compare pictures by pixels."""
    del name, folders
    return compare_part("image/png", *(base64.b64encode(part).decode() for part in (old, new)))


def _compare_pdf(
    name: str, old: bytes, new: bytes, folders: Sequence[str]
) -> PartDifference | None:
    """Compare all but when it was written."""
    del name, folders
    same = _PDF_STAMPS.sub(b"", old) == _PDF_STAMPS.sub(b"", new)
    return None if same else _bytes_differ(old, new)


def _bytes_differ(old: bytes, new: bytes) -> PartDifference:
    message = f"the content differs ({len(old)} bytes before, {len(new)} now)"
    return PartDifference(Verdict.DIFFERENT, message)


def _compare_unpacked(
    name: str, old: bytes, new: bytes, folders: Sequence[str]
) -> PartDifference | None:
    """Compare what was compressed: the time of compressing is in the file too."""
    try:
        old, new = gzip.decompress(old), gzip.decompress(new)
    except (OSError, EOFError, zlib.error):
        return _bytes_differ(old, new)
    return compare_contents(PurePath(name).stem, old, new, folders)


def _compare_archives(old: bytes, new: bytes, folders: Sequence[str]) -> PartDifference | None:
    """Compare the members of two zip files: workbooks, ``.npz``, models."""
    with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(io.BytesIO(new)) as after:
        names = [
            {name for name in archive.namelist() if name != _OFFICE_PROPERTIES}
            for archive in (before, after)
        ]
        if changed := sorted(names[0] ^ names[1]):
            message = f"the archive had or has no {', '.join(changed)}"
            return PartDifference(Verdict.DIFFERENT, message)
        found = []
        for name in sorted(names[0]):
            part = compare_contents(name, before.read(name), after.read(name), folders)
            if part is not None:
                found.append(PartDifference(part.verdict, f"in {name}, {part.message}"))
    return max(found, key=lambda part: list(Verdict).index(part.verdict), default=None)


def _compare_parquet(
    name: str, old: bytes, new: bytes, folders: Sequence[str]
) -> PartDifference | None:
    """Compare two tables with their schemas; how a file is cut into groups does not matter."""
    del folders
    try:
        import pyarrow as pa  # noqa: PLC0415  (only where such a file is compared)
        import pyarrow.parquet as pq  # noqa: PLC0415  (as above)
    except ImportError:
        return _bytes_differ(old, new)
    try:
        before, after = (pq.read_table(pa.BufferReader(content)) for content in (old, new))
    except pa.ArrowInvalid:
        return _bytes_differ(old, new)
    if before.schema != after.schema:
        return PartDifference(Verdict.DIFFERENT, "the columns or their types differ")
    if before.num_rows != after.num_rows:
        message = f"the table had {before.num_rows} rows, and has {after.num_rows}"
        return PartDifference(Verdict.DIFFERENT, message)
    for column in before.column_names:
        # For pandas NaN is equal to NaN.
        if not before[column].to_pandas().equals(after[column].to_pandas()):
            return PartDifference(Verdict.DIFFERENT, f"column {column} of {name} differs")
    return None


_BY_SUFFIX = {
    ".gz": _compare_unpacked,
    ".parquet": _compare_parquet,
    ".pq": _compare_parquet,
    ".pdf": _compare_pdf,
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".gif", ".webp"), _compare_picture),
}
