"""Refine a notebook by the command line, and look at what it wrote."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from benchmarks.refine.extracted import count_definitions, run_tests
from benchmarks.refine.judge import executed_notebooks, judge, products
from benchmarks.refine.original import environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.refine.original import Original

# What other tools read too; a fitted model is at home in a joblib file, a dictionary is not.
NO_MODEL = ".joblib without a model"
_NO_MODELS = frozenset({"builtins", "collections", "datetime", "types"})
PLAIN = {".parquet", ".csv", ".npy", ".npz", ".json", ".txt", ".joblib", ".skops", ".png"}
# No notebook here is worth more of the machine's time.
LONGEST = 1200.0
_READ = re.compile(r"""\bupstream\[['"](\w+)['"]\]\[['"](\w+)['"]\]""")


@dataclass(frozen=True)
class Outcome:
    """What refine made of a notebook.

    Parameters
    ----------
    exit_code
        Of the command; 0 if it says that the project is equal to the notebook.
    message
        What it said on stderr, at the end.
    report
        What it printed with ``--json``.
    seconds
        How long it took, proof included.
    built
        Whether each step's notebook has been executed to its end.
    faults
        Cells that a look of our own finds different or missing.
    steps
        For each step the original's cells (by origin) that are in it.
    crossing
        For each edge how many names cross.
    formats
        How many names cross in which format.
    observing
        Seconds that observing took, and of the cells themselves.
    definitions
        How many of the author's functions and classes moved to modules, and of how many.
    tests
        How many of the written tests passed when we ran them, twice, and of how many.
    """

    exit_code: int
    message: str
    report: Mapping[str, Any]
    seconds: float
    built: bool = False
    faults: Mapping[int, str] = field(default_factory=dict)
    steps: tuple[tuple[int, ...], ...] = ()
    crossing: tuple[int, ...] = ()
    formats: Mapping[str, int] = field(default_factory=dict)
    observing: tuple[float, float] = (0.0, 0.0)
    definitions: tuple[int, int] = (0, 0)
    tests: tuple[int, int] = (0, 0)

    @property
    def converted(self) -> bool:
        """Whether there is a project."""
        return bool(self.steps)

    @property
    def equal(self) -> bool:
        """Whether refine says so, and a look of our own agrees."""
        return self.exit_code == 0 and self.built and not self.faults

    @property
    def silent(self) -> bool:
        """Whether it differs, and refine does not say so: the worst that can be."""
        return self.exit_code == 0 and self.converted and not self.equal


def refine(
    original: Original, python: Path, project: Path, *, options: tuple[str, ...] = ()
) -> Outcome:
    """Refine a notebook and judge the result.

    Parameters
    ----------
    original
        The notebook, and what plain runs of it show.
    python
        Interpreter that has nbrefine and what the notebook imports.
    project
        Folder for the project.
    options
        More of the command line.

    Returns
    -------
    Outcome
        With ``converted`` False where the notebook was refused.
    """
    start = time.perf_counter()
    command = [str(python), "-m", "nbrefine", "refine", str(original.path)]
    try:
        done = subprocess.run(
            [*command, "-o", str(project), "--json", *options],
            env=environment(),
            check=False,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired:
        return Outcome(-1, f"It takes more than {LONGEST:.0f} s.", {}, LONGEST)
    seconds = time.perf_counter() - start
    message = "\n".join(done.stderr.strip().splitlines()[-12:])
    report = json.loads(done.stdout) if done.stdout.lstrip().startswith("{") else {}
    if not (project / "pipeline.yaml").is_file():
        return Outcome(done.returncode, message, report, seconds)
    built = build(project, python)
    folders = (str(original.path.parent), str(project))
    return Outcome(
        done.returncode,
        message,
        report,
        seconds,
        built=built,
        faults=judge(project, original.runs, folders, _varying(project)).faults,
        steps=tuple(_origins(project)),
        crossing=tuple(_crossing(project)),
        formats=_formats(project),
        observing=_observing(project),
        definitions=count_definitions(report, _code(original.path)),
        tests=run_tests(project, python),
    )


def build(project: Path, python: Path) -> bool:
    """Build a project with Ploomber, as a user does; say whether every step ran to its end."""
    subprocess.run(
        [str(python.with_name("ploomber")), "build"],
        cwd=project,
        env=environment(),
        check=False,
        capture_output=True,
    )
    expected = len(products(project))
    notebooks = list(executed_notebooks(project))
    return len(notebooks) == expected and all(map(_complete, notebooks))


def _complete(notebook: Mapping[str, Any]) -> bool:
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return all(cell["execution_count"] is not None for cell in code if "".join(cell["source"]))


def _code(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return [source for source in code if source.strip()]


def _step_cells(project: Path) -> Iterator[list[dict[str, Any]]]:
    for file in _sources(project):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        yield [cell for cell in cells if cell["cell_type"] == "code"]


def _sources(project: Path) -> list[Path]:
    spec = yaml.safe_load((project / "pipeline.yaml").read_text(encoding="utf-8"))
    return [project / task["source"] for task in spec["tasks"]]


def _origins(project: Path) -> Iterator[tuple[int, ...]]:
    for cells in _step_cells(project):
        marks = [cell["metadata"].get("nbrefine", {}).get("origin") for cell in cells]
        yield tuple(mark for mark in marks if mark is not None)


def _reads(project: Path) -> Iterator[list[tuple[str, str, frozenset[str]]]]:
    """Yield for each step the products that it reads: whose, the key, and the names it binds."""
    for cells in _step_cells(project):
        found = []
        for cell in cells:
            if cell["metadata"].get("nbrefine", {}).get("role") == "read":
                for statement in ast.parse("".join(cell["source"])).body:
                    for step, key in set(_READ.findall(ast.unparse(statement))):
                        found.append((step, key, _targets(statement)))
        yield found


def _targets(statement: ast.stmt) -> frozenset[str]:
    """Return the names that a statement which reads a product binds."""
    stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    names = frozenset(node.id for node in stored if isinstance(node.ctx, ast.Store))
    # A random state is put where it belongs, and bound to nothing.
    return names or frozenset({""})


def _crossing(project: Path) -> Iterator[int]:
    for reads in _reads(project):
        edges: Counter[str] = Counter()
        for step, _, names in reads:
            edges[step] += len(names)
        yield from edges.values()


def _formats(project: Path) -> dict[str, int]:
    """Count the names that cross, by the extension of the file that they cross in."""
    products_read = {(step, key): names for reads in _reads(project) for step, key, names in reads}
    files = {
        (PurePosixPath(each["nb"]).stem, key): PurePosixPath(path)
        for each in products(project)
        for key, path in each.items()
    }
    types = _types(project)
    found: Counter[str] = Counter()
    for product, names in products_read.items():
        suffix = files[product].suffix
        for name in names:
            plain = suffix == ".joblib" and types.get(name, "").partition(".")[0] in _NO_MODELS
            found[NO_MODEL if plain else suffix] += 1
    return dict(found)


def _types(project: Path) -> dict[str, str]:
    """Return the last type that each variable was seen to have."""
    return {
        name: value["type"]
        for cell in _recording(project)["cells"]
        for name, value in cell["values"].items()
    }


def _recording(project: Path) -> dict[str, Any]:
    file = project / ".nbrefine" / "recording.json"
    recording: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return recording


def _varying(project: Path) -> frozenset[int]:
    return frozenset(_recording(project)["varying"])


def _observing(project: Path) -> tuple[float, float]:
    cells = _recording(project)["cells"]
    return sum(cell["observing"] for cell in cells), sum(cell["seconds"] for cell in cells)
