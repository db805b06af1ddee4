"""Our reading of a spec, and of scripts, gives what Ploomber and jupytext make of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nbrefine.notebook.script import read_script
from nbrefine.pipeline.spec import read_pipeline

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """\
meta:
  import_tasks_from: more/tasks.yaml
config: {hot_reload: false}
executor: serial
tasks:
  - source: notebooks/load.ipynb
    product: {nb: "{{root}}/out/load.ipynb", data: "out/{{where.data}}-{{n}}.csv"}
    params: {n: "{{n}}", t: "True", x: "1.5", l: "[1, 2]", d: {a: "{{name}}"}, z: null, u: 07,
             resources_: {raw: raw.csv}}
  - source: notebooks/clean.ipynb
    name: clean data
    product: "out/a/../{{name}}.html"
    params: {threshold: 15, text: "yes {{n}}", path: "{{where}}"}
    static_analysis: disable
    nb_product_key: nb
  - source: notebooks/fit.ipynb
    name: fit-
    product: {nb: "out/fit-[[kind]].ipynb", data: out/fit.tar.gz}
    params: {seed: 1}
    grid:
      - {depth: [1, 2], kind: [a, b]}
      - {depth: 3, kind: c}
  - source: notebooks/fit.ipynb
    name: other-[[kind]]-[[depth]]
    product: other.ipynb
    grid: {depth: [1, 2], kind: [a]}
  - source: tasks.summarise
    product: out/summary.txt
  - source: scripts/plot.py
    product: {nb: out/plot.ipynb, png: out/plot.png}
  - source: report.sh
    product: out/report.txt
"""
FILES = {
    "pipeline.yaml": SPEC,
    "env.yaml": 'n: 15\nname: ab\nwhere: {data: "load_{{name}}"}\n',
    "raw.csv": "1",
    "more/tasks.yaml": "- source: last.ipynb\n  product: '{{here}}/out/last.ipynb'\n",
    "tasks.py": "def summarise(product, upstream):\n    upstream['clean data'], upstream['load']\n",
    "report.sh": "cat {{upstream['summarise']}} {{upstream.load['data']}} > {{product}}\n",
    "scripts/plot.py": "# %% tags=['parameters']\nupstream = {'fit-*', 'load'}\n\n# %%\nx = 1\n",
}
UPSTREAM = {
    "notebooks/load": None,
    "notebooks/clean": ["load"],
    "notebooks/fit": ("clean data",),
    "more/last": ["fit-*", "other-*", "plot", "report"],
}
SCRIPTS = {
    "header": "# ---\n# jupyter:\n#   x: 1\n# ---\n\n# %%\na = 1\n",
    "text before": "# hello\nimport os\n\n# %%\na = 1\n\n\n# %%\nb = 2\n",
    "prose": "# %% [markdown]\n# # A\n#\n# b\n#   c\n\n# %% [md]\n# d\n\n# %% [raw]\n# e\n",
    "quoted prose": '# %% [markdown]\n"""\nA\n\nb\n"""\n\n# %%\na = 1\n',
    "tags": '# %% name tags=["parameters", "x"]\na = 1\n\n# %% slideshow={"a": 1} tags=["y"]\n1\n',
    "magics": "# %%\n# %matplotlib inline\n# !ls\na = 1\n\n# %%\n# %%time\nb = 2\n",
    "more magics": "# %%\n# x = !ls\n# ls -l\n# why?\n# cats\n# x = 1\n# cat = 1\n# a % b\n1\n",
    "live magics": "# %%\n%time\n# !ls\n# ls -l\n",
    "indented magics": "# %%\nif 1:\n    # %who\n    1\n# %time\n",
    "stated format": "# ---\n# jupyter:\n#   jupytext:\n#     text_representation:\n"
    "#       extension: .py\n#       format_name: hydrogen\n# ---\n\n# %%\n# %time\n",
    "blank start": "\n# %%\na = 1\n",
    "blank end": "# %%\na = 1\n\n\n",
    "blank lines": "# %%\n\n\na = 1\n\n\n\ndef f():\n\n    pass\n\n\n\n# %%\n\n",
    "close": "#%%\na = 1\n#%% [markdown]\n# b\n",
}
DRIVER = """
import json, sys, warnings
warnings.simplefilter("ignore")
import jupytext
from ploomber.spec import DAGSpec

dag = DAGSpec("pipeline.yaml").to_dag().render(show_progress=False)
steps = {
    task.name: {
        "upstream": sorted(task.upstream),
        "params": task.params.to_json_serializable(params_only=True),
        "product": task.product.to_json_serializable(),
        "class": type(task).__name__,
    }
    for task in dag.values()
}
cells = {
    name: [
        [cell.cell_type, cell.source, cell.metadata.get("tags", [])]
        for cell in jupytext.reads(text, fmt="py").cells
    ]
    for name, text in json.load(sys.stdin).items()
}
print("RESULT " + json.dumps([steps, cells], default=str))
"""
KINDS = {
    "NotebookRunner": {"notebook", "script"},
    "PythonCallable": {"function"},
    "ShellScript": {"shell"},
}


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict, dict]:
    """A project, and what Ploomber and jupytext say of it and of the scripts."""
    root = tmp_path_factory.mktemp("spec")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    for name, upstream in UPSTREAM.items():
        path = (root / name).with_suffix(".ipynb")
        path.parent.mkdir(exist_ok=True)
        path.write_text(notebook(f"upstream = {upstream!r}\nproduct = None"))
    environment = {**os.environ, "PLOOMBER_STATS_ENABLED": "false"}
    environment.pop("PLOOMBER_ENV_FILENAME", None)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER],
        cwd=root,
        env=environment,
        input=json.dumps(SCRIPTS),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps, cells = json.loads(done.stdout.rpartition("RESULT ")[2])
    return root, steps, cells


def notebook(parameters: str) -> str:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {"tags": tags},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for i, (source, tags) in enumerate([(parameters, ["parameters"]), ("x = 1", [])])
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    )


def test_steps_are_those_of_ploomber(theirs: tuple[Path, dict, dict]) -> None:
    """Names, upstream, params and products are the same, whatever the spec uses."""
    root, steps, _ = theirs
    pipeline = read_pipeline(root)
    ours = {
        name: {
            "upstream": sorted(step.upstream),
            "params": dict(step.params),
            "product": {key: str(path) for key, path in step.product.items()}
            if isinstance(step.product, dict)
            else str(step.product),
        }
        for name, step in pipeline.steps.items()
    }
    classes = {name: step.pop("class") for name, step in steps.items()}
    assert ours == steps
    assert len(ours) == 13
    for name, step in pipeline.steps.items():
        assert step.kind in KINDS[classes[name]]


def test_cells_of_scripts_are_those_of_jupytext(
    theirs: tuple[Path, dict, dict], tmp_path: Path
) -> None:
    """Kind, source and tags of each cell are the same, so that states of scripts are right."""
    _, _, cells = theirs
    ours = {}
    for name, text in SCRIPTS.items():
        path = tmp_path / "a.py"
        path.write_text(text)
        ours[name] = [[c.kind, c.source, list(c.tags)] for c in read_script(path).cells]
    assert ours == cells
