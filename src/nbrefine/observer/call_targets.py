"""Which functions and classes are recorded, and what their code reads beyond its arguments."""

from __future__ import annotations

import dis
import inspect
import sys
import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_WRAPPERS = (staticmethod, classmethod)
# What a method is called that nobody calls by its name.
_CALLED_OTHERWISE = frozenset({"__new__", "__init_subclass__", "__class_getitem__", "__del__"})


class Targets:
    """The functions and classes to record, as they are bound now.

    Parameters
    ----------
    names
        Their keys, and the module that has each; an empty module is the notebook itself. A key is
        a name, with ``module:`` before it where several modules have one of that name.
    space
        The notebook's names.
    """

    def __init__(self, names: Mapping[str, str], space: dict[str, Any]) -> None:
        self.names, self.space = names, space
        self._modules = {module for module in names.values() if module}

    def owns(self, names: Mapping[str, Any]) -> bool:
        """Whether code with these globals is the notebook's, or of a module that is recorded."""
        return names is self.space or names.get("__name__") in self._modules

    def value(self, key: str) -> Any:
        """Return the function or class that a key stands for now; None if it is something else."""
        name = plain_name(key)
        value = self.space.get(name)
        module = self.names[key]
        if module and getattr(value, "__module__", None) != module:
            holder = sys.modules.get(module)
            value = getattr(holder, name, None)
        return value if callable(value) else None

    def key_of(self, kind: type) -> str | None:
        """Return the key of a class; None if it is none of these."""
        return next((key for key in self.names if self.value(key) is kind), None)

    def find(self, code: types.CodeType) -> tuple[str, str] | None:
        """Return the target that code belongs to, with the method's name; None if to none."""
        for name in self.names:
            value = self.value(name)
            if value is None:
                continue
            for method, own in codes(value):
                if own is code:
                    return name, method
        return None

    def names_read(self, value: Any) -> set[str]:
        """Return the notebook's data that a function or class reads, also by what it calls."""
        return {
            name
            for each in self._reached(value)
            if self._namespace(each) is self.space
            for _, code in codes(each)
            for name in _loaded(code)
            if self._is_data(name)
        }

    def names_used(self, value: Any) -> set[str]:
        """Return all names, of attributes too, in the code of a function and of what it calls."""
        return {
            name
            for each in self._reached(value)
            for _, code in codes(each)
            for part in _nested(code)
            for name in part.co_names
        }

    def constants(self, value: Any) -> list[Any]:
        """Return the numbers and texts in the code of a function or class and of what it calls."""
        found: dict[Any, None] = {}
        for each in self._reached(value):
            for _, code in codes(each):
                for constant in _constants(code):
                    found.setdefault(constant)
        return list(found)

    def _reached(self, value: Any) -> list[Any]:
        """Return a function or class, and those of the notebook or its modules that it uses."""
        reached: list[Any] = []
        waiting = [value]
        while waiting:
            each = waiting.pop()
            if any(each is known for known in reached):
                continue
            reached.append(each)
            names = self._namespace(each)
            used = {name for _, code in codes(each) for name in _loaded(code)}
            found = [names[name] for name in sorted(used) if name in names]
            waiting += [
                each for each in (*getattr(each, "__mro__", ())[1:], *found) if self._owns(each)
            ]
        return reached

    def _owns(self, value: Any) -> bool:
        """Whether something is a function or class of the notebook or of a recorded module."""
        if isinstance(value, type):
            return value.__module__ in {self.space.get("__name__"), *self._modules}
        function = unwrapped(value)
        return isinstance(function, types.FunctionType) and self.owns(function.__globals__)

    def _namespace(self, value: Any) -> Mapping[str, Any]:
        """Return the global names that code of a function or class sees."""
        if isinstance(value, type):
            if value.__module__ == self.space.get("__name__"):
                return self.space
            return vars(sys.modules[value.__module__])
        names: Mapping[str, Any] = getattr(unwrapped(value), "__globals__", {})
        return names

    def _is_data(self, name: str) -> bool:
        value = self.space.get(name, _NOTHING)
        if value is _NOTHING or isinstance(value, (types.ModuleType, type)):
            return False
        return not callable(value) or (
            not isinstance(value, (types.FunctionType, types.BuiltinFunctionType))
            and not hasattr(value, "__wrapped__")
        )


_NOTHING = object()


def plain_name(key: str) -> str:
    """Return the name in a key."""
    return key.rpartition(":")[2]


def unwrapped(value: Any) -> Any:
    """Return the function inside of decorators, of a class- or static method, or itself."""
    if isinstance(value, _WRAPPERS):
        value = value.__func__
    try:
        return inspect.unwrap(value)
    except ValueError:  # a circle
        return value


def codes(value: Any) -> Iterator[tuple[str, types.CodeType]]:
    """Yield the code of a function, or of a class's methods by their names, inherited ones too."""
    if not isinstance(value, type):
        code = getattr(unwrapped(value), "__code__", None)
        if isinstance(code, types.CodeType):
            yield "", code
        return
    seen: set[str] = set()
    for base in value.__mro__:
        if base.__module__ != value.__module__:
            continue
        for name, member in list(vars(base).items()):
            code = getattr(unwrapped(member), "__code__", None)
            known = name in seen or name in _CALLED_OTHERWISE
            if isinstance(code, types.CodeType) and not known:
                seen.add(name)
                yield name, code


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _loaded(code: types.CodeType) -> set[str]:
    """Return the global names that code reads."""
    return {
        instruction.argval
        for each in _nested(code)
        for instruction in dis.get_instructions(each)
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }


def _constants(code: types.CodeType) -> Iterator[Any]:
    for each in _nested(code):
        for constant in each.co_consts:
            inside = constant if isinstance(constant, (tuple, frozenset)) else (constant,)
            for one in inside:
                if isinstance(one, (int, float, str)) and not isinstance(one, bool):
                    yield one
