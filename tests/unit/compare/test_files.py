"""Files are compared by what they hold."""

from __future__ import annotations

import base64
import gzip
import io
import zipfile
from itertools import count
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from nbrefine.compare.files import compare_contents
from nbrefine.compare.verdict import Verdict

if TYPE_CHECKING:
    from conftest import Outputs


def verdict(name: str, old: bytes, new: bytes) -> Verdict:
    found = compare_contents(name, old, new)
    return Verdict.EQUAL if found is None else found.verdict


def archive(core: str, sheet: str, year: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for name, text in (("docProps/core.xml", core), ("sheet.xml", sheet)):
            pack.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("a.csv", b"x,y\n1,0.3\n", b"x,y\n1,0.30000000000000004\n", Verdict.WITHIN_TOLERANCE),
        ("a.csv", b"x,y\n1,0.3\n", b"x,y\n1,0.4\n", Verdict.DIFFERENT),
        ("a.json", b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', Verdict.EQUAL),
        ("a.json", b'{"a": 1', b'{"a": 2', Verdict.DIFFERENT),
        ("a.txt", b'{"a": 1, "b": 2}', b'{"b": 2, "a": 1}', Verdict.DIFFERENT),
        ("a.bin", b"\xff\x00", b"\xff\x01", Verdict.DIFFERENT),
        (
            "a.pdf",
            b"%PDF /CreationDate (D:2026) \xff body",
            b"%PDF /CreationDate (D:2027) \xff body",
            Verdict.EQUAL,
        ),
        (
            "a.pdf",
            b"%PDF /CreationDate (D:2026) \xff body",
            b"%PDF /CreationDate (D:2026) \xff text",
            Verdict.DIFFERENT,
        ),
        ("a.xlsx", archive("mon", "<1/>", 2026), archive("tue", "<1/>", 2027), Verdict.EQUAL),
        ("a.xlsx", archive("mon", "<1/>", 2026), archive("mon", "<2/>", 2026), Verdict.DIFFERENT),
        ("a.csv.gz", gzip.compress(b"1\n", mtime=1), gzip.compress(b"1\n", mtime=2), Verdict.EQUAL),
        (
            "a.csv.gz",
            gzip.compress(b"1\n", mtime=1),
            gzip.compress(b"2\n", mtime=1),
            Verdict.DIFFERENT,
        ),
        (
            "a.csv.gz",
            gzip.compress(b"1\n", mtime=1),
            gzip.compress(b"2\n", mtime=1)[:-9],
            Verdict.DIFFERENT,
        ),
    ],
    ids=count(),
)
def test_stamps_are_passed_over_and_content_is_not(
    name: str, old: bytes, new: bytes, expected: Verdict
) -> None:
    """Text has tolerance, JSON no order; when a file was written is no content."""
    assert old != new
    assert verdict(name, old, new) is expected


def test_pictures_are_compared_by_pixels(out: type[Outputs]) -> None:
    """As in outputs."""
    pixels = out.plain_picture()
    near = pixels.copy()
    near[0, 0] = 250
    old, new = (base64.b64decode(out.png(picture)) for picture in (pixels, near))
    assert verdict("plot.png", old, new) is Verdict.WITHIN_TOLERANCE
    assert verdict("plot.png", old, old[:100]) is Verdict.DIFFERENT


def test_tables_are_compared_by_columns() -> None:
    """Compression is no content; NaN equals NaN; values, types and rows count."""
    frame = pd.DataFrame({"a": [1, 2], "b": [0.5, None]})

    def parquet(table: pd.DataFrame, compression: str = "snappy") -> bytes:
        return table.to_parquet(compression=compression)

    old = parquet(frame)
    assert verdict("t.parquet", old, parquet(frame, "gzip")) is Verdict.EQUAL
    changed = compare_contents("t.parquet", old, parquet(frame.assign(b=[0.5, 1.0])))
    assert changed is not None
    assert changed.message == "column b of t.parquet differs"
    assert verdict("t.parquet", old, parquet(frame.astype({"a": "int32"}))) is Verdict.DIFFERENT
    assert verdict("t.parquet", old, parquet(frame[:1])) is Verdict.DIFFERENT
    assert verdict("t.parquet", old, b"PAR1 broken \xff") is Verdict.DIFFERENT
