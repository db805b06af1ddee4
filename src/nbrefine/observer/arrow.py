"""How columns of pyarrow are walked: by their buffers, whatever their chunks."""

from __future__ import annotations

import sys
from hashlib import blake2b
from typing import Any

from .known import once
from .walk import Walk, combine


def arrow_digest(walk: Walk, column: Any) -> bytes:
    """Return the digest of an array, or chunked array, of pyarrow, which never changes one."""
    return once(walk, column, _column)


def _column(walk: Walk, column: Any) -> bytes:
    types = sys.modules["pyarrow"].types
    kind = column.type
    chunks = column.chunks if hasattr(column, "chunks") else [column]
    walk.size += column.nbytes
    head = [str(kind).encode(), str(len(column)).encode(), _nulls(chunks)]
    if types.is_string(kind) or types.is_large_string(kind):
        return combine("arrow strings", [*head, *_strings(chunks, kind)])
    if types.is_primitive(kind) and not types.is_boolean(kind):
        return combine("arrow numbers", [*head, _numbers(chunks, kind)])
    return combine("arrow objects", [*head, walk.sequence("objects", column.to_pylist())])


def _nulls(chunks: Any) -> bytes:
    if not any(chunk.null_count for chunk in chunks):
        return b""
    hasher = blake2b(digest_size=16)
    for chunk in chunks:
        hasher.update(_null_mask(chunk).tobytes())
    return hasher.digest()


def _null_mask(chunk: Any) -> Any:
    return chunk.is_null().to_numpy(zero_copy_only=False)


def _numbers(chunks: Any, kind: Any) -> bytes:
    numpy = sys.modules["numpy"]
    hasher = blake2b(digest_size=16)
    width = kind.bit_width // 8
    for chunk in chunks:
        data = chunk.buffers()[1]
        if data is None or not len(chunk):
            continue
        raw = numpy.frombuffer(data, "u1")[chunk.offset * width :][: len(chunk) * width]
        if chunk.null_count:  # what lies behind a null is nobody's
            raw = raw.reshape(len(chunk), width).copy()
            raw[_null_mask(chunk)] = 0
        hasher.update(memoryview(raw).cast("B"))
    return hasher.digest()


def _strings(chunks: Any, kind: Any) -> tuple[bytes, bytes]:
    numpy = sys.modules["numpy"]
    lengths, text = blake2b(digest_size=16), blake2b(digest_size=16)
    width = "i8" if str(kind).startswith("large") else "i4"
    for chunk in chunks:
        if not len(chunk):
            continue
        _, offsets, data = chunk.buffers()
        ends = numpy.frombuffer(offsets, width)[chunk.offset :][: len(chunk) + 1]
        spans = numpy.diff(ends).astype("i8")
        if chunk.null_count and spans[_null_mask(chunk)].any():
            # text lies behind nulls: leave it out
            return _strings([_without_hidden_text(chunk) for chunk in chunks], kind)
        lengths.update(spans.tobytes())
        if data is not None:
            text.update(memoryview(data)[ends[0] : ends[-1]])
    return lengths.digest(), text.digest()


def _without_hidden_text(chunk: Any) -> Any:
    return sys.modules["pyarrow"].array(chunk.to_pylist(), type=chunk.type)
