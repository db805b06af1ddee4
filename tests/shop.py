"""The small shop that tests of features and serving use: its tables, orders and model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd

from nbrefine.features.declared import load_view
from nbrefine.features.joins import training_frame
from nbrefine.features.transforms import apply_transforms
from nbrefine.serving.package import Trained, save_model

ROOT = Path(__file__).parents[1]
SRC = ROOT / "tests" / "fixtures" / "shop" / "src"
START = pd.Timestamp("2025-03-01", tz="UTC")


def tables(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return the look-up tables: customers, stock with late corrections, sums of returns."""
    rng = np.random.default_rng(seed)
    days = START + pd.to_timedelta(np.arange(-30, 60), unit="D")
    customers = pd.DataFrame(
        {
            "customer": [f"c{n}" for n in range(20)],
            "city": ["Oslo", "Ghent", None, "Graz"] * 5,
            "since": days[:20],
        }
    )
    counted = START + pd.to_timedelta(rng.integers(-40, 60 * 24, 400), unit="h")
    stock = pd.DataFrame(
        {
            "product": rng.integers(0, 5, 400),
            "counted_at": counted,
            "known_at": counted + pd.to_timedelta(rng.integers(0, 72, 400), unit="h"),
            "level": rng.integers(0, 1000, 400),
        }
    )
    returned = pd.DataFrame({"known_at": days, "total": np.arange(len(days)) * 3})
    return {"customers": customers, "stock": stock, "returns": returned}


def orders(count: int = 300, seed: int = 1) -> pd.DataFrame:
    """Return orders, each asked when it was placed."""
    rng = np.random.default_rng(seed)
    placed = START + pd.to_timedelta(np.sort(rng.integers(0, 50 * 24 * 60, count)), unit="min")
    return pd.DataFrame(
        {
            "customer": rng.choice([*(f"c{n}" for n in range(20)), None], count),
            "product": rng.integers(0, 5, count),
            "price": rng.uniform(1, 500, count).round(2),
            "express": rng.random(count) < 0.3,
            "ordered_at": placed,
            "asked_at": placed,
        }
    )


def returned(placed: pd.DataFrame) -> pd.Series:
    """Say which orders came back: by price, hour and haste, and by chance."""
    chance = np.random.default_rng(2).normal(0, 100, len(placed))
    hour = placed["ordered_at"].dt.hour
    return (placed["price"] + 250 * placed["express"] + 15 * hour + chance) > 520


def age(file: Path) -> None:
    """Make a file look two hours old."""
    then = file.stat().st_mtime - 7200
    os.utime(file, (then, then))


def write_model(folder: Path) -> None:
    """Fit a model and write its directory; the shop's module must be importable."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  (heavy)

    view = load_view("shop.feature_views")
    placed = orders(2000)
    frame = training_frame(view, placed, tables())
    model = HistGradientBoostingClassifier(max_iter=10, random_state=0)
    model.fit(apply_transforms(view, frame), returned(placed))
    trusted = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]
    save_model(folder, Trained(view, model, frame, trusted=trusted, params={"max_iter": 10}))
