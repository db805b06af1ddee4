"""Ploomber's commands, forked from a process that has imported it: each import takes seconds.

Nothing else is shared. What a command imports beside Ploomber, it imports itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from benchmarks.small_pipeline import Project

if TYPE_CHECKING:
    from types import TracebackType


class PloomberForks:
    """The process to fork from. It serves one command at a time, and ends with its owner."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.ploomber_forks"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process."""
        self._process.communicate()

    def run(
        self, folder: Path, command: list[str], environ: dict[str, str]
    ) -> subprocess.CompletedProcess:
        """Run a command line of `ploomber` to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with TemporaryDirectory() as kept:
            files = [Path(kept, name) for name in ("out", "err")]
            wanted = [str(folder), command, environ, [*map(str, files)]]
            self._process.stdin.write(json.dumps(wanted) + "\n")
            self._process.stdin.flush()
            code = int(self._process.stdout.readline())
            out, err = (file.read_text() for file in files)
        return subprocess.CompletedProcess(command, code, out, err)


@dataclass(frozen=True)
class ForkingProject(Project):
    """A project whose `ploomber` is forked.

    Parameters
    ----------
    ploomber
        What from.
    """

    ploomber: PloomberForks

    def run(self, command: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
        """Run a command of the environment to its end."""
        if command != "ploomber":
            return super().run(command, *arguments, **environ)
        wanted = self.command(command, *arguments)
        return self.ploomber.run(self.root, wanted, self.environ(**environ))

    def copy(self, target: Path) -> ForkingProject:
        """Copy it with all that was built in it."""
        return ForkingProject(super().copy(target).root, self.ploomber)


def _serve() -> None:
    """Fork for each command that is asked for; a child returns, and is to run it."""
    for line in sys.stdin:
        folder, sys.argv, environ, files = json.loads(line)
        if child := os.fork():
            _, status = os.waitpid(child, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  (the answer)
            continue
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, file in enumerate(files, start=1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
        sys.path[0] = str(Path(sys.argv[0]).parent)
        return
    sys.exit()


if __name__ == "__main__":
    import ploomber.cli  # noqa: F401
    from ploomber_cli.cli import cmd_router

    _serve()
    sys.exit(cmd_router())
