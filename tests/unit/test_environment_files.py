"""The files that say what to install agree with each other."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wanted(pyproject: dict) -> dict[str, str]:
    """Name and bounds of everything that a developer's environment holds."""
    project, groups = pyproject["project"], pyproject["dependency-groups"]
    extras = project["optional-dependencies"]
    lines = project["dependencies"] + [
        line
        for name in ("lab", "pipeline", "engine", "dask", "refine", "serving", "testing")
        for line in extras[name]
    ]
    lines += [line for name in ("flights", "test", "lint") for line in groups[name]]
    found = {r.name: str(r.specifier) for r in map(Requirement, lines)}
    assert found.pop("nbrefine") == ""
    return found


def test_environment_yml_has_the_same_names_and_bounds(wanted: dict[str, str]) -> None:
    """Conda users get the set that pyproject.toml names, no more and no less."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [entry for entry in listed["dependencies"] if isinstance(entry, str)]
    (with_pip,) = [entry["pip"] for entry in listed["dependencies"] if isinstance(entry, dict)]
    assert with_pip[-1] == "--editable ."
    entries = map(Requirement, conda + with_pip[:-1])
    found = {canonicalize_name(r.name): str(r.specifier) for r in entries}
    assert found.pop("pip") == ""
    assert Requirement(f"python{found.pop('python')}").specifier.contains("3.13.9")
    assert found == wanted


def test_lock_satisfies_every_bound(pyproject: dict, wanted: dict[str, str]) -> None:
    """Each direct dependency is locked, within its bounds, whatever the Python."""
    locked: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines():
        if match := re.match(r"([a-z0-9-]+)==(\S+)", line):
            locked.setdefault(match[1], []).append(match[2])
    build = {
        r.name: str(r.specifier) for r in map(Requirement, pyproject["dependency-groups"]["build"])
    }
    for name, bounds in (wanted | build).items():
        requirement = Requirement(f"{name}{bounds}")
        assert locked[name], name
        assert all(requirement.specifier.contains(version) for version in locked[name]), name


def test_lock_has_a_hash_for_every_package_and_no_address() -> None:
    """The lock works with any index, and what an index serves is checked."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text)
    assert len(entries) > 150
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index" not in text
