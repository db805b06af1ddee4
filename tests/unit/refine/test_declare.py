"""The declaration that ``serve init`` writes: what is in it, what is marked, what is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from nbrefine.cli import serve
from nbrefine.errors import FeatureViewError
from nbrefine.features.columns import Kind
from nbrefine.features.declared import load_view
from nbrefine.features.safety import check_serving
from nbrefine.refine.declare.declare import Declared, declare

PACKAGE = "flats_declared"
CLEAN = '''
def drop_gaps(flats):
    """Keep what is whole."""
    return flats.dropna()
'''
ROW_WISE = '''
def add_age(flats):
    """Add `age`."""
    flats["age"] = 2024 - flats["built"]
    return flats


def add_old(flats):
    """Add `old`."""
    flats["old"] = flats["age"] > 50
    return flats
'''
FITTED = '''

def scale(flats):
    """Add `scaled`."""
    flats["scaled"] = flats["size"] - flats["size"].mean()
    return flats


def square(flats):
    """Add `squared`."""
    flats["squared"] = flats["scaled"] ** 2
    return flats


def join_streets(flats, streets):
    """Add what is known of the street."""
    return flats.merge(streets, on="city", how="left")


def capped(flats, most):
    """Add `small`."""
    flats["small"] = flats["size"].clip(upper=most)
    return flats
'''
IMPORT = f"from {PACKAGE}.features import *\nfrom {PACKAGE}.features import "
READ = "flats = pd.read_parquet(upstream['load']['flats'])"


def notebook(*cells: str) -> str:
    """Return a notebook's text."""
    empty = {"cell_type": "code", "outputs": [], "execution_count": None}
    tagged = [{"tags": ["parameters"]}, *({} for _ in cells[1:])]
    made = [
        {**empty, "source": each, "metadata": metadata}
        for each, metadata in zip(cells, tagged, strict=True)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})


def project(folder: Path, features: str, *cells: str) -> Path:
    """Write a refined project of two steps, the first of which was built."""
    source, product = folder / "src" / PACKAGE, folder / "build"
    for each in (source, product, folder / "notebooks"):
        each.mkdir(parents=True)
    (source / "__init__.py").write_text("")
    (source / "features.py").write_text(features)
    (folder / "notebooks" / "load.ipynb").write_text(notebook("upstream = None"))
    (folder / "notebooks" / "model.ipynb").write_text(notebook('upstream = ["load"]', *cells))
    (folder / "pipeline.yaml").write_text(
        "tasks:\n"
        "  - {source: notebooks/load.ipynb, name: load,\n"
        "     product: {nb: build/load.ipynb, flats: build/flats.parquet}}\n"
        "  - {source: notebooks/model.ipynb, name: model, product: {nb: build/model.ipynb}}\n"
    )
    rng = np.random.default_rng(0)
    size = rng.normal(60, 9, 40)
    flats = pd.DataFrame({"built": rng.integers(1900, 2020, 40), "size": size, "city": "Oslo"})
    flats.loc[3, "size"] = np.nan
    flats.to_parquet(product / "flats.parquet")
    return folder


@pytest.fixture(autouse=True)
def imported_anew() -> Iterator[None]:
    """Let each test import its own package of the same name."""
    path, modules = [*sys.path], {*sys.modules}
    yield
    sys.path[:] = path
    for name in {*sys.modules} - modules:
        if name.partition(".")[0] == PACKAGE:
            del sys.modules[name]


def text_of(written: Declared) -> str:
    """Return what was written, comments on one line."""
    return " ".join(written.file.read_text().replace("\n# ", " ").split())


def test_what_is_row_wise_serves_as_it_is(tmp_path: Path) -> None:
    """The file imports, says what a request carries, and passes the proof."""
    folder = project(
        tmp_path / "a project",
        CLEAN + ROW_WISE,
        f"{IMPORT}drop_gaps, add_age, add_old",
        READ,
        "flats = drop_gaps(flats)",
        "flats = add_age(flats)\nflats = add_old(flats)",
        "model.fit(flats[['age', 'old', 'city']], flats['price'])",
    )
    written = declare(folder / "notebooks")
    assert written.requests == folder / "build" / "flats.parquet"
    sys.path.insert(0, str(folder / "src"))
    view = load_view(written.module)
    assert {name: each.kind for name, each in view.request.items()} == {
        "built": Kind.WHOLE,
        "city": Kind.TEXT,
    }
    assert [each.__name__ for each in view.transforms] == ["add_age", "add_old"]
    assert "change which rows there are: drop_gaps: reshaping" in text_of(written)
    proof = check_serving(view, pd.read_parquet(written.requests), {}, rows=9)
    assert proof.holds
    assert {*proof.transforms} == {"add_age", "add_old"}


def test_what_cannot_serve_is_marked_with_its_reason(tmp_path: Path) -> None:
    """A fitted transform, one that builds on it, and one that is given more than a frame."""
    folder = project(
        tmp_path,
        ROW_WISE + FITTED,
        f"{IMPORT}add_age, scale, square, capped, join_streets",
        "%matplotlib inline\nimport pandas as pd",
        READ,
        "flats = add_age(flats)\nflats = scale(flats)\nflats = square(flats)",
        "tmp = capped(flats, limit)\nflats = join_streets(tmp, streets)",
        "columns = ['age', 'squared', 'size']",
        "model.fit(flats[columns], flats['price'])",
    )
    written = declare(folder)
    text = text_of(written)
    assert "DECIDE: scale is not here: it learns from all rows." in text
    assert "`flats['size'].mean()`: the mean is taken over the batch" in text
    assert "DECIDE: square is not here: it needs 'scaled', which scale makes" in text
    assert "DECIDE: capped is not here: the notebook also gives it limit." in text
    assert "DECIDE: join_streets: to join a table is a look-up while serving." in text
    assert "DECIDE: the model is fitted on 'squared', which square makes." in text
    lines = (folder / "src" / PACKAGE / "features.py").read_text().splitlines()
    (fitted,) = [each for each in written.choice.transforms if each.called.name == "scale"]
    assert "mean()" in lines[(fitted.kind.line or 0) - 1]
    sys.path.insert(0, str(folder / "src"))
    view = load_view(written.module)
    assert [each.__name__ for each in view.transforms] == ["add_age"]
    assert view.request["size"].optional


def test_columns_are_followed_through_a_split(tmp_path: Path) -> None:
    """They were chosen two names before the model is fitted; what they are made of is carried."""
    folder = project(
        tmp_path,
        ROW_WISE + FITTED,
        f"{IMPORT}add_age, scale, capped",
        "from sklearn.model_selection import train_test_split",
        READ,
        "flats = add_age(flats)\nflats = scale(flats)\nflats = capped(flats, limit)",
        "features = ['age', 'scaled', 'small', 'city']\nX = flats[features]\ny = flats['price']",
        "X_train, X_test, y_train, y_test = train_test_split(X, y)\nX_train = X_train.fillna(0)",
        "model.fit(X_train, y_train)",
    )
    written = declare(folder)
    assert {*written.choice.request} == {"built", "size", "city"}
    assert written.choice.lacking == {"scaled": "scale", "small": "capped"}


def test_all_reasons_are_told(tmp_path: Path) -> None:
    """That it is given more than a frame, and that what it needs is not declared."""
    more = (
        FITTED
        + "\n\ndef ratio(flats, most):\n    flats['r'] = flats['scaled'] / most\n    return flats\n"
    )
    folder = project(
        tmp_path,
        ROW_WISE + more,
        f"{IMPORT}scale, ratio",
        READ,
        "flats = scale(flats)\nflats = ratio(flats, limit)",
        "model.fit(flats[['r']], flats['price'])",
    )
    (told,) = [e.why_not for e in declare(folder).choice.transforms if e.called.name == "ratio"]
    assert "needs 'scaled', which scale makes" in told
    assert "gives it limit" in told


def test_other_tables_are_named(tmp_path: Path) -> None:
    """What another frame goes through is not what a request goes through."""
    folder = project(
        tmp_path,
        CLEAN + ROW_WISE,
        f"{IMPORT}drop_gaps, add_age",
        f"{READ}\nflats = add_age(flats)\nstreets = drop_gaps(streets)",
        "model.fit(flats[['age']], flats['price'])",
    )
    written = declare(folder)
    assert [each.name for each in written.choice.elsewhere] == ["drop_gaps"]
    assert "DECIDE: these are called on other tables: drop_gaps." in text_of(written)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A declaration that is there stays as it is."""
    folder = project(
        tmp_path, ROW_WISE, f"{IMPORT}add_age", READ, "flats = add_age(flats)\nmodel.fit(flats)"
    )
    file = declare(folder).file
    file.write_text("# mine\n")
    with pytest.raises(FeatureViewError, match="There is a declaration") as raised:
        declare(folder)
    assert "feature_views.py" in str(raised.value.where)
    assert file.read_text() == "# mine\n"


def test_a_project_that_was_never_built_is_told_so(tmp_path: Path) -> None:
    """Without products nobody knows what columns hold."""
    folder = project(
        tmp_path, ROW_WISE, f"{IMPORT}add_age", READ, "flats = add_age(flats)\nmodel.fit(flats)"
    )
    (folder / "build" / "flats.parquet").unlink()
    with pytest.raises(FeatureViewError, match="no products yet") as raised:
        declare(folder)
    assert "nbrefine build" in raised.value.hint


def test_a_project_without_transforms_is_told_so(tmp_path: Path) -> None:
    """The reason is that nothing is called, or why none can be declared."""
    folder = project(
        tmp_path / "fitted",
        FITTED,
        f"{IMPORT}scale",
        READ,
        "flats = scale(flats)\nmodel.fit(flats)",
    )
    with pytest.raises(FeatureViewError, match="No step calls a function") as raised:
        declare(folder)
    assert raised.value.hint.startswith("scale: it learns from all rows")
    assert not (folder / "src" / PACKAGE / "feature_views.py").exists()
    (folder / "src" / PACKAGE / "__init__.py").unlink()
    (folder / "src" / PACKAGE / "features.py").unlink()
    with pytest.raises(FeatureViewError, match="this one has none"):
        declare(folder)


def test_the_command_says_what_to_do_next(tmp_path: Path) -> None:
    """It names the file, what is left out, and the proof."""
    folder = project(
        tmp_path,
        CLEAN + ROW_WISE,
        f"{IMPORT}drop_gaps, add_age",
        f"{READ}\nflats = drop_gaps(flats)\nflats = add_age(flats)\nmodel.fit(flats)",
    )
    said = CliRunner().invoke(serve.command, ["init", "-C", str(folder)])
    assert said.exit_code == 0, said.output
    assert "1 of 2 transforms serve a request of 1 columns." in said.output
    assert "not drop_gaps: it changes which rows there are" in said.output
    assert f"nbrefine check serving --view {PACKAGE}.feature_views --requests" in said.output
