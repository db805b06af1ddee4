"""Products are staged, writes elsewhere are undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbrefine.engine.staging import Staging
from nbrefine.engine.undo import prepare_undo, put_back, touched_files, undo_folder
from nbrefine.observer.undo import Undo


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty project."""
    return tmp_path.resolve()


def test_products_and_what_lies_beside_them_are_found(root: Path) -> None:
    """Files beside a product go to where the product's neighbours belong."""
    product = root / "build" / "a" / "frame.parquet"
    staging = Staging(root, "a")
    staging.prepare([product])
    staging.path(product).write_text("x")
    (staging.path(product).parent / "extra.csv").write_text("y")
    found = dict(staging.written([product]))
    assert {*found.values()} == {product, product.parent / "extra.csv"}


def test_a_product_outside_of_the_project_is_staged_in_it(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Staged files never leave the project's folder."""
    product = tmp_path_factory.mktemp("disk").resolve() / "model.bin"
    staging = Staging(root, "a")
    staging.prepare([product])
    assert staging.path(product).is_relative_to(root)
    staging.path(product).write_text("x")
    assert [*staging.written([product])] == [(staging.path(product), product)]


def test_an_executed_notebook_shows_final_paths(root: Path) -> None:
    """Absolute and relative staging paths are both replaced, also where JSON escapes them."""
    staging = Staging(root, 'st"ep')
    text = f'{staging.folder}/build/x.csv and .nbrefine/staging/st"ep/build/y.csv'
    document = staging.with_final_paths({"cells": [{"source": text}]})
    assert document == {"cells": [{"source": f"{root}/build/x.csv and build/y.csv"}]}


@pytest.fixture
def undo(root: Path) -> tuple[Path, Undo]:
    """A step's undo folder, and the kernel's side of it."""
    folder = undo_folder(root, "a")
    prepare_undo(folder)
    return folder, Undo(str(root), str(root / ".nbrefine/staging/a"), str(folder))


def test_overwritten_and_new_files_are_put_back(root: Path, undo: tuple[Path, Undo]) -> None:
    """An overwritten file has its old content again, a removed one is back, a new one is gone."""
    folder, kernel = undo
    old, removed, new = root / "old", root / "removed", root / "new"
    old.write_text("old")
    removed.write_text("there")
    for path in (old, removed, new):
        kernel.before_write(str(path))
        kernel.before_write(str(path))
    old.write_text("changed")
    removed.unlink()
    new.write_text("new")
    assert touched_files(folder) == (old, removed, new)
    assert put_back(folder) == (old, removed, new)
    assert old.read_text() == "old"
    assert removed.read_text() == "there"
    assert not new.exists()
    assert not folder.exists()


def test_a_cut_off_journal_line_counts_for_nothing(root: Path, undo: tuple[Path, Undo]) -> None:
    """A file is touched only after its line is whole, so half a line touches nothing."""
    folder, kernel = undo
    (root / "old").write_text("old")
    kernel.before_write(str(root / "old"))
    with (folder / "journal").open("a") as journal:
        journal.write(json.dumps({"path": str(root / "never"), "copy": None})[:12])
    (root / "old").write_text("changed")
    assert put_back(folder) == (root / "old",)
    assert (root / "old").read_text() == "old"


def test_what_lies_outside_of_the_project_is_left_alone(
    root: Path, undo: tuple[Path, Undo], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Files elsewhere and staged ones are not ours to put back."""
    folder, kernel = undo
    kernel.before_write(str(tmp_path_factory.mktemp("other") / "file"))
    kernel.before_write(str(root / ".nbrefine/staging/a/build/x"))
    assert touched_files(folder) == ()
