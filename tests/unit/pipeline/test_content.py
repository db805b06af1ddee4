"""What a product says is told apart from what is new in every run."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.unit.pipeline.conftest import code

from nbrefine.files.digest import digest_file
from nbrefine.pipeline.content import content_digest, made


def model(rows: int, folder: Path, name: str) -> Path:
    """Store a model, fitted to so many rows."""
    x = np.arange(float(rows)).reshape(-1, 1)
    fitted = make_pipeline(StandardScaler(), LinearRegression()).fit(x, 3 * x[:, 0] + 1)
    skops.io.dump(fitted, folder / name)
    return folder / name


def archive(file: Path, member: str, content: str, year: int) -> Path:
    with zipfile.ZipFile(file, "w") as stream:
        stream.writestr(zipfile.ZipInfo("b.txt", (year, 1, 1, 0, 0, 0)), "b")
        stream.writestr(zipfile.ZipInfo(member, (year, 1, 1, 0, 0, 0)), content)
    return file


def notebook(file: Path, text: str, count: int) -> Path:
    output = {"output_type": "stream", "name": "stdout", "text": text}
    cell = code("print(1)") | {"outputs": [output], "execution_count": count}
    cell["metadata"] = {"execution": {"iopub.execute_input": str(count)}}
    file.write_text(json.dumps({"cells": [cell], "metadata": {"papermill": count}, "nbformat": 4}))
    return file


def test_two_dumps_of_a_model_say_the_same(tmp_path: Path) -> None:
    """Their bytes differ, by addresses and times; another model says something else."""
    one, same = model(5, tmp_path, "a.skops"), model(5, tmp_path, "b.skops")
    assert digest_file(one) != digest_file(same)
    assert content_digest(one) == content_digest(same)
    assert content_digest(one) != content_digest(model(6, tmp_path, "c.skops"))


def test_archives_say_what_their_files_say(tmp_path: Path) -> None:
    """Times do not count; names and content do."""
    one = archive(tmp_path / "a.zip", "a.txt", "1", 2001)
    assert content_digest(one) == content_digest(archive(tmp_path / "b.zip", "a.txt", "1", 2002))
    assert content_digest(one) != content_digest(archive(tmp_path / "c.zip", "a.txt", "2", 2001))
    assert content_digest(one) != content_digest(archive(tmp_path / "d.zip", "c.txt", "1", 2001))


def test_gzip_files_say_what_they_hold(tmp_path: Path) -> None:
    """The time in their head does not count."""
    files = []
    for time, content in ((1, b"x"), (2, b"x"), (1, b"y")):
        files.append(tmp_path / f"{len(files)}.csv.gz")
        files[-1].write_bytes(gzip.compress(content, mtime=time))
    one, same, other = map(content_digest, files)
    assert one == same != other


def test_notebooks_say_what_their_cells_say(tmp_path: Path) -> None:
    """Counts and times do not count; outputs do."""
    one = notebook(tmp_path / "a.ipynb", "1", 1)
    assert content_digest(one) == content_digest(notebook(tmp_path / "b.ipynb", "1", 2))
    assert content_digest(one) != content_digest(notebook(tmp_path / "c.ipynb", "2", 1))


@pytest.mark.parametrize("name", ["a.zip", "a.skops", "a.csv.gz", "a.ipynb", "a.npz", "a.csv"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"{}", b"[1]", b"\x1f\x8b\x08 cut"])
def test_what_is_not_what_its_name_says_counts_with_all_bytes(
    tmp_path: Path, name: str, content: bytes
) -> None:
    """Nothing is raised, and any change is one."""
    file = tmp_path / name
    file.write_bytes(content)
    assert content_digest(file) == digest_file(file)


def test_a_folder_is_what_is_in_it(tmp_path: Path) -> None:
    """Whatever its name; its files' names count as well."""
    folder = tmp_path / "data.zip"
    (folder / "part").mkdir(parents=True)
    (folder / "part" / "0.csv").write_text("1")
    before = made(folder, tmp_path)
    assert (before.path, before.content) == ("data.zip", before.digest)
    (folder / "part" / "0.csv").rename(folder / "part" / "1.csv")
    assert content_digest(folder) != before.content
