"""Loads a model directory: every byte is checked, and only known types are made of it."""

from __future__ import annotations

import importlib
import json
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from nbrefine.errors import ModelError, Place
from nbrefine.features.declared import load_view
from nbrefine.files.paths import shown
from nbrefine.serving.contract import Contract
from nbrefine.serving.manifest import (
    CONTRACT,
    EXAMPLE,
    EXPECTED,
    MODULES,
    PIPELINE,
    Manifest,
    read_manifest,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from sklearn.pipeline import Pipeline

    from nbrefine.features.view import FeatureView

_SHORTEST, _SHOWN = 8, 12
# What a model may be made of besides the project's own modules.
_LIBRARIES = frozenset({"numpy", "scipy", "sklearn"})
_SINGLE = frozenset({"functools.partial"})


@dataclass(frozen=True)
class LoadedModel:
    """A model that can answer.

    Parameters
    ----------
    manifest
        What it says of itself.
    view
        The declaration of its features.
    pipeline
        It takes ``view.columns``.
    contract
        What training saw.
    example
        A few rows of ``view.columns``, of the training.
    differing
        Packages whose version is another than when it was written: then, and now.
    """

    manifest: Manifest
    view: FeatureView
    pipeline: Pipeline
    contract: Contract
    example: pd.DataFrame
    differing: dict[str, tuple[str, str]]


def load_model(folder: Path, identity: str = "") -> LoadedModel:
    """Load a model directory into this process.

    The project's modules come from the directory, not from where they are developed: load one
    model a process.

    Parameters
    ----------
    folder
        The model directory.
    identity
        What its manifest must come to; empty where that is not known.

    Returns
    -------
    LoadedModel
        It predicts its examples bit for bit as when it was written.

    Raises
    ------
    ModelError
        If a byte was changed, it is another model than asked for, it holds what is not trusted,
        or it predicts something else here.
    """
    manifest = read_manifest(folder)
    require_identity(folder, manifest, identity)
    own = _own(folder / MODULES)
    if hidden := sorted(own & sys.stdlib_module_names):
        message = f"The model's modules would hide Python's own: {', '.join(hidden)}."
        raise ModelError(message, where=Place(shown(folder / MODULES)))
    if foreign := [each for each in manifest.trusted if not may_be_trusted(each, own)]:
        message = f"The model wants {', '.join(foreign)} to be trusted, which no service does."
        raise ModelError(message, where=Place(shown(folder)))
    _import_from(folder / MODULES, own)
    view = load_view(manifest.view)
    if dict(view.request) != dict(manifest.request):
        raise ModelError(
            "The model was trained on other requests than its declaration has.",
            where=Place(shown(folder)),
        )
    import pandas as pd  # noqa: PLC0415  (after the directory was checked)

    model = LoadedModel(
        manifest,
        view,
        _pipeline(folder, manifest),
        Contract.read(folder / CONTRACT),
        pd.read_parquet(folder / EXAMPLE),
        _differing(manifest),
    )
    _try(folder, model)
    return model


def require_identity(folder: Path, manifest: Manifest, identity: str) -> None:
    """Refuse another model than the one that is asked for.

    Parameters
    ----------
    folder
        The model directory.
    manifest
        What it says.
    identity
        The beginning of the identity that it must have, at least eight digits; empty for any.

    Raises
    ------
    ModelError
        If it is another one.
    """
    if identity and not (len(identity) >= _SHORTEST and manifest.identity.startswith(identity)):
        raise ModelError(
            f"The model is {manifest.identity[:_SHOWN]}, not {identity[:_SHOWN]}.",
            where=Place(shown(folder)),
            hint="It was written anew since; start the service again to serve it.",
        )


def may_be_trusted(name: str, own: Collection[str]) -> bool:
    """Tell whether a type is one that a model may be made of.

    Parameters
    ----------
    name
        Its dotted name.
    own
        Top-level packages of the project.
    """
    return name in _SINGLE or name.partition(".")[0] in {*_LIBRARIES, *own}


def predict(pipeline: Pipeline, frame: pd.DataFrame) -> npt.NDArray[Any]:
    """Predict probabilities, one column a class, or numbers where there are no classes."""
    if hasattr(pipeline, "predict_proba"):
        return np.asarray(pipeline.predict_proba(frame))
    return np.asarray(pipeline.predict(frame))


def _own(modules: Path) -> set[str]:
    return (
        {each.name.removesuffix(".py") for each in modules.iterdir()} if modules.is_dir() else set()
    )


def _import_from(modules: Path, own: set[str]) -> None:
    """Let the project's modules be imported from the directory."""
    folder = str(modules.resolve())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    # No byte code is left in a directory that never changes.
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    for name in own & set(sys.modules):
        home = sys.modules[name].__file__ or ""
        if not Path(home).resolve().is_relative_to(modules.resolve()):
            raise ModelError(
                f"The module {name!r} was imported from {shown(Path(home).parent)} before.",
                hint="Load a model in a process of its own.",
            )


def _pipeline(folder: Path, manifest: Manifest) -> Pipeline:
    import skops.io  # noqa: PLC0415  (half a second to import)

    try:
        return cast("Pipeline", skops.io.load(folder / PIPELINE, trusted=manifest.trusted))
    except skops.io.exceptions.UntrustedTypesFoundException as error:
        raise ModelError(str(error), where=Place(shown(folder / PIPELINE))) from None
    except Exception as error:
        # Whatever a version that cannot read it raises.
        message = f"The model cannot be loaded: {type(error).__name__}: {error}."
        hint = _said(_differing(manifest))
        raise ModelError(message, where=Place(shown(folder / PIPELINE)), hint=hint) from error


def _differing(manifest: Manifest) -> dict[str, tuple[str, str]]:
    found = {}
    for name, then in manifest.versions.items():
        try:
            now = platform.python_version() if name == "python" else version(name)
        except PackageNotFoundError:
            now = "none"
        if now != then:
            found[name] = (then, now)
    return found


def _said(differing: dict[str, tuple[str, str]]) -> str:
    parts = [f"{name} {then} (here {now})" for name, (then, now) in differing.items()]
    return f"It was written with {', '.join(parts)}." if parts else ""


def _try(folder: Path, model: LoadedModel) -> None:
    """Predict the examples, and hold the result against what was predicted at writing."""
    expected = json.loads((folder / EXPECTED).read_bytes())["predictions"]
    found = predict(model.pipeline, model.example.copy()).tolist()
    if found != expected:
        raise ModelError(
            "The model does not predict here what it predicted when it was written.",
            where=Place(shown(folder / EXAMPLE)),
            hint=_said(model.differing) or "The machine computes in another way.",
        )
