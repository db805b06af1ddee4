"""A model directory: what is in it, and what is refused."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.dummy import DummyClassifier
from tests import shop

from nbrefine.errors import ModelError
from nbrefine.features.joins import training_frame
from nbrefine.features.view import FeatureView
from nbrefine.files.digest import digest_file
from nbrefine.serving import Trained, save_model
from nbrefine.serving.loading import may_be_trusted
from nbrefine.serving.manifest import Manifest, read_manifest

LOAD = """
import sys
from pathlib import Path
from nbrefine.errors import NbrefineError
from nbrefine.files.digest import digest_file
from nbrefine.serving.loading import load_model
try:
    model = load_model(Path(sys.argv[1]))
except NbrefineError as error:
    print(type(error).__name__, error.message)
else:
    import shop
    print("loaded", Path(shop.__file__).is_relative_to(Path(sys.argv[1]).resolve()))
"""


def load(folder: Path) -> str:
    """Load a model in another process, which knows nothing of the shop."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, folder], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def resign(folder: Path, **said: object) -> None:
    """Change a manifest as somebody would who can write to the directory."""
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | said))


def test_it_loads_elsewhere_with_its_own_modules(model_copy: Path) -> None:
    """In another process, on another path, without data and sources; and nothing is left in it."""
    before = read_manifest(model_copy).identity
    assert load(model_copy) == "loaded True"
    assert read_manifest(model_copy).identity == before
    assert not [*model_copy.rglob("__pycache__")]


def test_the_manifest_says_what_made_it(shop_service: tuple[Path, Path]) -> None:
    """Request, classes, parameters, versions, and a digest of every file."""
    manifest = read_manifest(shop_service[0])
    assert list(manifest.request) == ["customer", "product", "price", "express", "ordered_at"]
    assert manifest.classes == [False, True]
    assert manifest.made["params"] == {"max_iter": 10}
    assert "scikit-learn" in manifest.versions
    assert {"pipeline.skops", "modules/shop/feature_views.py"} <= set(manifest.files)
    assert len(manifest.examples) == 3
    assert set(manifest.examples[0]) == {*manifest.request, "asked_at"}


@pytest.mark.parametrize("name", ["pipeline.skops", "modules/shop/feature_views.py"])
def test_a_changed_byte_is_refused(model_copy: Path, name: str) -> None:
    """Whichever file it is in."""
    content = bytearray((model_copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (model_copy / name).write_bytes(content)
    with pytest.raises(ModelError, match="was changed") as raised:
        read_manifest(model_copy)
    assert name in raised.value.message


def test_files_that_came_or_went_are_refused(model_copy: Path) -> None:
    """A module that was put beside the others would be imported."""
    (model_copy / "modules" / "sitecustomize.py").write_text("")
    with pytest.raises(ModelError, match=r"sitecustomize\.py was added"):
        read_manifest(model_copy)
    (model_copy / "modules" / "sitecustomize.py").unlink()
    (model_copy / "contract.json").unlink()
    with pytest.raises(ModelError, match=r"contract\.json is missing"):
        read_manifest(model_copy)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "is no model directory"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"format": 9}', "another format"),
        ('{"format": 1}', "cannot be read"),
    ],
)
def test_a_manifest_that_cannot_be_read(model_copy: Path, content: str | None, says: str) -> None:
    """It is said, and nothing is loaded."""
    file = model_copy / "manifest.json"
    if content is None:
        file.unlink()
    else:
        file.write_text(content)
    with pytest.raises(ModelError, match=says):
        read_manifest(model_copy)


def test_types_that_nobody_serves_are_refused_whatever_the_manifest_says(
    model_copy: Path,
) -> None:
    """The list in the manifest cannot be lengthened by who changes it."""
    resign(model_copy, trusted=[*read_manifest(model_copy).trusted, "os.system"])
    assert "ModelError The model wants os.system" in load(model_copy)


def test_a_schema_that_the_model_was_not_trained_on_is_refused(model_copy: Path) -> None:
    """A request that the declaration does not know is another model's."""
    request = json.loads((model_copy / "manifest.json").read_text())["request"]
    del request["express"]
    resign(model_copy, request=request)
    assert "trained on other requests" in load(model_copy)


def test_a_model_that_predicts_something_else_here_is_refused(model_copy: Path) -> None:
    """Its own examples are tried before anybody is answered."""
    expected = model_copy / "expected.json"
    said = json.loads(expected.read_text())
    said["predictions"][0][0] = math.nextafter(said["predictions"][0][0], 2)
    expected.write_text(json.dumps(said))
    manifest = json.loads((model_copy / "manifest.json").read_text())
    manifest["files"]["expected.json"] = digest_file(expected)
    resign(model_copy, files=manifest["files"])
    assert "does not predict here what it predicted" in load(model_copy)


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("sklearn.tree.DecisionTreeClassifier", True),
        ("numpy.dtype", True),
        ("functools.partial", True),
        ("shop.feature_views.order_features", True),
        ("os.system", False),
        ("builtins.eval", False),
        ("functools.reduce", False),
        ("shopping.feature_views.order_features", False),
    ],
)
def test_what_may_be_trusted(name: str, served: bool) -> None:  # noqa: FBT001
    """Scikit-learn, NumPy, SciPy and the project's own modules."""
    assert may_be_trusted(name, {"shop"}) is served


def test_the_identity_is_of_all_that_the_manifest_says(shop_service: tuple[Path, Path]) -> None:
    """Another parameter is another model."""
    manifest = read_manifest(shop_service[0])
    other = Manifest(**{**vars(manifest), "made": {**manifest.made, "params": {"max_iter": 11}}})
    assert other.identity != manifest.identity
    assert shop.SRC.is_dir()


def test_what_skops_cannot_write_is_told(view: FeatureView, tmp_path: Path) -> None:
    """By what it cannot write, and nothing is left there."""
    placed = shop.orders(50)
    frame = training_frame(view, placed, shop.tables())
    model = DummyClassifier().fit(frame, shop.returned(placed))
    model.kept_ = frame["price"]
    with pytest.raises(ModelError, match="cannot be written in skops") as told:
        save_model(tmp_path / "model", Trained(view, model, frame))
    assert "Series" in str(told.value.hint)
    assert not (tmp_path / "model").exists()
