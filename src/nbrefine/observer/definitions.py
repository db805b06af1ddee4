"""How functions, classes and modules are walked: the user's by their code, others by their name."""

from __future__ import annotations

import dis
import types
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from .walk import combine

if TYPE_CHECKING:
    from .walk import Walk

MOVED_TO: set[str] = set()
"""Packages that hold what the notebook defined: there it goes by the name that it had here.

Also ``Class.attribute``, for what instances hold there that they looked up here.
"""

_CLASS_NOISE = frozenset(
    {
        "__dict__", "__weakref__", "__module__", "__qualname__", "__doc__", "__firstlineno__",
        "__static_attributes__", "_abc_impl", "__dataclass_fields__", "__dataclass_params__",
        "__annotate__", "__annotate_func__", "__annotations_cache__",
        "__slotnames__",  # pickling an instance leaves it behind
    }
)  # fmt: skip

# How a call is prepared, and which instructions give it a name's value.
_OF_CALLING = frozenset({"PUSH_NULL", "EXTENDED_ARG", "CACHE"})
_NAMING = {"LOAD_GLOBAL": "LOAD_GLOBAL", "LOAD_METHOD": "LOAD_ATTR", "LOAD_ATTR": "LOAD_ATTR"}
_JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
_MOST_INSTRUCTIONS = 2000
_INSTRUCTIONS: dict[int, tuple[types.CodeType, bytes]] = {}


def walk_module(_: Walk, value: Any) -> bytes:
    """Walk a module, known by its name; its state is looked at elsewhere."""
    return combine("module", [str(value.__name__).encode()])


def walk_function(walk: Walk, value: Any) -> bytes:
    """Walk a Python function: a library's by its name, the user's by its code."""
    parts = [walk.encode(f"{_home(value.__module__)}.{value.__qualname__}")]
    own = value.__globals__.get("__name__") in walk.own or value.__module__ in walk.own
    if own:
        parts.append(_code(walk, value.__code__))
        walk.reads.update(names_of_code(value.__code__))
        walk.held.add(value.__qualname__.partition(".")[0])
    if own or value.__closure__:
        parts += [_code(walk, value.__code__)] if not own else []
        extras = (value.__defaults__, value.__kwdefaults__, value.__dict__ or None)
        parts += [walk.encode(extra) for extra in extras]
        parts += [_cell(walk, cell) for cell in value.__closure__ or ()]
    return combine("function", parts)


def walk_wrapper(walk: Walk, value: Any) -> bytes:
    """Walk a function behind ``functools.lru_cache``; what it has cached is no content."""
    return combine("cached function", [walk.encode(value.__wrapped__)])


def walk_method(walk: Walk, value: Any) -> bytes:
    """Walk a bound method."""
    return walk.parts("method", (value.__self__, value.__func__))


def walk_builtin(walk: Walk, value: Any) -> bytes:
    """Walk a function or method written in C."""
    owner = getattr(value, "__self__", None)
    name = walk.encode(f"{getattr(value, '__module__', None)}.{value.__qualname__}")
    if owner is None or isinstance(owner, types.ModuleType):
        return combine("builtin", [name])
    return combine("builtin method", [name, walk.encode(owner)])


def walk_class(walk: Walk, value: Any) -> bytes:
    """Walk a class: a library's by its name, the user's by its methods and attributes."""
    name = walk.encode(class_name(value))
    if value.__module__ not in walk.own:
        return combine("class", [name])
    walk.held.add(value.__name__)
    parts = [name] + [walk.encode(base) for base in value.__bases__]
    for key, part in sorted(vars(value).items()):
        if key not in _CLASS_NOISE:
            parts += [walk.encode(key), walk.encode(part)]
    return combine("own class", parts)


def walk_descriptor(walk: Walk, value: Any) -> bytes:
    """Walk what stands in a class for a method or attribute."""
    fields = ("__func__", "fget", "fset", "fdel", "func", "__wrapped__", "__objclass__", "__name__")
    parts = [walk.encode(getattr(value, field)) for field in fields if hasattr(value, field)]
    return combine(f"descriptor {type(value).__name__}", parts)


def _code(walk: Walk, code: types.CodeType) -> bytes:
    """Return the digest of code, without where it stands."""
    consts = [
        _code(walk, const) if isinstance(const, types.CodeType) else walk.encode(const)
        for const in code.co_consts
    ]
    named = (code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_flags)
    return combine("code", [_instructions(code), walk.encode(named), walk.encode(counts), *consts])


def _instructions(code: types.CodeType) -> bytes:
    """Return what code does, in the same bytes wherever it was compiled.

    Where the import of ``pd`` stands in the same module, Python compiles ``pd.concat(x)`` to
    another way of calling than in a cell of its own, and what follows has other addresses.
    """
    known = _INSTRUCTIONS.get(id(code))
    if known is not None and known[0] is code:
        return known[1]
    kept = [each for each in dis.get_instructions(code) if each.opname not in _OF_CALLING]
    # A jump leads to the next instruction that is kept.
    places = {}
    for number, each in enumerate(kept):
        places[each.offset] = number
    offsets = sorted(places)
    text = "\n".join(_instruction(each, places, offsets) for each in kept).encode()
    if len(_INSTRUCTIONS) >= _MOST_INSTRUCTIONS:
        _INSTRUCTIONS.clear()
    _INSTRUCTIONS[id(code)] = code, text
    return text


def _instruction(each: dis.Instruction, places: dict[int, int], offsets: list[int]) -> str:
    if each.opcode in _JUMPS:
        place = bisect_left(offsets, each.argval)
        return f"{each.opname} {places[offsets[place]] if place < len(offsets) else len(offsets)}"
    if each.opname in _NAMING:
        return f"{_NAMING[each.opname]} {each.argval}"
    return f"{each.opname} {each.arg}"


def _cell(walk: Walk, cell: Any) -> bytes:
    walk.reach_behind(cell)
    try:
        return walk.encode(cell.cell_contents)
    except ValueError:  # not bound yet
        return b"empty"


def names_of_code(code: types.CodeType) -> set[str]:
    """Return the global names that code, and the code inside it, mentions."""
    names = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            names |= names_of_code(const)
    return names


def class_name(kind: type) -> str:
    """Return module and qualified name of a class."""
    return f"{_home(kind.__module__)}.{kind.__qualname__}"


def held_there(kind: type) -> frozenset[str]:
    """Return the attributes that a class's instances hold since it is in a module."""
    if not MOVED_TO or _home(kind.__module__) != "__main__":
        return frozenset()
    start = f"{kind.__qualname__}."
    return frozenset(each[len(start) :] for each in MOVED_TO if each.startswith(start))


def _home(module: Any) -> Any:
    """Return the name of a module; of those that hold what the notebook defined, the notebook's."""
    known = isinstance(module, str) and module.partition(".")[0] in MOVED_TO
    return "__main__" if known else module
