"""A model of the shop, fitted and written; its directory is made once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import shop

from nbrefine.features.declared import load_view
from nbrefine.features.view import FeatureView

WRITE = """
import sys
from collections.abc import Iterator
from pathlib import Path
from tests import shop
sys.path.insert(0, str(shop.SRC))
from nbrefine.features.pushing import push
from nbrefine.features.declared import load_view
shop.write_model(Path(sys.argv[1]))
push(load_view("shop.feature_views"), shop.tables(), Path(sys.argv[2]))
"""


@pytest.fixture(scope="session")
def shop_service(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a model directory and an online store; whoever changes one copies it first."""
    folder = tmp_path_factory.mktemp("shop")
    model, store = folder / "model", folder / "store"
    subprocess.run([sys.executable, "-c", WRITE, model, store], check=True, cwd=shop.ROOT)
    return model, store


@pytest.fixture
def model_copy(shop_service: tuple[Path, Path], tmp_path: Path) -> Path:
    """Return a copy of the model directory, to be damaged."""
    return Path(shutil.copytree(shop_service[0], tmp_path / "copy"))


@pytest.fixture(scope="module")
def view() -> Iterator[FeatureView]:
    """Return what the shop declares."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(shop.SRC))
        yield load_view("shop.feature_views")
