"""What is measured on: ten steps, refined notebooks, and single notebooks as one step."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.notebook_tests.ten_steps import write_ten_steps
from benchmarks.refine.hard import FOLDER as HARD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.refine.corpus import Corpus

TEN_STEPS = "ten steps"
# Each runs in less than ten seconds, and together they show what notebooks do: frames, tables of
# statistics, plots of all kinds, fitted models. A run that is cut short has these.
_FIRST = (
    *("asset-pricing_formulas", "categorical_interaction_plot", "local_projections"),
    *("stats_poisson", "predict", "panel_examples", "autoregressive_integrated_moving_average"),
    *("plots_boxplots", "discrete_choice_overview", "ets", "metaanalysis1"),
)
_SPEC = """\
executor: nbrefine.engine.Executor
meta: {extract_upstream: false}
tasks:
  - source: notebooks/original.ipynb
    product: out/original.ipynb
"""


@dataclass(frozen=True)
class Case:
    """A project to test the notebooks of.

    Parameters
    ----------
    name
        What it is called in the results.
    python
        Interpreter that has what its notebooks import.
    original
        The notebook that it is made of; None for the ten steps.
    refined
        Whether it is refined, or run as one step.
    """

    name: str
    python: Path
    original: Path | None = None
    refined: bool = False

    def write(self, root: Path) -> None:
        """Write the project, in a new folder.

        Raises
        ------
        RuntimeError
            If it cannot be refined.
        """
        if self.original is None:
            write_ten_steps(root)
        elif not self.refined:
            (root / "notebooks").mkdir(parents=True)
            document = json.loads(self.original.read_text("utf-8"))
            document["metadata"].pop("kernelspec", None)
            for number, cell in enumerate(document["cells"]):
                cell["id"] = f"cell-{number}"
            document["nbformat_minor"] = 5
            (root / "notebooks" / "original.ipynb").write_text(json.dumps(document))
            (root / "pipeline.yaml").write_text(_SPEC)
        else:
            _run(self.python, "refine", self.original, "-o", root, "--no-baselines", "--no-tests")
            _run(self.python, "adopt", root)


def cases(corpus: Corpus) -> Iterator[Case]:
    """Give the cases: the ten steps, notebooks of others, refined and as they are, the hard ones.

    Parameters
    ----------
    corpus
        The notebooks of others; its interpreter runs all.
    """
    yield Case(TEN_STEPS, corpus.python)
    first = [file for name in _FIRST for file in corpus.notebooks if file.stem == name]
    for files in (first, [file for file in corpus.notebooks if file not in first]):
        for refined in (True, False):
            yield from (_case(file, corpus.python, refined=refined) for file in files)
    yield from (_case(file, corpus.python, refined=True) for file in sorted(HARD.glob("*.ipynb")))


def _case(file: Path, python: Path, *, refined: bool) -> Case:
    name = f"refined: {file.stem}" if refined else file.stem
    return Case(name, python, file, refined=refined)


def _run(python: Path, *arguments: object) -> None:
    command = [str(python), "-m", "nbrefine", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=1200)
    if done.returncode != 0:
        raise RuntimeError((done.stderr or done.stdout)[-500:])
