"""``papermill --engine nbrefine`` writes the notebook that papermill writes, once and whole."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import papermill
import pytest
from papermill.engines import papermill_engines

from nbrefine.kernels import papermill_engine
from nbrefine.kernels.papermill_client import imported
from nbrefine.kernels.papermill_engine import Engine

START = """
import sys, papermill
from papermill.engines import papermill_engines
from nbrefine.kernels.papermill_engine import Engine
papermill_engines.register("nbrefine", Engine)
papermill.execute_notebook(
    *sys.argv[1:], engine_name="nbrefine", kernel_name="python3", progress_bar=False)
"""
# As papermill's own, but for times, the name of the output, and what papermill draws by lot.
_OTHER = frozenset({"start_time", "end_time", "duration", "output_path", "id"})


@pytest.fixture(autouse=True)
def _engine() -> None:
    papermill_engines.register("nbrefine", Engine)


def write(file: Path, *sources: str) -> Path:
    cells = [
        {
            "cell_type": "code",
            "execution_count": 7,
            "id": f"c{number}",
            "metadata": {"tags": ["parameters"] if number == 0 else []},
            "outputs": [],
            "source": source,
        }
        for number, source in enumerate(sources)
    ]
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells.insert(0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# Title"})
    document = {"cells": cells, "metadata": {"kernelspec": spec}}
    file.write_text(json.dumps({**document, "nbformat": 4, "nbformat_minor": 5}))
    return file


def run(source: Path, name: str, engine: str | None = "nbrefine", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    target = source.with_name(name)
    papermill.execute_notebook(
        str(source), str(target), engine_name=engine, progress_bar=False, **more
    )
    return read(target)


def read(file: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(file.read_text())
    return document


def without_times(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        same = {key: part for key, part in value.items() if key not in _OTHER}
        return {key: without_times(key == "execution" or part) for key, part in same.items()}
    return [*map(without_times, value)] if isinstance(value, list) else value


def said(document: dict[str, Any]) -> list[str]:
    return [
        "".join(output.get("text", output.get("evalue", "")))
        for cell in document["cells"]
        for output in cell.get("outputs", [])
    ]


def test_the_notebook_is_papermills(tmp_path: Path) -> None:
    """Parameters, metadata, counts and outputs, streams and a table among them."""
    source = write(
        tmp_path / "in.ipynb",
        "n = 1\nname = 'a'",
        "import json, sys\nprint(n, name)",
        "print('warn', file=sys.stderr)",
        "from IPython.display import HTML\nHTML('<b>x</b>')",
        "%%bash\necho shell",
        "[n] * 3",
    )
    parameters = {"n": 3, "name": 'it\'s "quoted" \\ and é', "more": {"a": [1.5, None, True]}}
    theirs = run(source, "theirs.ipynb", None, parameters=parameters)
    ours = run(source, "ours.ipynb", parameters=parameters)
    assert without_times(ours) == without_times(theirs)
    assert ours["metadata"]["papermill"]["parameters"] == parameters
    assert not [*tmp_path.glob(".*")]


def test_a_cell_that_fails_ends_it_as_papermill_does(tmp_path: Path) -> None:
    """The notebook is there as far as it ran, with papermill's mark at the cell."""
    source = write(tmp_path / "in.ipynb", "n = 1", "raise ValueError('no')", "print('never')")
    with pytest.raises(papermill.PapermillExecutionError, match="no"):
        run(source, "theirs.ipynb", None)
    with pytest.raises(papermill.PapermillExecutionError, match="no"):
        run(source, "ours.ipynb")
    theirs, ours = (without_times(read(tmp_path / f"{who}.ipynb")) for who in ("theirs", "ours"))
    assert [cell["metadata"] for cell in ours["cells"]] == [
        cell["metadata"] for cell in theirs["cells"]
    ]
    assert ours["metadata"] == theirs["metadata"]


def test_a_notebook_that_needs_a_kernel_of_its_own_gets_one(tmp_path: Path) -> None:
    """Also if it catches whatever is raised; it runs again from its start."""
    source = write(
        tmp_path / "in.ipynb",
        "n = 1",
        "with open('starts.txt', 'a') as file:\n    print('start', file=file)",
        "import os\nos.environ['OMP_NUM_THREADS'] = '3'",
        "try:\n    import numpy\nexcept BaseException:\n    print('caught')\nprint('done')",
    )
    document = run(source, "out.ipynb", cwd=tmp_path)
    assert said(document) == ["done\n"]
    assert (tmp_path / "starts.txt").read_text().split() == ["start", "start"]


def test_of_what_is_printed_the_first_part_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For each cell, with a note."""
    monkeypatch.setattr(papermill_engine, "MOST_PRINTED", 10)
    source = write(tmp_path / "in.ipynb", "n = 1", "print('x' * 100)", "print('y' * 5)")
    first, second = said(run(source, "out.ipynb"))
    assert first.startswith("x" * 10 + "\n[nbrefine: only the first 10 characters")
    assert second == "yyyyy\n"


def test_a_kernel_that_dies_is_told_and_the_notebook_kept(tmp_path: Path) -> None:
    """As far as it ran."""
    source = write(tmp_path / "in.ipynb", "n = 1", "print('here')", "import os; os._exit(3)")
    with pytest.raises(Exception, match="Kernel died"):
        run(source, "out.ipynb")
    assert said(read(tmp_path / "out.ipynb")) == ["here\n"]


def test_killed_in_between_it_leaves_what_was_there(tmp_path: Path) -> None:
    """Of papermill's own engine a half-done notebook is left in its place."""
    source = write(tmp_path / "in.ipynb", "n = 1", "open('mark', 'w').close()\nimport time", "9")
    before = json.dumps({"cells": []})
    (tmp_path / "out.ipynb").write_text(before)
    slow = source.read_text().replace("import time", "import time; time.sleep(60)")
    source.write_text(slow)
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(source), str(tmp_path / "out.ipynb")],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while not (tmp_path / "mark").exists():
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / "out.ipynb").read_text() == before


def test_what_cells_import_is_read_from_them() -> None:
    """Lines of IPython's are passed over, and what is no Python is left out."""
    cells = [
        "%matplotlib inline\nimport a.b as c, d",
        "from e import f, g as h",
        "x =",
        "from . import y",
    ]
    assert [*imported(cells)] == ["a.b", "d", "e", "e.f", "e.g"]
