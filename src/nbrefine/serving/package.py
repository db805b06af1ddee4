"""Writes a model as a directory: everything that a service needs, and nothing of the training."""

from __future__ import annotations

import datetime as dt
import json
import platform
import shutil
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nbrefine.errors import ModelError
from nbrefine.features.transforms import apply_transforms, with_estimator
from nbrefine.features.view import ASKED_AT
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown
from nbrefine.serving.contract import Contract
from nbrefine.serving.equal import SmallBatches
from nbrefine.serving.loading import may_be_trusted, predict
from nbrefine.serving.manifest import (
    CONTRACT,
    EXAMPLE,
    EXPECTED,
    MODULES,
    PIPELINE,
    Manifest,
    digests,
    write_manifest,
)
from nbrefine.serving.modules import copy_modules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sklearn.pipeline import Pipeline

    from nbrefine.features.view import FeatureView

# Those that decide what is predicted, to the last bit.
_DECISIVE = ("numpy", "pandas", "scikit-learn", "scipy", "skops")
# How many of the training's requests the directory keeps, to be tried when it is loaded.
_TRIED = 20


@dataclass(frozen=True)
class Trained:
    """A model, and what a directory says of it.

    Parameters
    ----------
    view
        The declaration of its features.
    estimator
        Fitted, on what the last transform returns.
    frame
        The training frame (see `nbrefine.features.training_frame`): what it looks like becomes
        the contract, and a few rows of it are kept as examples.
    trusted
        The types that the model may hold beyond those that skops trusts: scikit-learn's and
        NumPy's own, and the project's. The transforms are added. What else is in it is refused,
        now and whenever it is loaded.
    params
        Parameters of the training.
    data
        Files that it was trained on.
    notes
        Anything else that a reader of the model wants to know, such as its scores.
    """

    view: FeatureView
    estimator: Any
    frame: pd.DataFrame
    trusted: Sequence[str] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    data: Sequence[Path] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)


def save_model(folder: Path, trained: Trained) -> Manifest:
    """Write a model directory; an older one of that name is replaced.

    Parameters
    ----------
    folder
        Where to.
    trained
        The model.

    Returns
    -------
    Manifest
        What the directory says of itself.

    Raises
    ------
    ModelError
        If the model holds a type that is not trusted.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    written = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        manifest = _write(written, trained)
        written.chmod(0o755)
        _replace(folder, written)
    finally:
        shutil.rmtree(written, ignore_errors=True)
    return manifest


def _replace(folder: Path, written: Path) -> None:
    """Put a directory in the place of another one."""
    if not folder.exists():
        written.rename(folder)
        return
    before = written.with_name(f"{written.name}.before")
    folder.rename(before)
    written.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def _write(folder: Path, trained: Trained) -> Manifest:
    view, frame = trained.view, trained.frame
    pipeline = with_estimator(view, trained.estimator)
    transforms = [f"{each.__module__}.{each.__name__}" for each in view.transforms]
    types = _dump(folder / PIPELINE, pipeline, [*trained.trusted, *transforms])
    # A type such as ``package.module.name`` is of this module.
    modules = {view.module, *(each.rpartition(".")[0] for each in transforms)}
    own = copy_modules({*modules, *_own_modules(types, view.module)}, folder / MODULES)
    _refuse_foreign(types, own)
    example = frame.iloc[_spread(len(frame), _TRIED)].reset_index(drop=True)
    example.to_parquet(folder / EXAMPLE, index=False)
    features = apply_transforms(view, example)
    expected = {"predictions": predict(pipeline, example.copy()).tolist()}
    (folder / EXPECTED).write_text(json.dumps(expected) + "\n")
    seen = Contract.of([frame[list(view.request)], apply_transforms(view, frame)])
    (folder / CONTRACT).write_text(seen.as_json())
    classes = getattr(pipeline, "classes_", None)
    manifest = Manifest(
        view=view.module,
        request=dict(view.request),
        asks_when=view.asked_at is None,
        classes=None if classes is None else np.asarray(classes).tolist(),
        trusted=types,
        examples=_examples(view, example.iloc[:3]),
        made=_made(trained),
        versions=_versions(),
        files=digests(folder),
        not_flat=SmallBatches(pipeline[len(view.transforms) :], features).reason,
    )
    write_manifest(folder, manifest)
    return manifest


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {each: version(each) for each in _DECISIVE}


def _dump(file: Path, pipeline: Pipeline, trusted: Sequence[str]) -> list[str]:
    """Write the pipeline, and return the types in it that skops does not trust by itself."""
    import skops.io  # noqa: PLC0415  (half a second to import)

    try:
        skops.io.dump(pipeline, file)
    except (TypeError, AttributeError) as error:
        raise ModelError(
            f"The model cannot be written in skops: {error}.",
            hint="It holds an object such as a frame or a Series: keep arrays, numbers, texts, and "
            "lists and dicts of them.",
        ) from None
    types = sorted(skops.io.get_untrusted_types(file=file))
    if strange := [each for each in types if each not in trusted]:
        raise ModelError(
            f"The model holds {', '.join(strange)}, which it was not said to.",
            hint="Add to `trusted` what you know and want to run; nothing else is loaded.",
        )
    return types


def _own_modules(types: Sequence[str], module: str) -> set[str]:
    top = module.partition(".")[0]
    return {each.rpartition(".")[0] for each in types if each.partition(".")[0] == top}


def _refuse_foreign(types: Sequence[str], own: set[str]) -> None:
    if foreign := [each for each in types if not may_be_trusted(each, own)]:
        raise ModelError(
            f"The model holds {', '.join(foreign)}, which no service loads.",
            hint="Types of scikit-learn, NumPy and of the project's own modules can be trusted.",
        )


def _spread(count: int, wanted: int) -> list[int]:
    """Choose rows from the whole length of a frame."""
    return sorted({round(place) for place in np.linspace(0, count - 1, min(count, wanted))})


def _examples(view: FeatureView, frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [*view.request, *([ASKED_AT] if view.asked_at is None else [])]
    rows = frame[names].to_numpy(object)
    return [dict(zip(names, map(_plain, row), strict=True)) for row in rows]


def _plain(value: Any) -> Any:  # noqa: ANN401  (a cell)
    if pd.isna(value):
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    return value.item() if hasattr(value, "item") else value


def _made(trained: Trained) -> dict[str, Any]:
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "rows": len(trained.frame),
        "params": dict(trained.params),
        "data": {shown(file): digest_file(file) for file in trained.data},
        "notes": dict(trained.notes),
    }
