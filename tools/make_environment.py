"""Make the project's virtual environment from the lock, once, and say what is being done.

Runs on the system's own Python, so it uses the standard library alone. The environment counts
as made when its stamp, written last, holds the digest of everything that it was made from.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "nbrefine-stamp"
LOCK = ROOT / "requirements.lock"
SUPPORTED = [(3, 11), (3, 12), (3, 13)]
# Source distributions are built without isolation, with these, so that the lock covers them too.
BUILD_TOOLS = ("setuptools", "wheel")


class CannotMakeEnvironmentError(Exception):
    """Something outside of the project is missing; the message says what to install."""


def fingerprint(interpreter: str) -> str:
    """Digest of all that decides what the environment holds.

    Parameters
    ----------
    interpreter
        What ``sys.version`` and ``sys.executable`` of the chosen Python say.

    Returns
    -------
    str
        A hexadecimal SHA-256 digest over the contents of the lock, ``pyproject.toml`` and this
        script, the interpreter, and the folder: an environment does not survive being moved.
    """
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(f"{interpreter}\n{ROOT}".encode())
    return digest.hexdigest()


def find_python() -> tuple[str, str]:
    """Choose the Python to build on: this one, else the newest supported one on the path.

    Returns
    -------
    executable, description
        The command, and its full path and version in one string.

    Raises
    ------
    CannotMakeEnvironmentError
        If no supported Python is installed.
    """
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable, f"{sys.executable} {sys.version}"
    for major, minor in reversed(SUPPORTED):
        if found := shutil.which(f"python{major}.{minor}"):
            code = "import sys; print(sys.executable, sys.version)"
            run = subprocess.run([found, "-c", code], capture_output=True, text=True, check=False)
            if run.returncode == 0:
                return found, run.stdout.strip()
    have = ".".join(map(str, sys.version_info[:2]))
    raise CannotMakeEnvironmentError(
        f"Python 3.11, 3.12 or 3.13 is needed, but python3 is {have}: install one of them."
    )


def require_ensurepip(python: str) -> None:
    """Make sure that ``python -m venv`` can work; Debian keeps ``ensurepip`` in a package apart.

    Raises
    ------
    CannotMakeEnvironmentError
        If it is missing and cannot be installed from here.
    """
    if python == sys.executable:
        missing = importlib.util.find_spec("ensurepip") is None
    else:
        missing = run([python, "-c", "import ensurepip"], quiet=True) != 0
    if not missing:
        return
    package = "python3-venv" if python == sys.executable else f"{Path(python).name}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"installing Debian's {package}, which this Python needs to make environments")
        if run(["apt-get", "update", "-qq"]) == 0 and (
            run(["apt-get", "install", "-y", "-qq", package]) == 0
        ):
            return
    raise CannotMakeEnvironmentError(
        f"This Python cannot make virtual environments: run 'sudo apt install {package}'."
    )


def locked(wanted: Callable[[str], bool]) -> str:
    """Return the lock's entries, hashes included, of the distributions that are wanted by name."""
    entries = re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8").rstrip())
    return "\n".join(entry for entry in entries if wanted(entry.partition("==")[0])) + "\n"


def install(python: Path) -> None:
    """Install the lock and then the project itself into the new environment.

    Parameters
    ----------
    python
        The environment's own interpreter.

    Raises
    ------
    CannotMakeEnvironmentError
        If a package cannot be installed; the installer has said why.
    """
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    uv = [str(python), "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "requirements.txt"
        pip_part = [*pip, "--no-deps", "--require-hashes", "-r", str(part)]
        part.write_text(locked(BUILD_TOOLS.__contains__), encoding="utf-8")
        check(pip_part)
        part.write_text(locked("uv".__eq__), encoding="utf-8")
        if run(pip_part, quiet=True) == 0:
            installer = [*uv, "--compile-bytecode", "--no-build-isolation"]
        else:
            say("uv cannot be installed here: pip does the same, slower")
            installer = [*pip, "--compile", "--no-build-isolation"]
        say("installing the locked packages (some 200: this is what takes time)")
        part.write_text(locked("uv".__ne__), encoding="utf-8")
        check([*installer, "--require-hashes", "-r", str(part)])
    say("installing the project itself, editable")
    check([*installer, "--no-deps", "--editable", str(ROOT)])


def run(command: list[str], *, quiet: bool = False) -> int:
    """Run a command and return its exit code; if `quiet`, without its output."""
    # Compiled byte code is wanted whatever the caller's shell says: it halves each start.
    environ = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    stream = subprocess.DEVNULL if quiet else None
    return subprocess.run(
        command, stdout=stream, stderr=stream, env=environ, check=False
    ).returncode


def check(command: list[str]) -> None:
    """Run a command that has to succeed."""
    if code := run(command):
        raise CannotMakeEnvironmentError(f"'{' '.join(command)}' failed with exit code {code}.")


def say(message: str) -> None:
    """Print one line of progress."""
    print(f"[environment] {message}", flush=True)


def main() -> int:
    """Make the environment unless its stamp says that it is made."""
    try:
        python, interpreter = find_python()
        wanted = fingerprint(interpreter)
        if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
            return 0
        start = time.monotonic()
        require_ensurepip(python)
        say(f"making .venv with {interpreter.splitlines()[0]}")
        STAMP.unlink(missing_ok=True)
        check([python, "-m", "venv", "--clear", str(ENVIRONMENT)])
        install(ENVIRONMENT / "bin" / "python")
        STAMP.write_text(wanted, encoding="utf-8")
        say(f"ready after {time.monotonic() - start:.0f} s")
    except CannotMakeEnvironmentError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
