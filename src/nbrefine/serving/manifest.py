"""A model directory's manifest: what it is, what made it, and the digest of every file in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from nbrefine.errors import ModelError, Place
from nbrefine.features.columns import Kind
from nbrefine.features.view import RequestField
from nbrefine.files.atomic import write_atomic
from nbrefine.files.digest import digest_file
from nbrefine.files.paths import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
PIPELINE, MODULES = "pipeline.skops", "modules"
CONTRACT, EXAMPLE, EXPECTED = "contract.json", "example.parquet", "expected.json"
_CACHE = "__pycache__"


@dataclass(frozen=True)
class Manifest:
    """What a model directory says of itself.

    Parameters
    ----------
    view
        The module with the declaration of its features.
    request
        What a request carries, by name.
    asks_when
        Whether a request may say when it is asked; else the declaration works it out.
    classes
        What it tells apart, or None for a model that predicts numbers.
    trusted
        The types that the pipeline may hold beyond those that skops trusts.
    examples
        Requests to show.
    made
        What made it: time, parameters, digests of data.
    versions
        Of Python and the packages that decide what it predicts.
    files
        SHA-256 of every other file, by path.
    not_flat
        Why a few rows may not be predicted with flat arrays (see `nbrefine.serving.equal`); empty
        where they may.
    """

    view: str
    request: Mapping[str, RequestField]
    asks_when: bool
    classes: list[Any] | None
    trusted: list[str]
    examples: list[dict[str, Any]]
    made: Mapping[str, Any]
    versions: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict)
    not_flat: str = "it was not tried when the model was written"

    @property
    def identity(self) -> str:
        """What identifies the model: a digest of all that is in the manifest."""
        return hashlib.sha256(self.as_json().encode()).hexdigest()

    def as_json(self) -> str:
        """Write it down."""
        said = {"format": FORMAT, **asdict(self)}
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest, the last file of its directory."""
    write_atomic(folder / MANIFEST, manifest.as_json())


def digests(folder: Path) -> dict[str, str]:
    """Digest all files of a model directory but the manifest and byte code."""
    return {
        file.relative_to(folder).as_posix(): digest_file(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != MANIFEST and _CACHE not in file.parts
    }


def read_manifest(folder: Path) -> Manifest:
    """Read a model directory's manifest, and hold every file against it.

    Parameters
    ----------
    folder
        The model directory.

    Returns
    -------
    Manifest
        What it says.

    Raises
    ------
    ModelError
        If there is none, it is of another format, or a file was changed, added or removed.
    """
    file = folder / MANIFEST
    try:
        said = json.loads(file.read_bytes())
        if said.pop("format") != FORMAT:
            message = f"The model has another format than {FORMAT}, which this release reads."
            raise ModelError(message, where=Place(shown(file)))
        request = {
            name: RequestField(Kind(each["kind"]), each["optional"], each["refuse"])
            for name, each in said.pop("request").items()
        }
        manifest = Manifest(request=request, **said)
    except OSError:
        message = f"{shown(folder)} is no model directory: it has no {MANIFEST}."
        hint = "Build the pipeline's step that writes it first."
        raise ModelError(message, hint=hint) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"The manifest cannot be read: {error!r}."
        raise ModelError(message, where=Place(shown(file))) from None
    _refuse_changes(folder, manifest)
    return manifest


def _refuse_changes(folder: Path, manifest: Manifest) -> None:
    found = digests(folder)
    names = sorted({*found, *manifest.files})
    changed = [name for name in names if found.get(name) != manifest.files.get(name)]
    if changed:
        first = changed[0]
        how = (
            "was changed"
            if first in found and first in manifest.files
            else ("is missing" if first in manifest.files else "was added")
        )
        more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise ModelError(
            f"The model is not as it was written: {first} {how}{more}.",
            where=Place(shown(folder / first)),
            hint="Write it anew; a model directory is never edited.",
        )
