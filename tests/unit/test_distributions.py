"""Which distribution a module comes from is looked up without importing it, and remembered."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

import pytest

from nbrefine.environment import distributions
from nbrefine.environment.distributions import Distributions


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one installed distribution, whose module must not be imported."""
    folder = tmp_path / "site-packages"
    install(folder, "flying-things", "1.0")
    (folder / "flying.py").write_text("raise SystemExit('was imported')")
    monkeypatch.setattr(sys, "path", [str(folder)])
    settle(folder)
    return folder


def install(folder: Path, name: str, version: str) -> None:
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "top_level.txt").write_text("flying\n")


def settle(folder: Path) -> None:
    """Let the last change of a folder lie an hour back."""
    stat = folder.stat()
    os.utime(folder, (stat.st_atime, stat.st_mtime - 3600))


def test_a_modules_distribution_is_found(site: Path) -> None:
    """By its top-level name; nothing is known of what is not installed."""
    found = Distributions(site.parent / "kept.json")
    assert found.versions("flying") == {"flying-things": "1.0"}
    assert found.versions("other") == {}


def test_what_was_found_is_remembered_until_something_is_installed(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The times of the folders tell."""
    kept = site.parent / "kept.json"
    Distributions(kept).versions("flying")
    monkeypatch.setattr(distributions, "_installed", dict)
    assert Distributions(kept).versions("flying") == {"flying-things": "1.0"}
    install(site, "other", "2.0")
    assert Distributions(kept).versions("flying") == {}


def test_nothing_is_remembered_while_something_is_being_installed(site: Path) -> None:
    """A folder that has just changed may change again without its time moving on."""
    install(site, "other", "2.0")
    kept = site.parent / "kept.json"
    assert Distributions(kept).versions("flying") == {"flying-things": "1.0", "other": "2.0"}
    assert not kept.exists()


def test_all_that_is_installed_here_is_found_as_python_finds_it() -> None:
    """By what distributions declare, and by the files of those that declare nothing."""
    found = Distributions(None)
    assert {name: [*found.versions(name)] for name in metadata.packages_distributions()} == {
        name: sorted({*names}) for name, names in metadata.packages_distributions().items()
    }
    assert found.versions("pandas") == {"pandas": metadata.version("pandas")}


def test_a_distribution_without_a_list_of_modules_is_known_by_its_files(site: Path) -> None:
    """A package, a module, and an extension; scripts and what only looks like a field do not."""
    info = site / "unlisted-3.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: unlisted\nVersion: 3.0\n\nName: described\nVersion: 4\n")
    files = ["pack/__init__.py", "single.py", "fast.abi3.so", '"od,d/x.py"', "../../x.py", "a/b"]
    (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))
    found = Distributions(None)
    assert {
        name
        for name in ("pack", "single", "fast", "a", "..", "x", "od")
        if found.versions(name) == {"unlisted": "3.0"}
    } == {"pack", "single", "fast"}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"stamp": 1, "modules": {}}'])
def test_a_damaged_memory_is_none(site: Path, content: str) -> None:
    """It is looked up again."""
    kept = site.parent / "kept.json"
    kept.write_text(content)
    assert Distributions(kept).versions("flying") == {"flying-things": "1.0"}
