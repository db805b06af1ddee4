"""The flights as a service: the README's commands, and what was served holds offline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.integration.serving.running import service

from nbrefine.features.declared import load_view
from nbrefine.features.tables import read_tables, write_tables

VIEW = "flights.feature_views"


@pytest.fixture(scope="module")
def shared(ci_project: Path) -> Path:
    """Return what the step has made that packs the model."""
    return ci_project / "build" / "ci" / "share_model"


@pytest.fixture(scope="module")
def log(ci_project: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the prediction log of some requests, from a store that was just pushed."""
    folder = tmp_path_factory.mktemp("served")
    pushed = nbrefine(
        ci_project, "store", "push", shared / "tables", "--view", VIEW, "--store", folder / "store"
    )
    assert pushed.returncode == 0, pushed.stderr
    view = load_view(VIEW)
    features = pd.read_parquet(ci_project / "build" / "ci" / "build_features" / "features.parquet")
    asked = features[list(view.request)].sample(12, random_state=0)
    rows = json.loads(asked.to_json(orient="records", date_format="iso", date_unit="us"))
    options = ("--store", str(folder / "store"), "--log", str(folder / "log"))
    with service(shared / "model", *options) as running:
        for row in rows:
            status, said = running.ask(row)
            assert status == 200, said
            assert 0 <= said["rows"][0]["probabilities"]["true"] <= 1
    return folder / "log"


def nbrefine(root: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in the project."""
    command = [sys.executable, "-m", "nbrefine", *map(str, arguments)]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, timeout=120
    )


def skew(root: Path, log: Path, tables: Path) -> tuple[int, dict[str, Any]]:
    """Check the log against tables."""
    done = nbrefine(
        root, "check", "skew", "--view", VIEW, "--tables", tables, "--log", log, "--json"
    )
    return done.returncode, json.loads(done.stdout)


def test_what_was_served_is_what_is_made_offline(ci_project: Path, shared: Path, log: Path) -> None:
    """Of each logged request, every feature."""
    code, report = skew(ci_project, log, shared / "tables")
    assert (code, report["skewed"]) == (0, [])
    assert report["requests"] == 12


def test_a_table_that_was_corrected_since_is_named(
    ci_project: Path, shared: Path, log: Path, tmp_path: Path
) -> None:
    """By the features that were served with what it said before."""
    view = load_view(VIEW)
    tables = read_tables(shared / "tables", view)
    tables["airports"] = tables["airports"].assign(lat=lambda each: each["lat"] + 1)
    write_tables(tables, tmp_path / "tables")
    code, report = skew(ci_project, log, tmp_path / "tables")
    assert code == 1
    assert [each["column"] for each in report["skewed"]] == ["dest_lat"]
