"""Real notebooks, from the source distributions of three packages, and what they need to run."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.results import ROOT

if TYPE_CHECKING:
    from pathlib import Path

# Package, version, and the folder of its source distribution that has the notebooks.
SHIPPED = (
    ("statsmodels", "0.15.0", "examples/notebooks"),
    ("arch", "8.0.0", "examples"),
    ("linearmodels", "7.1", "examples"),
)
# What the notebooks import, beyond what is in the lock; and the tool that is measured beside ours.
NEEDED = ("seaborn", "soorgeon==0.0.20")


@dataclass(frozen=True)
class Corpus:
    """Notebooks to refine, and an interpreter that runs them.

    Parameters
    ----------
    notebooks
        Their files.
    python
        Of an environment that has what they import, and soorgeon; nbrefine comes later.
    """

    notebooks: tuple[Path, ...]
    python: Path


def prepare(cache: Path) -> Corpus:
    """Download the notebooks and make their environment, unless that is done.

    Parameters
    ----------
    cache
        Folder that keeps both from one run to the next.

    Returns
    -------
    Corpus
        Ready to be run.
    """
    cache.mkdir(parents=True, exist_ok=True)
    notebooks: list[Path] = []
    for package, version, folder in SHIPPED:
        home = cache / f"{package}-{version}"
        if not home.is_dir():
            _unpack(_download(f"{package}=={version}", cache), cache)
        notebooks += sorted((home / folder).glob("*.ipynb"))
    # All packages have their turn early, so that a run which is cut short says something, too.
    notebooks.sort(key=lambda file: hashlib.sha256(file.name.encode()).digest())
    return Corpus(tuple(notebooks), _environment(cache / "env"))


def _download(requirement: str, cache: Path) -> Path:
    """Fetch a source distribution from the index in use; pip would have to build it for that."""
    lock = cache / "pylock.toml"
    _uv(
        *("pip", "compile", "-", "--no-deps", "--format", "pylock.toml", "--quiet"),
        *("--python-version", "3.11", "--output-file", str(lock)),
        text=requirement,
    )
    sdist: dict[str, Any] = tomllib.loads(lock.read_text())["packages"][0]["sdist"]
    lock.unlink()
    url: str = sdist["url"]
    file = cache / url.rsplit("/", 1)[-1]
    with urllib.request.urlopen(url, timeout=120) as response:
        content = response.read()
    if hashlib.sha256(content).hexdigest() != sdist["hashes"]["sha256"]:
        raise SystemExit(f"{file.name} is not what the index says that it is.")
    file.write_bytes(content)
    return file


def _unpack(archive: Path, target: Path) -> None:
    with tarfile.open(archive) as file:
        file.extractall(target, filter="data")
    archive.unlink()


def _environment(home: Path) -> Path:
    """Make the environment: the locked set, and what the notebooks import."""
    python = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists():
        packages = [f"{package}=={version}" for package, version, _ in SHIPPED]
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(home))
        install = ("pip", "install", "--quiet", "--compile-bytecode", "--python", str(python))
        _uv(*install, "-r", str(ROOT / "requirements.lock"))
        _uv(*install, "-c", _constraints(home), *packages, *NEEDED)
        ready.touch()
    return python


def _constraints(home: Path) -> str:
    """Write the locked versions without their hashes: they hold for what is added, too."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pins = [line.removesuffix("\\").strip() for line in lines if "==" in line]
    file = home / "constraints.txt"
    file.write_text("\n".join(pins) + "\n")
    return str(file)


def _uv(*arguments: str, text: str | None = None) -> None:
    subprocess.run([sys.executable, "-m", "uv", *arguments], check=True, input=text, text=True)
