"""A project's tests are recorded in a real build, and pass where nbrefine is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from nbrefine.refine.extract.extraction import Moved
from nbrefine.refine.generated_tests.generate import GeneratedTests, generate_tests
from nbrefine.refine.generated_tests.record import Wanted
from nbrefine.refine.generated_tests.transformers import transformers_of
from nbrefine.refine.generated_tests.verify import verify
from nbrefine.transforms import Kind

pytestmark = pytest.mark.slow

PIPELINE = """\
meta:
  extract_upstream: true
tasks:
  - source: notebooks/clean.ipynb
    name: clean
    static_analysis: disable
    product:
      nb: build/clean/clean.ipynb
      orders: build/clean/orders.parquet
"""
MODULE = '''\
"""Clean orders."""

import os


def large(orders, limit):
    return orders.assign(large=orders["total"] > limit)


def size(total):
    if total < 20:
        return "small"
    return "large"


def process(orders):
    return len(orders) * os.getpid()


def export(orders):
    orders.to_csv("orders.csv")


def standardize(orders):
    total = orders["total"]
    return orders.assign(scaled=(total - total.mean()) / total.std())
'''
# As the notebook had it before `limit` became an argument.
OWN = 'def large(orders):\n    return orders.assign(large=orders["total"] > limit)\n'
ORDERS = """\
limit = 50
emails = [f"jane{n}@example.org" for n in range(9000)]
orders = pd.DataFrame({"total": range(9000), "email": emails})"""
NAMES = ("export", "large", "process", "size", "standardize")
CELLS = (
    ("upstream = None\nproduct = None", ["parameters"]),
    ('import sys\n\nsys.path[:0] = ["src", "../src"]', []),
    (f"import pandas as pd\n\nfrom shop.cleaning import {', '.join(NAMES)}", []),
    (ORDERS, []),
    ('orders = large(orders, limit=limit)\norders["large"].sum()', []),
    ('orders["total"].head(40).map(size).value_counts()', []),
    ("process(orders)", []),
    ("export(orders)", []),
    ("object()", []),
    ("orders = standardize(orders)", []),
    ('orders.to_parquet(product["orders"])', []),
)


def notebook(cells: tuple[tuple[str, list[str]], ...]) -> dict[str, object]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {"tags": tags, "nbrefine": {"origin": number}},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for number, (source, tags) in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def moved(name: str, cell: int = 2, line: int = 1, arguments: tuple[str, ...] = ()) -> Moved:
    return Moved(name, "function", "shop.cleaning", "notebooks/clean.ipynb", cell, line, arguments)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    files = {
        "pipeline.yaml": PIPELINE,
        "src/shop/__init__.py": "",
        "src/shop/cleaning.py": MODULE,
        "notebooks/clean.ipynb": json.dumps(notebook(CELLS)),
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


@pytest.fixture(scope="module")
def generated(project: Path) -> GeneratedTests:
    functions = [
        moved("large", arguments=("limit",)),
        moved("size"),
        moved("process"),
        moved("export"),
        moved("standardize"),
    ]
    before = notebook((*CELLS[:2], (OWN, []), *CELLS[3:]))
    # Cell 6 shows the process's number, which no run has twice.
    notebooks = {"notebooks/clean.ipynb": before}
    transformers = transformers_of(functions, {"src/shop/cleaning.py": MODULE})
    wanted = Wanted(functions, notebooks, varying={6}, transformers=transformers)
    return generate_tests(project, wanted)


def test_functions_have_tests_or_a_reason(generated: GeneratedTests) -> None:
    """One that depends on the process passes while it is recorded, and fails when it is run."""
    assert generated.trouble == ""
    assert set(generated.tests) == {"large", "size", "standardize"}
    missed = {each.function: each.reason for each in generated.missed}
    assert missed["export"] == "it writes files"
    assert missed["process"].startswith("its test did not pass: ")
    assert set(generated.left_out) == {"test_process"}
    assert "test_process" not in str(generated.files["tests/test_cleaning.py"])
    assert generated.masked == dict.fromkeys(
        ("large", "process", "standardize"), ("orders['email']",)
    )


def test_what_learns_is_proved_and_tested(project: Path, generated: GeneratedTests) -> None:
    """Its class stands beside the function, and a wrong statistic in it is noticed."""
    assert generated.transformers == {"standardize": "Standardize"}
    assert generated.classifications["standardize"].kind is Kind.FITTED
    home = "src/shop/transformers.py"
    written = str(generated.files[home])
    assert not verify(project, generated.files).failed
    wrong = {**generated.files, home: written.replace("total.mean()", "total.max()")}
    assert wrong[home] != written
    assert [*verify(project, wrong).failed] == ["test_standardize_learns_what_the_function_takes"]


def test_the_project_is_as_it_was(project: Path, generated: GeneratedTests) -> None:
    """Nothing was built there, and nothing written."""
    assert generated.files
    found = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert found == {
        "pipeline.yaml",
        "src/shop/__init__.py",
        "src/shop/cleaning.py",
        "notebooks/clean.ipynb",
    }


def test_tests_notice_a_change(generated: GeneratedTests, tmp_path: Path) -> None:
    """Of the constant between small and large, which the sample has rows beside."""
    (tmp_path / "src" / "shop").mkdir(parents=True)
    (tmp_path / "src" / "shop" / "__init__.py").touch()
    changed = MODULE.replace("< 20", "<= 20").replace("> limit", ">= limit")
    (tmp_path / "src" / "shop" / "cleaning.py").write_text(changed)
    assert set(verify(tmp_path, generated.files).failed) == {"test_large", "test_size"}


def test_tests_run_where_nbrefine_is_not_installed(
    generated: GeneratedTests, tmp_path: Path
) -> None:
    """In an environment of its own, which has what is installed here but nbrefine."""
    python = other_environment(tmp_path / "environment")
    project = tmp_path / "shop"
    files = {
        **generated.files,
        "src/shop/__init__.py": "",
        "src/shop/cleaning.py": MODULE,
        "pytest.ini": "[pytest]\n",
    }
    for path, content in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        (project / path).write_bytes(raw)
    # Its plugins would be looked for by what is said of the packages here.
    environment = {"PATH": os.environ["PATH"], "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [str(python), "-m", "pytest", "-q", "tests", "-p", "no:cacheprovider"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{generated.passed} passed" in done.stdout


def other_environment(folder: Path) -> Path:
    """Make a virtual environment that finds the packages of this one, but not nbrefine."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    ask = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    shared = folder / "shared"
    shared.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "nbrefine" not in entry.name and entry.suffix != ".pth":
            (shared / entry.name).symlink_to(entry)
    (Path(packages) / "shared.pth").write_text(f"{shared}\n")
    absent = [str(python), "-c", "import importlib.util as u; assert not u.find_spec('nbrefine')"]
    subprocess.run(absent, check=True)
    return python


def test_the_baseline_passes_under_plain_nbval(
    project: Path, generated: GeneratedTests, tmp_path: Path
) -> None:
    """What is never the same is ignored, and a changed output is noticed."""
    (baseline,) = generated.baselines
    assert generated.refused == {}
    assert sorted(baseline.ignored) == [7, 9]  # behind the injected parameters
    text = baseline.text()
    assert str(project) not in text
    for file in ("src/shop/cleaning.py", "src/shop/__init__.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text((project / file).read_text())
    (tmp_path / "tests" / "notebooks").mkdir(parents=True)
    assert "8949" in text
    for content, status in ((text, 0), (text.replace("8949", "8948"), 1)):
        (tmp_path / baseline.path).write_text(content)
        assert nbval(tmp_path) == status
    assert (tmp_path / "build" / "nbval" / "clean" / "orders.parquet").is_file()


def nbval(root: Path) -> int:
    environment = {name: text for name, text in os.environ.items() if "PYTEST" not in name}
    command = [sys.executable, "-m", "pytest", "--nbval", "tests/notebooks", "-q"]
    command += ["-p", "no:randomly", "-p", "no:cacheprovider"]
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode
