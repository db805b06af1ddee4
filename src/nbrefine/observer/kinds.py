"""Which objects are walked how: by their class, or by the name of a library's class."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from . import arrays, definitions, models, objects

if TYPE_CHECKING:
    from .walk import Handler

_BY_NAME: dict[str, dict[str, Handler]] = {
    "numpy": {
        "MaskedArray": arrays.walk_masked,
        "ndarray": arrays.walk_ndarray,
        "generic": arrays.walk_scalar,
        "dtype": arrays.walk_dtype,
        "Generator": arrays.walk_generator,
        "RandomState": arrays.walk_generator,
        "BitGenerator": arrays.walk_bit_generator,
        "ufunc": definitions.walk_module,
        "ABCPolyBase": models.walk_reduced,
    },
    "pandas": {
        "DataFrame": arrays.walk_frame,
        "Series": arrays.walk_series,
        "Index": arrays.walk_index,
        "ExtensionArray": arrays.walk_extension,
        "ExtensionDtype": arrays.walk_dtype,
        "BaseGroupBy": arrays.walk_groupby,
    },
    "pyarrow": dict.fromkeys(("Table", "RecordBatch", "Array", "ChunkedArray"), arrays.walk_arrow),
    "lightgbm": {"Booster": models.walk_reduced},
    "xgboost": {"Booster": models.walk_reduced},
    "catboost": {"_CatBoostBase": models.walk_reduced},
    "sklearn": {"BaseEstimator": models.walk_estimator, "Bunch": models.walk_bunch},
    "scipy": {
        "cKDTree": models.walk_kd_tree,
        **dict.fromkeys(("rv_generic", "rv_frozen"), models.walk_distribution),
    },
    "statsmodels": {"Results": models.walk_results},
    "torch": {"Tensor": arrays.walk_tensor},
    "matplotlib": {"Artist": arrays.walk_artist, "FigureCanvasBase": objects.walk_opaque},
    "logging": {"Logger": objects.walk_shared, "Handler": objects.walk_shared},
    "enum": {"Enum": objects.walk_enum},
    "pathlib": {"PurePath": objects.walk_path},
    "_io": {"_IOBase": objects.walk_opaque},
    "io": {"IOBase": objects.walk_opaque},
    "IPython": {
        "InteractiveShell": objects.walk_shared,
        **dict.fromkeys(("DisplayFormatter", "BaseFormatter"), objects.walk_opaque),
    },
}
"""For each library its classes; the first base of an object's class that is found decides."""

_OPAQUE_MODULES = frozenset({"itertools", "_thread", "_socket", "socket", "ssl", "_asyncio"})

_chosen: dict[type, Handler] = {}


def handler_of(kind: type) -> Handler:
    """Choose how objects of a class are walked."""
    handler = _chosen.get(kind)
    if handler is None:
        handler = _chosen[kind] = _choose(kind)
    return handler


def _choose(kind: type) -> Handler:
    exact: Handler | None = objects.BUILTINS.get(kind)
    if exact is not None:
        return exact
    if issubclass(kind, type):
        return definitions.walk_class
    if issubclass(kind, ModuleType):
        return definitions.walk_module
    if kind.__name__ == "cython_function_or_method":
        return definitions.walk_builtin
    return _by_name(kind) or objects.walk_instance


def _by_name(kind: type) -> Handler | None:
    """Choose by the names of a class and its bases."""
    for base in kind.__mro__:
        module = str(base.__module__)
        known = _BY_NAME.get(module.partition(".")[0], {})
        if base.__name__ in known:
            return known[base.__name__]
        if module in _OPAQUE_MODULES:
            return objects.walk_opaque
    return None
