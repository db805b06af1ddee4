"""Pipelines of realistic notebooks: chains, in which each builds on the one before, and fans."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.small_pipeline import Project

if TYPE_CHECKING:
    from pathlib import Path

_IMPORTS = """import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split"""
_MAKE = """rng = np.random.default_rng(seed)
rows = 100_000
events = pd.DataFrame({
    "group": rng.integers(0, 500, rows),
    "a": rng.normal(size=rows),
    "b": rng.exponential(size=rows),
    "day": rng.integers(0, 365, rows),
})
events["late"] = (events["a"] + 0.3 * events["b"] + rng.normal(size=rows) > 0.5).astype(int)
events.head()"""
_READ = """events = pd.read_parquet(upstream[source]["data"])
events.head()"""
_GROUP = """by_group = events.groupby("group").agg(rate=("late", "mean"), spread=("a", "std"))
events = events.drop(columns=["rate", "spread"], errors="ignore").merge(by_group, on="group")
events[f"score_{seed}"] = events["a"].rolling(7, min_periods=1).mean() * events["rate"]
events.describe()"""
_FIT = """columns = ["a", "b", "rate", "spread"]
train, test = train_test_split(events.sample(20_000, random_state=seed), random_state=seed)
model = LogisticRegression().fit(train[columns].fillna(0), train["late"])
score = roc_auc_score(test["late"], model.predict_proba(test[columns].fillna(0))[:, 1])
print(f"{score:.4f}")"""
_PLOT = """figure, axes = plt.subplots(figsize=(6, 3))
axes.plot(events.groupby("day")["late"].mean())
axes.set_title(f"share of late events, {seed}");"""
_WRITE = """kept = ["group", "a", "b", "day", "late", f"score_{seed}"]
events[kept].to_parquet(product["data"])"""


@dataclass(frozen=True)
class Shape:
    """What a pipeline looks like.

    Parameters
    ----------
    kind
        ``chain`` or ``fan``.
    steps
        How many notebooks; a fan has one more, which all others build on.
    """

    kind: str
    steps: int

    @property
    def name(self) -> str:
        """Such as ``chain10``."""
        return f"{self.kind}{self.steps}"

    def upstream(self, number: int) -> str:
        """Return the step that a step builds on; empty for the first."""
        if number == 0:
            return ""
        return step_name(number - 1 if self.kind == "chain" else 0)

    @property
    def names(self) -> list[str]:
        """The steps, in their order."""
        return [step_name(number) for number in range(self.steps + (self.kind == "fan"))]


def step_name(number: int) -> str:
    """Return the name of a step."""
    return f"step_{number:02}"


def make(root: Path, shape: Shape, executor: str = "", of_tasks: str = "") -> Project:
    """Write a pipeline into an empty folder.

    Parameters
    ----------
    root
        The folder; what is in it is deleted.
    shape
        What it looks like.
    executor
        A line that says who runs the tasks; Ploomber's serial one if empty.
    of_tasks
        A line that says who runs a task's notebook; papermill if empty.
    """
    shutil.rmtree(root, ignore_errors=True)
    project = Project(root)
    lines = [executor] if executor else []
    lines.append("tasks:")
    for number, name in enumerate(shape.names):
        project.write_notebook(name, cells(shape, number))
        lines += [
            f"  - source: notebooks/{name}.ipynb",
            f"    product: {{nb: out/{name}.ipynb, data: out/{name}.parquet}}",
            *([f"    {of_tasks}"] if of_tasks else []),
        ]
    project.write("pipeline.yaml", "\n".join(lines) + "\n")
    (root / "out").mkdir()
    return project


def cells(shape: Shape, number: int) -> list[str]:
    """Return the code cells of a step."""
    source = shape.upstream(number)
    parameters = (
        f"# parameters\nupstream = {[source] if source else None}\nproduct = None\n"
        f"seed = {number}\nsource = {source!r}"
    )
    return [parameters, _IMPORTS, _READ if source else _MAKE, _GROUP, _FIT, _PLOT, _WRITE]


def placed_cells(shape: Shape, number: int) -> list[str]:
    """Return the code cells of a step with one that says where its files are."""
    source, name = shape.upstream(number), step_name(number)
    upstream = {source: {"data": f"out/{source}.parquet"}} if source else None
    places = f"upstream = {upstream}\nproduct = {{'data': 'out/{name}.parquet'}}"
    first, *rest = cells(shape, number)
    return [first, places, *rest]


def plain(shape: Shape, number: int) -> str:
    """Return a step as a script that says itself where its files are."""
    return "\n".join(placed_cells(shape, number)) + "\n"
