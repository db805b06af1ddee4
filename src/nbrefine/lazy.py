"""What is imported when it is first asked for: names of packages, and functions of libraries."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return a package's ``__getattr__`` (PEP 562).

    Parameters
    ----------
    package
        Its ``__name__``.
    homes
        By public name, the module of the package that has it.

    Returns
    -------
    Callable
        Imports the module of a name; raises `AttributeError` for a name that has none.
    """

    def find(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return find


@contextmanager
def deferred(module: str, function: str) -> Iterator[None]:
    """Let what is imported meanwhile have a function whose module is imported when it is called.

    Parameters
    ----------
    module
        Name of the module, which takes long to import. Where there is none, nothing is done.
    function
        The one name that is taken from it.
    """
    if module in sys.modules or find_spec(module) is None:
        yield
        return

    def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return getattr(import_module(module), function)(*args, **kwargs)

    stand_in = ModuleType(module)
    setattr(stand_in, function, call)
    sys.modules[module] = stand_in
    try:
        yield
    finally:
        del sys.modules[module]
