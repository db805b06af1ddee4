from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from nbrefine.kernels.session import Session
from nbrefine.notebook.document import Notebook, read_notebook
from nbrefine.recording.facts import CellRecord, Recording
from nbrefine.recording.record import record

# Each cell by the name that the tests below know it by.
CELLS = {
    "imports": "import os, random\nimport numpy as np\nimport pandas as pd\nimport helpers",
    "empty": "  \n",
    "alias": "a = [1, 2]\nb = a\nframe = pd.DataFrame({'x': [1, 2]})",
    "mutate": "b.append(3)\nprint(a)",
    "define": "def grow():\n    a.append(9)\n",
    "call": "grow()",
    "unseeded": "drawn = np.random.rand(2)",
    "seed": "np.random.seed(0)\nfirst = np.random.rand(2)",
    "seeded": "second = np.random.rand(2)\nprint(second)",
    "legacy": "np.random.RandomState(0).rand()",
    "generator": "rng = np.random.default_rng()",
    "generator_used": "rng.normal() > 10",
    "write": "frame.to_parquet('out.parquet')\nopen('data.csv', 'a').write('3\\n');",
    "read": "pd.read_parquet('out.parquet').shape, pd.read_csv('../shared/data.csv').shape",
    "shell": "!echo made > made.txt && echo 3 >> own.csv",
    "mapped": "import pyarrow\nmapped = pyarrow.memory_map('../shared/data.csv').read()",
    "options": "pd.options.display.max_rows = 7\nos.environ['SET_HERE'] = os.getenv('HOME', '')",
    "patch": "pd.DataFrame.shout = lambda self: '!'",
    "module": "helpers.count()\ncounting = helpers.count",
    "opaque": "stream = (n for n in [1, 2])",
    "next": "next(stream)",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "remove": "del drawn",
    "folder": "print(os.getcwd())",
    "nested": "get_ipython().run_cell('inner = 1')\nouter = 2",
    "meant": "1 / 0",
    "magic": "%time c = len(a)",
}


def write_notebook(path: Path, cells: Sequence[str], tags: Sequence[str] = ()) -> Notebook:
    document = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": str(number),
                "source": source,
                "metadata": {"tags": list(tags)} if "/ 0" in source else {},
                "outputs": [],
                "execution_count": None,
            }
            for number, source in enumerate(cells)
        ],
    }
    path.write_text(json.dumps(document))
    return read_notebook(path)


def contents(folder: Path) -> dict[str, bytes]:
    files = (
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return {str(path): path.read_bytes() for path in files}


class Run:
    """A recorded notebook and what was in its folder before and after."""

    def __init__(self, root: Path) -> None:
        folder = root / "notebooks"
        folder.mkdir()
        (root / "shared").mkdir()
        (root / "shared/data.csv").write_text("p,q\n1,2\n")
        (folder / "data.csv").write_text("1\n2\n")
        (folder / "own.csv").write_text("1\n")
        (folder / "helpers.py").write_text(
            "SEEN = []\ndef count():\n    SEEN.append(1)\n    return len(SEEN)\n"
        )
        self.folder, self.root, self.kept = folder, root, root / "kept"
        notebook = write_notebook(folder / "all.ipynb", list(CELLS.values()), ["raises-exception"])
        self.before = contents(root)
        self.progress: list[tuple[str, int, int]] = []
        self.recording: Recording = record(
            notebook,
            folder=folder,
            keep=self.kept,
            progress=lambda *told: self.progress.append(told),
        )

    def __getitem__(self, name: str) -> CellRecord:
        """Return what was recorded of a cell."""
        runnable = [key for key, source in CELLS.items() if source.strip()]
        return self.recording.cells[runnable.index(name)]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One notebook, recorded once for all tests that look at it."""
    return Run(Path(os.path.realpath(tmp_path_factory.mktemp("recording"))))


def text(cell: CellRecord) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_origins_leave_out_empty_cells(run: Run) -> None:
    """A cell's origin counts the code cells that are not empty."""
    assert [cell.origin for cell in run.recording.cells] == list(range(len(CELLS) - 1))
    assert run.recording.failed is None


def test_names_are_bound_changed_and_removed(run: Run) -> None:
    """Rebinding, mutation through an alias and through a function, and ``del`` are told apart."""
    assert run["alias"].bound == {"a", "b", "frame"}
    assert (run["mutate"].bound, run["mutate"].changed) == (frozenset(), {"a", "b"})
    assert (run["call"].bound, run["call"].changed) == (frozenset(), {"a", "b"})
    assert run["define"].bound == {"grow"}
    assert run["remove"].removed == {"drawn"}
    assert run["nested"].bound == {"inner", "outer"}
    assert run["magic"].bound == {"c"}


def test_values_are_described(run: Run) -> None:
    """Type, shape and a short line for each name that a cell bound or changed."""
    facts = run["alias"].values["frame"]
    assert (facts.type, facts.shape) == ("pandas.DataFrame", (2, 1))
    assert run["mutate"].values["a"].summary == "list of 3"
    assert run.recording.final["a"].digest == run["call"].values["a"].digest
    assert run.recording.unseen == frozenset()


def test_aliases_are_groups(run: Run) -> None:
    """Names that share an object are told after each cell; ``a`` and ``b`` are one object."""
    assert frozenset({"a", "b"}) in run["mutate"].aliases
    assert frozenset({"a", "b"}) in run["mutate"].same_object


def test_opaque_values_lean_to_change(run: Run) -> None:
    """A generator has no digest; a cell that names it counts as changing it."""
    assert run["opaque"].values["stream"].opaque == "builtins.generator"
    assert run["next"].changed == {"stream"}


def test_random_streams_are_followed(run: Run) -> None:
    """What nobody seeded is told from what somebody did, in one notebook, by cause."""
    assert run["unseeded"].random == {"numpy": "draw"}
    assert run["seed"].random == {"numpy": "seed"}
    assert run["seeded"].random == {"numpy": "draw"}
    unseeded = {name for name in CELLS if name != "empty" and run[name].random_unseeded}
    assert unseeded == {"unseeded", "generator_used"}
    assert run.recording.causes[run["unseeded"].origin] == (
        "It draws from numpy's random stream, which nobody has seeded."
    )
    assert run["generator_used"].origin in run.recording.varying
    assert run["seeded"].origin not in run.recording.varying


def test_files_are_named_as_in_the_notebooks_folder(run: Run) -> None:
    """Read and written ones, also those that a shell command wrote."""
    own = str(run.folder)
    assert set(run["write"].files_written) == {f"{own}/out.parquet", f"{own}/data.csv"}
    # A project has the modules that its notebook imports, wherever these are looked for.
    assert f"{own}/helpers.py" in run["imports"].files_read
    assert set(run["write"].files_read) == {f"{own}/data.csv"}
    assert set(run["read"].files_read) == {f"{own}/out.parquet", f"{run.root}/shared/data.csv"}
    assert run["shell"].files_written == (f"{own}/made.txt", f"{own}/own.csv")
    assert run["shell"].subprocess
    assert not run["read"].subprocess
    assert not any(cell.network for cell in run.recording.cells)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who opens a file")
def test_files_that_c_code_reads_are_seen(run: Run) -> None:
    """No audit event tells of them; what a shell appends to was read too."""
    assert run["mapped"].files_read == (f"{run.root}/shared/data.csv",)
    assert run["shell"].files_read == (f"{run.folder}/own.csv",)


def test_files_written_are_kept(run: Run) -> None:
    """Their copies hold what the notebook wrote, in all."""
    written = run.recording.files[f"{run.folder}/data.csv"]
    assert (run.kept / written.kept).read_text() == "1\n2\n3\n"
    assert written.size == 6


def test_nothing_of_the_users_is_changed(run: Run) -> None:
    """The folder and all around it is as it was, whichever way the notebook wrote."""
    after = {path: data for path, data in contents(run.root).items() if "/kept/" not in path}
    assert after == run.before


def test_library_state_is_followed(run: Run) -> None:
    """Options, environment and patches are told by key; an import's own changes beside it."""
    assert run["options"].library["pandas.options"] == ("display.max_rows",)
    assert run["options"].library["os.environ"] == ("SET_HERE",)
    assert run["options"].environ_read == ("HOME",)
    assert run["patch"].library == {"module-attributes": ("pd.DataFrame.shout",)}
    assert {"numpy", "pandas", "helpers"} <= set(run["imports"].imports)
    assert run["mutate"].library == {}


def test_state_of_the_users_own_modules_is_followed(run: Run) -> None:
    """A function of a module beside the notebook that keeps something in it changes the module."""
    assert run["module"].changed == {"<module:helpers>", "counting"}


def test_outputs_are_as_jupyter_shows_them(run: Run) -> None:
    """Figures come as pictures, meant errors end no run, paths are those of the notebook."""
    assert any("image/png" in output.get("data", {}) for output in run["figure"].outputs)
    assert run["meant"].outputs[0]["ename"] == "ZeroDivisionError"
    assert text(run["folder"]) == f"{run.folder}\n"


def test_plain_runs_agree(run: Run) -> None:
    """Where two runs differ there is a third; names at the end are known for each."""
    assert len(run.recording.reruns) == 2
    assert len(run.recording.reruns[0]) == len(run.recording.cells)
    ends = [run.recording.final, *run.recording.rerun_finals]
    assert len({final["second"].digest for final in ends}) == 1
    assert len({final["frame"].digest for final in ends}) == 1
    # a function of the user's own module is looked into in each run alike
    assert len({final["counting"].digest for final in ends}) == 1
    assert len({final["rng"].digest for final in ends}) == 3
    assert len({tuple(sorted(final)) for final in ends}) == 1


def test_the_interpreter_is_described(run: Run) -> None:
    """Its version, and what each imported module came with."""
    python = run.recording.python
    assert python.modules["sklearn" if "sklearn" in python.modules else "pandas"]
    assert set(python.packages) >= {"pandas", "numpy", "matplotlib"}


def test_progress_is_told(run: Run) -> None:
    """From nothing done to all done, for each run by its name."""
    observed = [done for name, done, _ in run.progress if name == "observed"]
    assert observed == list(range(len(CELLS)))
    assert {name for name, *_ in run.progress} == {"observed", "plain 1", "plain 2"}


# All that a notebook could notice of being observed.
CURIOUS = (
    "import random, warnings, sys, os\nimport numpy as np\nimport pandas as pd\nrandom.seed(1)",
    "np.random.seed(1)\ndef warn():\n    warnings.warn('once a place')\nwarn()",
    "warn()\nwarnings.warn('again')",
    "frame = pd.DataFrame({'a': range(9), 's': list('abcabcabc')})\npd.read_parquet.__name__",
    "sorted(name for name in globals() if not name.startswith('_i'))",
    "_, len(In), len(Out), get_ipython().execution_count",
    "random.random(), np.random.rand(), len(warnings.filters), type(os.environ).__name__",
    "sorted(os.environ) == sorted(dict(os.environ))",
    "[m for m in sys.modules if 'nbrefine' in m and m != '_nbrefine_observer']",
    "isinstance(np.random.RandomState(3)._bit_generator, np.random.MT19937), len(sys.meta_path)",
    "np.random.RandomState(3).rand(), np.random.default_rng(3).normal()",
)


def test_a_notebook_cannot_tell_that_it_is_observed(tmp_path: Path) -> None:
    """Names, history, counts, warnings, random numbers and outputs are as without observing."""
    notebook = write_notebook(tmp_path / "curious.ipynb", CURIOUS)
    observed = record(notebook, folder=tmp_path, runs=1)
    with Session(tmp_path, env={**os.environ, "PYTHONHASHSEED": "0"}) as session:
        plain = [session.run_cell(source).outputs for source in CURIOUS]
    for number, (cell, outputs) in enumerate(zip(observed.cells, plain, strict=True)):
        assert _without_numbers(cell.outputs) == _without_numbers(outputs), CURIOUS[number]


def _without_numbers(outputs: Sequence[dict[str, object]]) -> str:
    """Leave out the kernel's number, which stands in the file names of warnings."""
    lines = json.dumps(outputs, sort_keys=True)
    return re.sub(r"/\w+/ipykernel_\d+/\d+", "cell", lines)


def test_patching_what_the_observer_uses_does_no_harm(tmp_path: Path) -> None:
    """What it needs is bound before the notebook can replace it."""
    cells = ["import time, os\ntime.perf_counter = os.write = len = None", "x = [3]"]
    recording = record(write_notebook(tmp_path / "n.ipynb", cells), folder=tmp_path, runs=1)
    assert recording.failed is None
    assert recording.cells[1].bound == {"x"}


def test_a_failing_notebook_is_told_where(tmp_path: Path) -> None:
    """Cell, line and the end of the traceback; what ran before it is recorded, nothing after."""
    cells = [
        "import os\nhere = os.getcwd()",
        "",
        "def f():\n    return {}[here]\n",
        "y = 2\nf()",
        "z = 3",
    ]
    recording = record(write_notebook(tmp_path / "n.ipynb", cells), folder=tmp_path)
    failed = recording.failed
    assert failed is not None
    assert (failed.origin, failed.line, failed.ename) == (2, 2, "KeyError")
    place = repr(str(tmp_path.resolve()))
    assert failed.traceback[-1] == f"KeyError: {place}"
    assert failed.evalue == place
    summaries = {recording.final["here"].summary, recording.cells[0].values["here"].summary}
    assert not any("nbrefine" in summary for summary in summaries), summaries
    assert [cell.origin for cell in recording.cells] == [0, 1, 2]
    assert recording.cells[2].bound == {"y"}
    assert recording.reruns == ()


def test_a_cell_that_takes_too_long_fails(tmp_path: Path) -> None:
    """The limit is for the cell's own time."""
    notebook = write_notebook(tmp_path / "n.ipynb", ["import time\ntime.sleep(60)"])
    failed = record(notebook, folder=tmp_path, timeout=1).failed
    assert failed is not None
    assert (failed.ename, failed.origin) == ("TimeoutError", 0)


def test_a_value_that_cannot_be_looked_at_in_time_is_opaque(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking ends when it takes too long; the cell is not at fault, and nothing is concluded."""
    monkeypatch.setattr("nbrefine.recording.channel.OBSERVING_SECONDS", 1.0)
    cells = [
        (
            "import time\nclass Slow(dict):\n    @property\n    def default_factory(self):\n"
            "        time.sleep(60)\n"
        ),
        "slow = Slow()",
        "after = 1",
    ]
    recording = record(write_notebook(tmp_path / "n.ipynb", cells), folder=tmp_path, runs=1)
    assert recording.failed is None
    assert "slow" in recording.cells[1].bound
    assert recording.cells[1].values["slow"].digest is None
    assert recording.cells[2].bound >= {"after"}


def test_a_notebook_that_kills_its_kernel_fails(tmp_path: Path) -> None:
    """What is known until then is kept."""
    notebook = write_notebook(tmp_path / "n.ipynb", ["x = 1", "import os\nos._exit(3)"])
    recording = record(notebook, folder=tmp_path)
    assert recording.failed is not None
    assert recording.failed.evalue == "The kernel ended with exit code 3."
    assert recording.cells[0].bound == {"x"}
