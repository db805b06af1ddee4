"""Models as directories, and the service that answers with them.

`save_model` writes a model directory, `nbrefine serve` answers requests with it. Nothing here
reaches Ploomber, papermill, nbformat or IPython.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbrefine.serving.loading import LoadedModel, load_model
    from nbrefine.serving.package import Trained, save_model

__all__ = ["LoadedModel", "Trained", "load_model", "save_model"]

_HOMES = {
    "LoadedModel": "loading",
    "Trained": "package",
    "load_model": "loading",
    "save_model": "package",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
