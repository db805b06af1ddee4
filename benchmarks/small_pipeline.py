"""A small pipeline of three steps that reads a file and imports a module of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEC = """
tasks:
  - source: notebooks/first.ipynb
    product: {nb: out/first.ipynb, data: out/first.json}
    params: {n: 3}
  - source: notebooks/second.ipynb
    product: {nb: out/second.ipynb, data: out/second.json}
  - source: notebooks/third.ipynb
    product: {nb: out/third.ipynb, data: out/third.json}
"""
FIRST = (
    "# parameters\nupstream = None\nproduct = None\nn = 1",
    "import json\nfrom pathlib import Path",
    "numbers = [int(row) for row in Path('raw.txt').read_text().split()][:n]",
    "Path(product['data']).write_text(json.dumps(numbers))\nprint(numbers)",
)
SECOND = (
    "# parameters\nupstream = ['first']\nproduct = None",
    "import json, sys\nfrom pathlib import Path",
    "sys.path.insert(0, 'src')\nfrom tools import twice",
    "numbers = [twice(n) for n in json.loads(Path(upstream['first']['data']).read_text())]",
    "Path(product['data']).write_text(json.dumps(numbers))\nsum(numbers)",
)
THIRD = (
    "# parameters\nupstream = ['first', 'second']\nproduct = None",
    "import json\nfrom pathlib import Path",
    "total = sum(json.loads(Path(upstream['second']['data']).read_text()))",
    "Path(product['data']).write_text(json.dumps({'total': total}))\ntotal",
)
TOOLS = "def twice(n):\n    return 2 * n\n\n\ndef unrelated(n):\n    return n\n"


def notebook(cells: Sequence[str]) -> str:
    """Return a notebook with a title and code cells."""
    made: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": "# Step"}]
    for number, source in enumerate(cells):
        tags = ["parameters"] if source.startswith("# parameters") else []
        cell = {"cell_type": "code", "execution_count": None, "outputs": [], "source": source}
        made.append(cell | {"metadata": {"tags": tags}, "id": f"cell-{number}"})
    made[0]["id"] = "prose"
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": made, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1) + "\n"


@dataclass(frozen=True)
class Project:
    """A project, and the commands that a user runs in it.

    Parameters
    ----------
    root
        Its folder.
    """

    root: Path

    def write(self, name: str, text: str) -> None:
        """Write a file as an editor would."""
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def write_notebook(self, name: str, cells: Sequence[str]) -> None:
        """Write a step's notebook."""
        self.write(f"notebooks/{name}.ipynb", notebook(cells))

    def replace(self, name: str, old: str, new: str) -> None:
        """Edit a file."""
        text = (self.root / name).read_text()
        if old not in text:
            raise ValueError(f"{name} does not say {old!r}")
        self.write(name, text.replace(old, new))

    def read(self, name: str) -> Any:  # noqa: ANN401  (whatever JSON holds)
        """Read a product."""
        return json.loads((self.root / name).read_text())

    def run(self, command: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
        """Run a command of the environment to its end."""
        return subprocess.run(
            self.command(command, *arguments),
            cwd=self.root,
            env=self.environ(**environ),
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self, command: str, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """Start a command, and leave it running."""
        return subprocess.Popen(
            self.command(command, *arguments),
            cwd=self.root,
            env=self.environ(**environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def build(self, *arguments: str) -> dict[str, str]:
        """Build, which has to succeed, and return how each step came out."""
        done = self.run("nbrefine", "build", "--json", *arguments)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        return {step["name"]: step["ending"] for step in json.loads(done.stdout)["steps"]}

    @staticmethod
    def command(name: str, *arguments: str) -> list[str]:
        """Return a command of the environment."""
        return [str(Path(sys.executable).with_name(name)), *arguments]

    @staticmethod
    def environ(**more: str) -> dict[str, str]:
        """Return the variables that commands get."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "NBREFINE"))}
        return kept | {"PLOOMBER_STATS_ENABLED": "false", "COLUMNS": "200"} | more

    def copy(self, target: Path) -> Project:
        """Copy it with all that was built in it."""
        shutil.copytree(self.root, target, symlinks=True)
        return Project(target.resolve())


def make_project(root: Path, *, spec: str = SPEC) -> Project:
    """Write the three steps, their module and their input."""
    project = Project(root.resolve())
    project.write("pipeline.yaml", spec)
    project.write("raw.txt", "1\n2\n3\n4\n")
    project.write("src/tools.py", TOOLS)
    for name, cells in (("first", FIRST), ("second", SECOND), ("third", THIRD)):
        project.write_notebook(name, cells)
    return project
