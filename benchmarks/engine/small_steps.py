"""Pipelines of many steps that do next to nothing: what they take is not their code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.small_pipeline import Project


def write_small_steps(project: Project, steps: int, *, chained: bool) -> None:
    """Write a pipeline.

    Parameters
    ----------
    project
        Its project.
    steps
        How many notebooks it has.
    chained
        Whether each builds on the one before, or all on none.
    """
    lines = ["tasks:"]
    for number in range(steps):
        name = _name(number)
        above = [_name(number - 1)] if number and chained else None
        cells = [
            f"# parameters\nupstream = {above}\nproduct = None",
            "from pathlib import Path",
            f"Path(product['data']).write_text('{name}')",
        ]
        project.write_notebook(name, cells)
        lines += [
            f"  - source: notebooks/{name}.ipynb",
            f"    product: {{nb: out/{name}.ipynb, data: out/{name}.txt}}",
        ]
    (project.root / "out").mkdir(exist_ok=True)
    project.write("pipeline.yaml", "\n".join(lines) + "\n")


def is_written(project: Project, name: str) -> bool:
    """Return whether a step's product says what it has to."""
    file = project.root / "out" / f"{name}.txt"
    return file.is_file() and file.read_text() == name


def _name(number: int) -> str:
    return f"step_{number:03}"
