"""Record the notebook baselines anew: the executed steps of the small sample, as nbval runs them.

A baseline holds the injected parameters with paths that are relative to the project, reads the
products of the sample (``make sample``), and writes its own beside them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from nbrefine.files.atomic import write_atomic
from nbrefine.files.paths import shown
from nbrefine.pipeline.spec import read_pipeline

ROOT = Path(__file__).resolve().parent.parent
BASELINES = ROOT / "tests" / "notebooks"

SETTING = """\
# Run where the build runs, and write beside its products.
import os

os.chdir("../..")
os.makedirs({folder!r}, exist_ok=True)"""


def baseline(notebook: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Turn an executed step notebook into one that runs from any checkout.

    Parameters
    ----------
    notebook
        What the build left, in nbformat 4.
    folder
        Where the step's products are.

    Returns
    -------
    dict
        The same cells and outputs, without what changes from run to run.
    """
    made, own = shown(folder, ROOT), shown(folder.parent / "baselines" / folder.name, ROOT)
    cells = []
    for cell in notebook["cells"]:
        kept = json.loads(json.dumps(cell, ensure_ascii=False).replace(f"{ROOT}/", ""))
        tags = cell["metadata"].get("tags", [])
        kept["metadata"] = {"tags": tags} if tags else {}
        if "injected-parameters" in tags:
            cells.append(_code("baseline-setting", SETTING.format(folder=own)))
            # Only the step's own products lie in its own folder.
            kept["source"] = "".join(kept["source"]).replace(f"{made}/", f"{own}/")
            kept["id"] = "injected-parameters"
        cells.append(kept)
    _count(cells)
    kernel = {"kernelspec": notebook["metadata"]["kernelspec"]}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}


def _code(name: str, source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
    return cell | {"outputs": []}


def _count(cells: list[dict[str, Any]]) -> None:
    """Give each code cell a number; nbval takes one without for never run."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, 1):
        cell["execution_count"] = number
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = number


def main() -> int:
    """Write one baseline for each step."""
    for name, step in read_pipeline(ROOT, env_file=ROOT / "env.ci.yaml").steps.items():
        executed = step.files["nb"]
        notebook = json.loads(executed.read_text(encoding="utf-8"))
        recorded = json.dumps(baseline(notebook, executed.parent), indent=1, ensure_ascii=False)
        target = BASELINES / f"{name}.ipynb"
        write_atomic(target, recorded + "\n")
        print(f"[baselines] {shown(target, ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
