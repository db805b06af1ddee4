"""The shop's declaration, with its module importable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import shop

from nbrefine.features.declared import load_view
from nbrefine.features.view import FeatureView


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> Iterator[FeatureView]:
    """Return what the shop declares."""
    monkeypatch.syspath_prepend(str(shop.SRC))
    return load_view("shop.feature_views")
