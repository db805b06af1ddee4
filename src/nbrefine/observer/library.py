"""State that libraries and the process keep for everyone: options, styles, filters, environment."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from collections.abc import Mapping

Settings = dict[str, dict[str, str]]


def settings(shell: Any) -> Settings:
    """Return what is set now: for each kind of setting, what each key stands at.

    Parameters
    ----------
    shell
        The IPython shell.
    """
    found: Settings = {}
    for name, read in _READERS.items():
        # it fails where the library is not loaded, half loaded, or keeps its options elsewhere
        with contextlib.suppress(Exception):
            values = read(shell)
            if values is not None:
                found[name] = {str(key): _shown(value) for key, value in values.items()}
    return found


def changed_settings(before: Settings, after: Settings) -> dict[str, list[str]]:
    """Return the keys that differ, for each kind of setting.

    A kind that was not there before counts as it came with the import of its library.
    """
    changes = {}
    for name, values in after.items():
        if name in before and values != before[name]:
            old = before[name]
            keys = {key for key in old.keys() | values.keys() if old.get(key) != values.get(key)}
            changes[name] = sorted(keys)
    return changes


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # an object of the user's may do anything here
        return f"<{type(value).__name__}>"


def _module(name: str) -> Any:
    return sys.modules.get(name)


def _rc_params(_: Any) -> Mapping[str, Any] | None:
    # not by item: asking for the backend would choose one
    return dict(dict.items(_module("matplotlib").rcParams))


def _pandas(_: Any) -> Mapping[str, Any] | None:
    config = _module("pandas._config.config")
    return None if config is None else _flattened(config._global_config, "")


def _flattened(tree: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            flat.update(_flattened(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat


def _figures(_: Any) -> Mapping[str, Any] | None:
    return {str(number): "open" for number in _module("matplotlib._pylab_helpers").Gcf.figs}


def _units(_: Any) -> Mapping[str, Any] | None:
    registry = _module("matplotlib.units").registry
    return {f"{kind.__module__}.{kind.__qualname__}": type(c) for kind, c in registry.items()}


def _colors(_: Any) -> Mapping[str, Any] | None:
    colors = _module("matplotlib.colors").colorConverter.colors
    return {letter: colors.get(letter) for letter in "bgrcmykw"}


def _sklearn(_: Any) -> Mapping[str, Any] | None:
    config: Mapping[str, Any] = _module("sklearn").get_config()
    return config


def _logging(_: Any) -> Mapping[str, Any] | None:
    root = _module("logging").getLogger()
    kinds = [type(handler).__name__ for handler in root.handlers]
    return {"level": root.level, "handlers": kinds, "disabled": root.manager.disable}


def _torch(_: Any) -> Mapping[str, Any] | None:
    torch = _module("torch")
    return {
        "default_dtype": torch.get_default_dtype(),
        "grad": torch.is_grad_enabled(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
    }


def _plotly(_: Any) -> Mapping[str, Any] | None:
    templates = _module("plotly.io._templates").templates
    renderers = _module("plotly.io._renderers").renderers
    return {"template": templates.default, "renderer": renderers.default}


def _altair(_: Any) -> Mapping[str, Any] | None:
    altair = _module("altair")
    kinds = ("data_transformers", "renderers", "theme", "themes")
    return {kind: getattr(vars(altair).get(kind), "active", None) for kind in kinds}


def _bokeh(_: Any) -> Mapping[str, Any] | None:
    return {"notebook": _module("bokeh.io.state").curstate().notebook}


def _ipython(shell: Any) -> Mapping[str, Any] | None:
    found: dict[str, Any] = {"ast_node_interactivity": shell.ast_node_interactivity}
    for kind, formatter in shell.display_formatter.formatters.items():
        precision = getattr(formatter, "float_precision", "")
        found[f"{kind}.float_precision"] = precision
        printers = [*formatter.type_printers, *formatter.deferred_printers]
        found.update({f"{kind}.{printer}": "registered" for printer in printers})
    for kind, magics in shell.magics_manager.magics.items():
        found.update({f"%{name} ({kind})": "registered" for name in magics})
    found.update({f"extension {name}": "loaded" for name in shell.extension_manager.loaded})
    return found


def _inline(_: Any) -> Mapping[str, Any] | None:
    chosen = _module("matplotlib_inline.config").InlineBackend._instance
    if chosen is None:
        return None
    traits = chosen._trait_values
    return {key: _sorted(value) for key, value in traits.items() if key not in _NO_SETTING}


_NO_SETTING = frozenset({"config", "parent", "log", "shell"})


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, (set, frozenset)) else value


def _process(_: Any) -> Mapping[str, Any] | None:
    return {"recursionlimit": sys.getrecursionlimit()}


_READERS: dict[str, Callable[[Any], Mapping[str, Any] | None]] = {
    "matplotlib.rcParams": _rc_params,
    "matplotlib.units": _units,
    "matplotlib.colors": _colors,
    "matplotlib.figures": _figures,
    "pandas.options": _pandas,
    "numpy.printoptions": lambda _: _module("numpy").get_printoptions(),
    "numpy.errstate": lambda _: _module("numpy").geterr(),
    "sklearn.config": _sklearn,
    "torch": _torch,
    "plotly": _plotly,
    "altair": _altair,
    "bokeh": _bokeh,
    "xarray.options": lambda _: _module("xarray.core.options").OPTIONS,
    "warnings.filters": lambda _: {"filters": _module("warnings").filters},
    "logging": _logging,
    "locale": lambda _: {"all": _module("locale").setlocale(_module("locale").LC_ALL)},
    "os.environ": lambda _: dict(os.environ),
    "os.cwd": lambda _: {"cwd": os.getcwd()},
    "sys.path": lambda _: {"path": sys.path},
    "sys": _process,
    "ipython": _ipython,
    "matplotlib_inline": _inline,
}
