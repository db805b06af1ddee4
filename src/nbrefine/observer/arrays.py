"""How arrays and tables are walked: numpy, pandas, pyarrow, torch; by column, without copies."""

from __future__ import annotations

import sys
from hashlib import blake2b
from typing import Any, Callable

from .arrow import arrow_digest
from .frames import columns
from .known import once
from .walk import Walk, combine

WHOLE_BYTES = 128 << 20
"""Of a larger buffer, only pieces are looked at."""
PIECES, PIECE_BYTES = 256, 1 << 16
_DTYPE_BYTES = 16


def walk_ndarray(walk: Walk, array: Any) -> bytes:
    """Walk a numpy array; views of one array reach that array."""
    root = array
    while getattr(root, "base", None) is not None and hasattr(root.base, "dtype"):
        root = root.base
    if root is array:
        walk.reach(array)
    else:
        walk.reach_behind(root)
    parts = [_values(walk, array)]
    if type(array).__name__ != "ndarray":  # a class of someone's may add attributes
        parts += [walk.encode(key) + walk.encode(part) for key, part in _extras(array)]
    return combine("ndarray " + type(array).__name__, parts)


def walk_masked(walk: Walk, array: Any) -> bytes:
    """Walk a masked array of numpy."""
    mask = array.mask  # numpy's own scalar where nothing is masked
    return combine("masked", [walk_ndarray(walk, array.data), walk.encode(mask)])


def walk_scalar(walk: Walk, scalar: Any) -> bytes:
    """Walk a scalar of numpy."""
    walk.size += scalar.nbytes
    return combine(f"scalar {scalar.dtype.str}", [scalar.tobytes()])


def walk_dtype(walk: Walk, dtype: Any) -> bytes:
    """Walk a dtype of numpy or pandas, which is what it prints."""
    walk.size += _DTYPE_BYTES
    return combine("dtype", [type(dtype).__name__.encode(), str(dtype).encode()])


def walk_generator(walk: Walk, generator: Any) -> bytes:
    """Walk a random generator of numpy by its state; the global one belongs to everybody."""
    if generator is getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None):
        return combine("global generator", [])
    walk.reach(generator)
    bits = getattr(generator, "bit_generator", None) or generator._bit_generator
    legacy = generator.get_state(legacy=False) if hasattr(generator, "get_state") else None
    return walk.parts("generator " + type(generator).__name__, (bits.state, legacy))


def walk_bit_generator(walk: Walk, bits: Any) -> bytes:
    """Walk a bit generator of numpy by its state."""
    walk.reach(bits)
    return walk.parts("bits " + type(bits).__name__, (bits.state,))


def walk_frame(walk: Walk, frame: Any) -> bytes:
    """Walk a frame column by column."""
    walk.reach(frame)
    parts = [_index(walk, frame.columns), _index(walk, frame.index), walk.encode(_attrs(frame))]
    parts += columns(walk, frame, _column)
    return combine("frame " + type(frame).__name__, parts)


def walk_series(walk: Walk, series: Any) -> bytes:
    """Walk a series."""
    walk.reach(series)
    parts = [walk.encode(series.name), _index(walk, series.index), walk.encode(_attrs(series))]
    parts.append(_column(walk, series._values))
    return combine("series " + type(series).__name__, parts)


def walk_index(walk: Walk, index: Any) -> bytes:
    """Walk an index; it cannot be mutated."""
    return _index(walk, index)


def walk_extension(walk: Walk, array: Any) -> bytes:
    """Walk an extension array of pandas."""
    walk.reach(array)
    return _column(walk, array)


def walk_groupby(walk: Walk, grouped: Any) -> bytes:
    """Walk a group-by by what it groups and how; the rest it computes when it is asked."""
    walk.reach(grouped)
    fields = ("obj", "keys", "level", "as_index", "sort", "group_keys", "dropna", "_selection")
    parts = [walk.encode(getattr(grouped, field, None)) for field in fields]
    return combine(type(grouped).__name__, parts)


def walk_arrow(walk: Walk, table: Any) -> bytes:
    """Walk a table, record batch or array of pyarrow; they cannot be mutated."""
    if hasattr(table, "schema"):
        columns = [arrow_digest(walk, table.column(i)) for i in range(table.num_columns)]
        return combine("arrow table", [str(table.schema).encode(), *columns])
    return combine("arrow", [arrow_digest(walk, table)])


def walk_artist(walk: Walk, artist: Any) -> bytes:
    """Walk what matplotlib draws: opaque, and one with its figure."""
    figure = artist
    while getattr(figure, "figure", None) not in (None, figure):
        figure = figure.figure
    walk.reach_behind(figure)
    return walk.give_opaque(f"{type(artist).__module__}.{type(artist).__qualname__}")


def walk_tensor(walk: Walk, tensor: Any) -> bytes:
    """Walk a tensor of torch by its bytes."""
    walk.reach(tensor)
    torch = sys.modules["torch"]
    raw = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
    traits = (str(tensor.dtype), tuple(tensor.shape), bool(tensor.requires_grad))
    return combine("tensor", [walk.encode(traits), _values(walk, raw), walk.encode(tensor.grad)])


def _extras(array: Any) -> Any:
    return sorted(getattr(array, "__dict__", {}).items())


def _attrs(table: Any) -> Any:
    return getattr(table, "_attrs", None) or None


def _index(walk: Walk, index: Any) -> bytes:
    kind = type(index).__name__
    if kind == "RangeIndex":
        return walk.parts("range index", (index.start, index.stop, index.step, index.name))
    # names and frequency can be set, the values cannot
    freq = getattr(index, "freqstr", None) if kind in ("DatetimeIndex", "TimedeltaIndex") else None
    traits = [walk.encode(list(index.names)), walk.encode(freq)]
    return combine(kind, [*traits, once(walk, index, _index_values)])


def _index_values(walk: Walk, index: Any) -> bytes:
    if type(index).__name__ != "MultiIndex":
        return _column(walk, index._values)
    return combine("levels", [_level(walk, *pair) for pair in zip(index.levels, index.codes)])


def _level(walk: Walk, level: Any, codes: Any) -> bytes:
    """Return the digest of one level's values; which of them are unused does not count."""
    if (codes >= 0).all():
        return _column(walk, level._values.take(codes))
    return combine("level", [_column(walk, level._values), _values(walk, codes)])


def _column(walk: Walk, column: Any) -> bytes:
    """Return the digest of a column's values and type."""
    if hasattr(column, "__array_interface__") and not hasattr(column, "_ndarray"):
        return combine("numpy", [_values(walk, column)])
    dtype = str(column.dtype)
    for attribute, look in _EXTENSIONS:
        if hasattr(column, attribute):
            return combine(dtype, look(walk, column))
    return combine(dtype, [walk.sequence("values", list(column))])


def _categories(walk: Walk, column: Any) -> list[bytes]:
    ordered = walk.encode(bool(column.ordered))
    return [ordered, _index(walk, column.categories), _values(walk, column._codes)]


def _masked(walk: Walk, column: Any) -> list[bytes]:
    data = column._data.copy()
    data[column._mask] = data.dtype.type(0)  # what lies behind a mask is nobody's
    return [_values(walk, data), _values(walk, column._mask)]


def _intervals(walk: Walk, column: Any) -> list[bytes]:
    sides = [_column(walk, column._left), _column(walk, column._right)]
    return [str(column.closed).encode(), *sides]


def _sparse(walk: Walk, column: Any) -> list[bytes]:
    places = column.sp_index.to_int_index().indices
    return [walk.encode(part) for part in (column.sp_values, places, len(column))]


# What tells the extension arrays of pandas apart, in all its releases.
_EXTENSIONS: tuple[tuple[str, Callable[[Walk, Any], list[bytes]]], ...] = (
    ("_pa_array", lambda walk, column: [arrow_digest(walk, column._pa_array)]),
    ("_codes", _categories),
    ("_mask", _masked),
    ("_left", _intervals),
    ("_ndarray", lambda walk, column: [_values(walk, column._ndarray)]),
    ("sp_index", _sparse),
)


def _values(walk: Walk, array: Any) -> bytes:
    """Return the digest of a numpy array's values and type."""
    dtype = array.dtype
    shape = str(array.shape)
    if dtype.hasobject:
        if dtype.names:
            return walk.sequence(f"records {dtype.descr} {shape}", array.ravel().tolist())
        return walk.sequence(f"objects {shape}", array.ravel().tolist())
    known = walk.leaves.get(id(array))
    if known is not None and known[2] is array:
        walk.size += known[1]
        return known[0]
    raw = _raw(walk, _packed(array) if dtype.names else array)
    digest = combine(f"{dtype.descr if dtype.names else dtype.str} {shape}", [raw])
    walk.size += array.nbytes
    walk.leaves[id(array)] = (digest, array.nbytes, array)
    return digest


def _packed(array: Any) -> Any:
    """Return records without the bytes between their fields, which hold whatever was there."""
    dtype = array.dtype
    fields = [(name, dtype.fields[name][0]) for name in dtype.names]
    gaps = dtype.itemsize - sum(kind.itemsize for _, kind in fields)
    if not gaps or array.nbytes > WHOLE_BYTES:  # the latter would be copied whole
        return array
    return array.astype(fields)


def _raw(walk: Walk, array: Any) -> bytes:
    """Return the digest of an array's bytes; of pieces of them if it is large."""
    hasher = blake2b(digest_size=16)
    if array.nbytes > WHOLE_BYTES:
        walk.sampled = True
        flat = array.reshape(-1) if array.flags.c_contiguous else array.T.reshape(-1)
        if flat.base is None and not array.flags.c_contiguous:
            flat = array.flat  # neither order is contiguous: go by element, do not copy it all
        length = max(1, PIECE_BYTES // array.itemsize)
        for start in spread(array.size, length):
            hasher.update(flat[start : start + length].tobytes())
        return hasher.digest()
    if array.flags.c_contiguous and array.dtype.kind not in "mM":
        hasher.update(memoryview(array.reshape(-1).view("u1")) if array.size else b"")
    else:
        hasher.update(array.tobytes())
    return hasher.digest()


def spread(size: int, length: int) -> list[int]:
    """Return where evenly spread pieces of a long sequence start, its two ends among them."""
    last = max(0, size - length)
    return sorted({round(i * last / (PIECES - 1)) for i in range(PIECES)})
