"""Models as directories, and the service that answers with them.

`save_model` writes a model directory, `nbrefine serve` answers requests with it. Nothing here
reaches Ploomber, papermill, nbformat or IPython.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.lazy import lazy

if TYPE_CHECKING:
    from nbrefine.serving.loading import LoadedModel, load_model
    from nbrefine.serving.package import Trained, save_model

__all__ = ["LoadedModel", "Trained", "load_model", "save_model"]

__getattr__ = lazy(
    __name__,
    {
        "LoadedModel": "loading",
        "Trained": "package",
        "load_model": "loading",
        "save_model": "package",
    },
)
