"""How Python's own objects are walked: containers, instances, iterators."""

from __future__ import annotations

import _thread
import collections
import copyreg
import functools
import re
import sys
import types
from typing import TYPE_CHECKING, Any

from .definitions import (
    class_name,
    held_there,
    walk_builtin,
    walk_descriptor,
    walk_function,
    walk_method,
    walk_module,
    walk_wrapper,
)
from .walk import Walk, combine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CACHES = frozenset({"diagn", "_nobs_int"})
"""Beside what is called a cache, attributes that libraries fill when something is read."""

_MANGLED = re.compile(r"\A_[^\W_]\w*?__")
"""What Python puts before a private attribute: the name of its class."""

_STATE = 2
"""Behind this place in what pickling takes stand iterators of items."""

_IMMUTABLE_MODULES = frozenset(
    {"datetime", "decimal", "_decimal", "fractions", "uuid", "pathlib", "re", "zoneinfo"}
)
_IMMUTABLE_PANDAS = frozenset(
    {"Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType", "BaseOffset", "Index"}
)

_OFFSETS = frozenset({"__dictoffset__", "__vectorcalloffset__", "__weaklistoffset__"})
"""What classes made in C list beside their slots; read from an instance, these are addresses."""


def walk_list(walk: Walk, value: Any) -> bytes:
    """Walk a list."""
    walk.reach(value)
    return walk.sequence("list", value)


def walk_tuple(walk: Walk, value: Any) -> bytes:
    """Walk a tuple."""
    return walk.sequence("tuple", value)


def walk_dict(walk: Walk, value: Any) -> bytes:
    """Walk a dict."""
    walk.reach(value)
    return walk.mapping("dict", value)


def walk_set(walk: Walk, value: Any) -> bytes:
    """Walk a set."""
    walk.reach(value)
    return walk.unordered("set", value)


def walk_frozenset(walk: Walk, value: Any) -> bytes:
    """Walk a frozen set."""
    return walk.unordered("frozenset", value)


def walk_bytearray(walk: Walk, value: Any) -> bytes:
    """Walk a bytearray."""
    walk.reach(value)
    walk.size += len(value)
    return combine("bytearray", [bytes(value)])


def walk_range(walk: Walk, value: Any) -> bytes:
    """Walk a range or slice, which are what they print."""
    return combine("range", [walk.encode(part) for part in (value.start, value.stop, value.step)])


def walk_match(walk: Walk, value: Any) -> bytes:
    """Walk a match of a regular expression, which nothing pickles and nobody can change."""
    parts = (value.re, value.string, value.regs, value.pos, value.endpos, value.lastindex)
    return walk.parts("match", parts)


def walk_path(walk: Walk, value: Any) -> bytes:
    """Walk a path, which is what it prints: the rest fills up as somebody asks it for its parts."""
    if str(type(value).__module__).partition(".")[0] != "pathlib":
        return walk_instance(walk, value)
    walk.size += 64
    return combine("path", [walk.encode(class_name(type(value))), walk.encode(str(value))])


def walk_enum(walk: Walk, value: Any) -> bytes:
    """Walk a member of an enumeration, known by its name."""
    return combine("enum", [walk.encode(class_name(type(value))), walk.encode(value.name)])


def walk_shared(walk: Walk, value: Any) -> bytes:
    """Walk what there is one of in a process, such as a logger: content says nothing of it."""
    name = getattr(value, "name", "")
    return combine("shared", [walk.encode(class_name(type(value))), walk.encode(str(name))])


def walk_opaque(walk: Walk, value: Any) -> bytes:
    """Mark what cannot be looked into without changing it."""
    walk.reach(value)
    return walk.give_opaque(class_name(type(value)))


def walk_instance(walk: Walk, value: Any) -> bytes:
    """Walk any other object by its attributes, or by what pickling would take from it."""
    holds = _is_of_a_library(walk, type(value))
    walk.inside += holds
    try:
        return _instance(walk, value)
    finally:
        walk.inside -= holds


def _is_of_a_library(walk: Walk, kind: type) -> bool:
    """Whether a class is neither the user's nor Python's own, whose instances hold what is put in.

    What an instance holds otherwise is the library's to use.
    """
    module = str(kind.__module__)
    return module.partition(".")[0] not in sys.stdlib_module_names and module not in walk.own


def _instance(walk: Walk, value: Any) -> bytes:
    kind: Any = type(value)
    walk.size += 64
    if kind.__module__ in walk.own:
        walk.classes[kind.__name__] = kind
        walk.held.add(kind.__name__)
    if not _is_immutable(kind):
        walk.reach(value)
    parts = [walk.encode(class_name(kind))]
    content = _builtin_content(walk, value)
    if content is not None:
        parts.append(content)
    if is_plain(kind) or content is not None:
        parts += attributes(walk, value, kind)
        return combine("object", parts)
    return combine("object", parts + reduced(walk, value, kind))


def _builtin_content(walk: Walk, value: Any) -> bytes | None:
    """Return the digest of what an instance of a subclass of a built-in holds as such."""
    if isinstance(value, dict):
        default = getattr(value, "default_factory", None)
        # An ordered dict has an order of its own, which that of the dict below does not follow.
        kind = collections.OrderedDict if isinstance(value, collections.OrderedDict) else dict
        plain = dict(kind.items(value))
        return combine("dict", [walk.mapping("dict", plain), walk.encode(default)])
    if isinstance(value, list):
        return walk.sequence("list", list(list.__iter__(value)))
    if isinstance(value, tuple):
        return walk.sequence("tuple", tuple(tuple.__iter__(value)))
    if isinstance(value, (set, frozenset)):
        return walk.unordered("set", value)
    atom: Any
    for atom in (str, int, float, bytes):
        if isinstance(value, atom):
            return walk.encode(atom.__getnewargs__(value)[0])
    return None


def attributes(
    walk: Walk, value: Any, kind: type, walked: Mapping[str, bytes] = types.MappingProxyType({})
) -> list[bytes]:
    """Return the digests of attributes, of those that are walked already by what came of it."""
    parts = []
    foreign = kind.__module__ not in walk.own
    caches = caches_of(kind) if foreign else held_there(kind)
    try:
        attributes = object.__getattribute__(value, "__dict__")
    except AttributeError:
        attributes = {}
    items = [(str(key), part) for key, part in attributes.items()]
    items += [(name, part) for name, part in _slots(value, kind)]
    for key, part in sorted(items, key=lambda item: item[0]):
        if key not in caches and not (foreign and "cache" in _MANGLED.sub("", key).lower()):
            parts += [walk.encode(key), walked.get(key) or walk.encode(part)]
    return parts


def _slots(value: Any, kind: type) -> Iterator[tuple[str, Any]]:
    for base in kind.__mro__:
        for name, member in vars(base).items():
            if _is_slot(name, member) and base.__module__ != "builtins":
                try:
                    yield name, member.__get__(value, kind)
                except AttributeError:
                    continue


def _is_slot(name: str, member: Any) -> bool:
    return type(member) is types.MemberDescriptorType and name not in _OFFSETS


def reduced(walk: Walk, value: Any, kind: type) -> list[bytes]:
    """Return the digests of what pickling would take from an object."""
    try:
        reducer = copyreg.dispatch_table.get(kind)
        state = reducer(value) if reducer else value.__reduce_ex__(4)
    except Exception:  # what pickling refuses, we cannot look into
        return [walk.give_opaque(class_name(kind))]
    if isinstance(state, str):
        return [state.encode()]
    parts = []
    for position, part in enumerate(state):
        items = part is not None and position > _STATE
        parts.append(walk.encode(list(part) if items else part))
    return parts


@functools.cache
def caches_of(kind: type) -> frozenset[str]:
    """Return the attributes of a library's class that are filled by being read."""
    cached = {
        name
        for base in kind.__mro__
        for name, member in vars(base).items()
        if "cache" in type(member).__name__.lower()
    }
    return CACHES | cached


@functools.cache
def _is_immutable(kind: type) -> bool:
    if issubclass(kind, (tuple, str, int, float, bytes, frozenset)):
        return kind.__dictoffset__ == 0 or kind.__module__ != "__main__"
    roots = {(base.__module__.partition(".")[0], base.__name__) for base in kind.__mro__}
    return ("decimal", "Context") not in roots and any(
        root in _IMMUTABLE_MODULES or (root == "pandas" and name in _IMMUTABLE_PANDAS)
        for root, name in roots
    )


@functools.cache
def is_plain(kind: type) -> bool:
    """Tell whether all content of a class's instances lies in ``__dict__`` and slots.

    The same arithmetic as in ``object.__reduce_ex__``: no room is left for anything that a C
    implementation might keep.
    """
    room = object.__basicsize__
    room += 8 * (kind.__dictoffset__ > 0) + 8 * (kind.__weakrefoffset__ > 0)
    slots = sum(
        _is_slot(name, member) for base in kind.__mro__ for name, member in vars(base).items()
    )
    return kind.__itemsize__ == 0 and kind.__basicsize__ <= room + 8 * slots


BUILTINS: dict[type, Any] = {
    list: walk_list,
    tuple: walk_tuple,
    dict: walk_dict,
    set: walk_set,
    frozenset: walk_frozenset,
    bytearray: walk_bytearray,
    range: walk_range,
    slice: walk_range,
    types.ModuleType: walk_module,
    types.FunctionType: walk_function,
    types.MethodType: walk_method,
    types.BuiltinFunctionType: walk_builtin,
    functools._lru_cache_wrapper: walk_wrapper,
    re.Match: walk_match,
    staticmethod: walk_descriptor,
    classmethod: walk_descriptor,
    property: walk_descriptor,
    functools.cached_property: walk_descriptor,
    types.MemberDescriptorType: walk_descriptor,
    types.GetSetDescriptorType: walk_descriptor,
    types.WrapperDescriptorType: walk_descriptor,
    types.MethodDescriptorType: walk_descriptor,
    types.ClassMethodDescriptorType: walk_descriptor,
    types.MappingProxyType: walk_dict,
    _thread.LockType: walk_shared,
    _thread.RLock: walk_shared,
    types.GeneratorType: walk_opaque,
    types.CoroutineType: walk_opaque,
    types.AsyncGeneratorType: walk_opaque,
    types.FrameType: walk_opaque,
    types.TracebackType: walk_opaque,
}
