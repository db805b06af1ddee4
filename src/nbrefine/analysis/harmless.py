"""What a module may call on import without doing anything but making a value."""

from __future__ import annotations

import re
import sys

_BUILTIN_CALLS = frozenset(
    {
        *("abs", "bool", "bytes", "complex", "dict", "divmod", "float", "frozenset", "int", "len"),
        *("list", "max", "min", "object", "ord", "chr", "pow", "range", "repr", "reversed"),
        *("round", "set", "slice", "sorted", "str", "sum", "tuple", "zip", "enumerate", "any"),
        *("all", "bytearray"),
    }
)
_CALLS = _BUILTIN_CALLS | frozenset(
    {
        *("pathlib.Path", "pathlib.PurePath", "re.compile", "re.escape", "logging.getLogger"),
        *("collections.namedtuple", "collections.defaultdict", "collections.OrderedDict"),
        *("collections.Counter", "collections.deque", "types.MappingProxyType"),
        *("datetime.timedelta", "datetime.date", "datetime.datetime", "datetime.time"),
        *("datetime.timezone", "zoneinfo.ZoneInfo", "decimal.Decimal", "fractions.Fraction"),
        *("typing.TypeVar", "typing.NewType", "typing.ParamSpec", "typing.cast"),
        *("dataclasses.field", "enum.auto", "functools.partial", "math.sqrt", "math.log"),
        *("math.exp", "math.radians", "os.environ.get", "os.getenv", "os.path.join"),
        *("os.path.dirname", "os.path.abspath", "numpy.array", "numpy.arange", "numpy.linspace"),
        *("pandas.Timedelta", "pandas.Timestamp", "textwrap.dedent", "itertools.count"),
        *("operator.itemgetter", "operator.attrgetter", "threading.Lock", "threading.local"),
    }
)
_DECORATORS = frozenset(
    {
        *("staticmethod", "classmethod", "property", "functools.wraps", "functools.lru_cache"),
        *("functools.cache", "functools.cached_property", "functools.total_ordering"),
        *("dataclasses.dataclass", "abc.abstractmethod", "contextlib.contextmanager"),
        *("contextlib.asynccontextmanager", "typing.overload", "typing.final", "enum.unique"),
        *("typing.runtime_checkable", "typing_extensions.override", "typing.override"),
    }
)
_BASES = frozenset(
    {
        *("object", "dict", "list", "set", "tuple", "str", "int", "float", "abc.ABC"),
        *("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"),
        *("typing.NamedTuple", "typing.TypedDict", "typing.Protocol", "typing.Generic"),
        *("collections.UserDict", "collections.UserList", "collections.OrderedDict"),
    }
)
# Importing these changes nothing that other code would notice.
_MODULES = re.compile(r"(?:numpy|scipy|pandas|sklearn(?!\.experimental))(?:\..+)?")
_NOT_QUITE = frozenset({"antigravity", "this", "readline", "rlcompleter", "faulthandler"})
_ERRORS = ("Exception", "Error", "Warning")


def is_harmless_call(dotted: str) -> bool:
    """Tell whether a call of a function only makes a value."""
    return dotted in _CALLS


def is_harmless_decorator(dotted: str) -> bool:
    """Tell whether a decorator only changes what it decorates."""
    return dotted in _DECORATORS


def is_harmless_import(module: str) -> bool:
    """Tell whether a module, dotted, does nothing on import but being there."""
    top = module.partition(".")[0]
    is_standard = top in sys.stdlib_module_names and top not in _NOT_QUITE
    return is_standard or _MODULES.fullmatch(module) is not None


def is_harmless_base(dotted: str) -> bool:
    """Tell whether a base class takes no notice of its subclasses."""
    return dotted in _BASES or ("." not in dotted and dotted.endswith(_ERRORS))
