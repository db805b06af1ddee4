"""`nbrefine build` runs what is outdated and nothing else, and says why."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from benchmarks.small_pipeline import Project
from nbrefine.engine.build import Orders, build
from nbrefine.pipeline.spec import read_pipeline

pytestmark = pytest.mark.slow

NOTHING = {"first": "up to date", "second": "up to date", "third": "up to date"}


def reasons(project: Project, *arguments: str) -> dict[str, list[str]]:
    """Build, and return why each step was not left alone."""
    done = project.run("nbrefine", "build", "--json", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return {step["name"]: step["reasons"] for step in json.loads(done.stdout)["steps"]}


def test_a_first_build_runs_every_step_and_a_second_none(project: Project) -> None:
    """The products are there, nothing but them and the report, and they stay."""
    assert project.build() == dict.fromkeys(NOTHING, "ran")
    assert project.read("out/third.json") == {"total": 12}
    made = {path.name for path in (project.root / "out").iterdir() if path.suffix != ".metadata"}
    assert made == {"build-report.html"} | {
        f"{step}.{suffix}" for step in NOTHING for suffix in ("ipynb", "json")
    }
    assert not (project.root / ".nbrefine/staging").exists() or not any(
        (project.root / ".nbrefine/staging").iterdir()
    )
    assert project.build() == NOTHING


def test_a_build_that_has_nothing_to_do_loads_neither_ploomber_nor_jupyter(built: Project) -> None:
    """Starting is most of what it costs."""
    code = (
        "import sys\nfrom nbrefine.cli.main import cli\n"
        "try:\n    cli(['build'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'ploomber', 'papermill', 'nbformat', 'nbconvert', 'IPython', 'pandas', 'numpy'}\n"
        "print('loaded', sorted(heavy & {*sys.modules}))"
    )
    done = project_python(built, code)
    assert "loaded []" in done


def project_python(project: Project, code: str) -> str:
    """Run code in a project and return what it prints."""
    done = project.run(Path(sys.executable).name, "-c", code)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def test_a_changed_function_reruns_the_step_that_calls_it_and_says_so(built: Project) -> None:
    """It is the everyday fault of stock Ploomber: it would not notice."""
    built.replace("src/tools.py", "2 * n", "3 * n")
    said = reasons(built)
    assert said["first"] == []
    assert said["second"] == ["`src/tools.py`: `twice` changed"]
    assert said["third"] == ["`second` made another `data`"]
    assert built.read("out/third.json") == {"total": 18}


def test_an_edit_in_the_second_in_which_a_module_was_compiled_is_seen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same length, too: Python itself would take the byte code for that of the new code."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    second = 1_700_000_000 * 10**9
    tools = project.root / "src" / "tools.py"
    os.utime(tools, ns=(second, second))
    project.build()
    (compiled,) = (tools.parent / "__pycache__").iterdir()
    os.utime(compiled, ns=(second, second + 10**8))
    project.replace("src/tools.py", "2 * n", "3 * n")
    os.utime(tools, ns=(second, second + 2 * 10**8))
    assert project.build() == {"first": "up to date", "second": "ran", "third": "ran"}
    assert project.read("out/third.json") == {"total": 18}


def test_a_function_that_no_step_calls_reruns_nothing(built: Project) -> None:
    """Only what is reached counts."""
    built.replace("src/tools.py", "return n\n", "return n + 1\n")
    assert built.build() == NOTHING


def test_a_changed_input_file_reruns_its_reader(built: Project) -> None:
    """No one has declared it."""
    built.write("raw.txt", "5\n6\n7\n")
    assert reasons(built)["first"] == ["`raw.txt` changed"]
    assert built.read("out/third.json") == {"total": 36}


def test_a_changed_parameter_is_named_with_both_values(built: Project) -> None:
    """From what to what."""
    built.replace("pipeline.yaml", "n: 3", "n: 2")
    assert reasons(built)["first"] == ["param `n`: 3 -> 2"]


def test_an_upstream_that_makes_the_same_again_stops_there(built: Project) -> None:
    """A line that is read but not used changes no product, so no step below runs."""
    built.write("raw.txt", "1\n2\n3\n99\n")
    assert built.build() == NOTHING | {"first": "ran"}


def test_going_back_restores_and_does_not_run(built: Project) -> None:
    """Products come from the cache, byte by byte."""
    before = (built.root / "out/second.json").read_bytes()
    built.replace("src/tools.py", "2 * n", "3 * n")
    built.build()
    built.replace("src/tools.py", "3 * n", "2 * n")
    assert built.build() == NOTHING | {"second": "restored", "third": "restored"}
    assert (built.root / "out/second.json").read_bytes() == before


def test_prose_and_comments_are_shown_anew_without_a_run(built: Project) -> None:
    """The executed notebook has the new text and the outputs that it had."""
    built.replace("notebooks/second.ipynb", "# Step", "# Twice as much")
    built.replace("notebooks/second.ipynb", "sum(numbers)", "sum(numbers)  # all of them")
    assert built.build() == NOTHING | {"second": "refreshed"}
    shown = built.read("out/second.ipynb")
    assert shown["cells"][0]["source"] == ["# Twice as much"]
    last: Any = shown["cells"][-1]
    assert last["source"][-1].endswith("# all of them")
    assert last["outputs"][0]["data"]["text/plain"] == ["12"]
    assert built.build() == NOTHING


def test_a_product_that_somebody_has_changed_is_not_trusted(built: Project) -> None:
    """It is made again, and it is said why."""
    built.write("out/second.json", "[0]")
    said = reasons(built)
    assert said["second"] == ["`out/second.json` is not what the build has made"]
    assert built.read("out/third.json") == {"total": 12}


@pytest.mark.parametrize("damage", ["garbage", "truncated", "gone"])
def test_a_damaged_ledger_costs_a_rebuild_at_most(built: Project, damage: str) -> None:
    """What it knew is built again."""
    ledger = built.root / ".nbrefine/ledger.db"
    if damage == "gone":
        for file in ledger.parent.glob("ledger.db*"):
            file.unlink()
    else:
        content = ledger.read_bytes()
        for file in ledger.parent.glob("ledger.db-*"):
            file.unlink()
        ledger.write_bytes(b"no database" * 99 if damage == "garbage" else content[:6000])
    built.replace("src/tools.py", "2 * n", "3 * n")
    built.build()
    assert built.read("out/third.json") == {"total": 18}
    assert built.build() == NOTHING


def test_a_failed_step_shows_its_cell_and_leaves_what_was_good(built: Project) -> None:
    """Its earlier products stay; what builds on it is skipped; the notebook is kept as it ran."""
    good = (built.root / "out/second.json").read_bytes()
    built.replace("src/tools.py", "return 2 * n", "raise ValueError('too late')")
    done = built.run("nbrefine", "build")
    assert done.returncode == 1
    assert "second failed: ValueError: too late" in done.stderr
    assert ".nbrefine/failed/second.ipynb:cell 6:line 1" in done.stderr
    assert "> " in done.stderr
    assert "numbers = [twice(n)" in done.stderr
    assert "third: skipped (`second` failed)" in done.stderr
    assert (built.root / "out/second.json").read_bytes() == good
    kept = built.read(".nbrefine/failed/second.ipynb")
    assert kept["cells"][5]["outputs"][-1]["ename"] == "ValueError"


def test_a_failure_shows_no_credential(built: Project) -> None:
    """Neither while the build goes on, nor at its end."""
    built.replace(
        "notebooks/second.ipynb", "sum(numbers)", "raise OSError('pg://me:hunter22@host is gone')"
    )
    done = built.run("nbrefine", "build")
    assert done.returncode == 1
    assert done.stderr.count("OSError: pg://me:") > 1
    assert "hunter22" not in done.stderr + done.stdout


def test_a_step_that_writes_beside_its_product_and_to_a_literal_path(project: Project) -> None:
    """As people do: both files are there after a good run, and as before after a bad one."""
    beside = "(Path(product['data']).parent / 'extra.csv').write_text('extra')"
    literal = "Path('results').mkdir(exist_ok=True)\nPath('results/log.txt').write_text('good')"
    first = cells_of(project, "first")
    project.write_notebook("first", [*first, beside, literal])
    project.build()
    assert (project.root / "out/extra.csv").read_text() == "extra"
    assert (project.root / "results/log.txt").read_text() == "good"
    bad = [*first, beside.replace("'extra')", "'bad')"), literal.replace("good", "bad"), "1 / 0"]
    project.write_notebook("first", bad)
    assert project.run("nbrefine", "build").returncode == 1
    assert (project.root / "out/extra.csv").read_text() == "extra"
    assert (project.root / "results/log.txt").read_text() == "good"


def cells_of(project: Project, name: str) -> list[str]:
    """Return the code cells of a step."""
    document = project.read(f"notebooks/{name}.ipynb")
    return [cell["source"] for cell in document["cells"] if cell["cell_type"] == "code"]


def test_a_product_may_be_a_folder(project: Project) -> None:
    """It holds what the last run has written, and nothing from earlier."""
    project.replace(
        "pipeline.yaml", "data: out/first.json}", "data: out/first.json, many: out/many}"
    )
    cells = cells_of(project, "first")
    write = "many = Path(product['many'])\nmany.mkdir()\n(many / '{}').write_text('x')"
    for name in ("one", "two"):
        project.write_notebook("first", [*cells, write.format(name)])
        assert project.build("first") == {"first": "ran"}
        assert [path.name for path in (project.root / "out/many").iterdir()] == [name]
        assert project.build("first") == {"first": "up to date"}
    project.write_notebook("first", [*cells, write.format("one")])
    assert project.build("first") == {"first": "restored"}
    assert [path.name for path in (project.root / "out/many").iterdir()] == ["one"]


def test_a_step_that_does_not_write_its_product_fails(project: Project) -> None:
    """An old product is no excuse."""
    project.write_notebook("first", cells_of(project, "first")[:3])
    done = project.run("nbrefine", "build", "first")
    assert done.returncode == 1
    assert 'without having written out/first.json (product["data"])' in done.stderr


def test_a_format_that_cannot_be_written_fails_its_step(project: Project) -> None:
    """Whatever nbconvert lacks for it is said, and the other steps run."""
    project.replace("pipeline.yaml", "nb: out/first.ipynb", "nb: out/first.html")
    project.replace(
        "pipeline.yaml",
        "    params: {n: 3}",
        "    params: {n: 3}\n    nbconvert_export_kwargs: {template_name: no_such}",
    )
    project.write_notebook("other", ["# parameters\nupstream = None\nproduct = None", "1"])
    spec = (project.root / "pipeline.yaml").read_text()
    other = "  - source: notebooks/other.ipynb\n    product: out/other.ipynb\n"
    project.write("pipeline.yaml", f"{spec}{other}")
    done = project.run("nbrefine", "build")
    assert done.returncode == 1
    assert "first failed: nbconvert cannot write first.html" in done.stderr
    assert "no_such" in done.stderr
    assert "Traceback" not in done.stderr
    assert (project.root / "out/other.ipynb").exists()


def test_a_folder_in_the_place_of_a_product_is_said(project: Project) -> None:
    """Also by the builds after the one that could not publish; when it is gone, that is done."""
    (project.root / "out/first.json").mkdir(parents=True)
    for command in ("build", "build", "clean"):
        done = project.run("nbrefine", command)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "out/first.json" in done.stderr
    (project.root / "out/first.json").rmdir()
    assert project.build()["first"] == "up to date"
    assert project.read("out/first.json") == [1, 2, 3]


def test_the_executed_notebook_names_final_paths(built_once: Project) -> None:
    """Nobody meets the place where it was written first."""
    text = (built_once.root / "out/first.ipynb").read_text()
    assert ".nbrefine" not in text
    assert str(built_once.root / "out/first.json") in text


def test_a_dry_run_does_nothing(built: Project) -> None:
    """It says what would be done."""
    built.replace("src/tools.py", "2 * n", "3 * n")
    done = built.run("nbrefine", "build", "--dry-run")
    assert "`twice` changed" in done.stdout
    assert built.read("out/third.json") == {"total": 12}


def test_only_what_is_asked_for_is_built(project: Project) -> None:
    """With what it builds on."""
    assert project.build("second") == {"first": "ran", "second": "ran"}
    assert not (project.root / "out/third.json").exists()


def test_force_runs_what_is_asked_for_and_nothing_else(built: Project) -> None:
    """What it builds on is up to date."""
    assert built.build("--force", "second") == {"first": "up to date", "second": "ran"}


def test_a_second_build_waits_or_says_who_builds(project: Project) -> None:
    """With pid, host and time."""
    project.replace("notebooks/first.ipynb", "print(numbers)", "import time; time.sleep(4)")
    builder = project.start("nbrefine", "build")
    wait_for((project.root / ".nbrefine/build.json").exists)
    done = project.run("nbrefine", "build", "--no-wait")
    assert done.returncode == 1
    assert f"process {builder.pid} on " in done.stderr
    waiting = project.run("nbrefine", "build", "--json")
    builder.communicate(timeout=60)
    assert builder.returncode == 0
    assert "waiting for another build" in waiting.stderr
    assert {step["ending"] for step in json.loads(waiting.stdout)["steps"]} == {"up to date"}


def test_who_waits_for_another_build_can_be_ended(project: Project) -> None:
    """By Ctrl-C, at once; the other build goes on."""
    project.replace("notebooks/first.ipynb", "print(numbers)", "import time; time.sleep(20)")
    builder = project.start("nbrefine", "build")
    wait_for((project.root / ".nbrefine/build.json").exists)
    waiting = project.start("nbrefine", "build")
    assert waiting.stderr is not None
    assert "waiting for another build" in waiting.stderr.readline()
    os.kill(waiting.pid, signal.SIGINT)
    _, said = waiting.communicate(timeout=10)
    assert waiting.returncode == 1
    assert f"process {builder.pid} on " in said
    assert builder.poll() is None
    os.kill(builder.pid, signal.SIGINT)
    builder.communicate(timeout=20)


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_kernels_are_gone_soon_after_their_builder(project: Project, how: signal.Signals) -> None:
    """Whatever ends it; and the next build is right."""
    slow = "import os, time\nPath('pid').write_text(str(os.getpid()))\ntime.sleep(60)"
    cells = cells_of(project, "first")
    project.write_notebook("first", [*cells[:3], slow, *cells[3:]])
    builder = project.start("nbrefine", "build")
    wait_for(lambda: (project.root / "pid").exists() and (project.root / "pid").read_text())
    kernel = psutil.Process(int((project.root / "pid").read_text()))
    os.kill(builder.pid, how)
    builder.communicate(timeout=20)
    assert builder.returncode == (-9 if how is signal.SIGKILL else 130)
    wait_for(lambda: not kernel.is_running() or kernel.status() == psutil.STATUS_ZOMBIE, 2)
    project.write_notebook("first", cells)
    assert project.build() == dict.fromkeys(NOTHING, "ran")


def test_what_ends_a_build_ends_what_runs(project: Project) -> None:
    """An error of the builder's own does not wait for steps, and leaves none behind."""
    slow = "import os, time\nPath('pid').write_text(str(os.getpid()))\ntime.sleep(600)"
    project.write_notebook("slow", [*cells_of(project, "first")[:3], slow])
    project.write_notebook("other", cells_of(project, "first"))
    names = ("slow", "other")
    tasks = (f"  - {{source: notebooks/{name}.ipynb, product: out/{name}.ipynb}}" for name in names)
    project.write("pipeline.yaml", "\n".join(["tasks:", *tasks, ""]))
    code = """
import time
from pathlib import Path
import psutil
from nbrefine.engine.build import Orders, build
from nbrefine.engine.progress import PlainProgress
from nbrefine.pipeline.spec import read_pipeline

pid = Path("pid")

class Breaks(PlainProgress):
    def say(self, step, state, why=""):
        if step == "other":
            while not (pid.exists() and pid.read_text()):
                time.sleep(0.05)
            self.kernel = psutil.Process(int(pid.read_text()))
            raise OSError("the terminal is gone")

progress = Breaks()
try:
    build(read_pipeline(Path.cwd()), Orders(workers=2), show=lambda _: progress)
except OSError as error:
    print(error, progress.kernel.is_running(), pid.exists())
"""
    assert project_python(project, code).strip() == "the terminal is gone False False"


_FAN = "tasks:\n" + "".join(
    f"  - source: notebooks/{name}.ipynb\n    product: out/{name}.ipynb\n" for name in ("a", "b")
)
_SLOW = (
    "# parameters\nupstream = None\nproduct = None",
    "import time; blob = bytearray(50_000_000); time.sleep(1)",
)


@pytest.mark.parametrize("free", [10**15, 1])
def test_steps_run_side_by_side_only_where_there_is_memory_for_both(
    new_project: Callable[..., Project],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
) -> None:
    """Going by what they held in their last run; one alone runs whatever is free."""
    project = new_project(tmp_path / "project", spec=_FAN)
    for name in ("a", "b"):
        project.write_notebook(name, _SLOW)
    pipeline = read_pipeline(project.root)
    build(pipeline, Orders(workers=2))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    made = build(pipeline, Orders(workers=2, force=True)).outcomes
    first, second = sorted(made.values(), key=lambda each: each.start)
    assert (second.start < first.start + first.seconds) is (free > 1)


def test_a_dead_kernel_is_told_by_its_signal(project: Project) -> None:
    """With what ends kernels like that."""
    project.replace("notebooks/first.ipynb", "print(numbers)", "import os; os.kill(os.getpid(), 9)")
    done = project.run("nbrefine", "build", "first")
    assert done.returncode == 1
    assert "SIGKILL" in done.stderr
    assert "memory" in done.stderr


def test_a_step_has_only_so_much_time(project: Project) -> None:
    """It is interrupted, and the cell is named."""
    project.write("pyproject.toml", "[tool.nbrefine.timeouts]\nfirst = 2\n")
    project.replace("notebooks/first.ipynb", "print(numbers)", "import time; time.sleep(60)")
    done = project.run("nbrefine", "build", "first")
    assert done.returncode == 1
    assert "first failed: TimeoutError" in done.stderr
    assert "cell 6:line 2" in done.stderr


def test_output_that_floods_is_cut_with_a_note(project: Project) -> None:
    """The notebook stays readable."""
    project.replace("notebooks/first.ipynb", "print(numbers)", "print('flood ' * 1_000_000)")
    project.build("first")
    file = project.root / "out/first.ipynb"
    assert file.stat().st_size < 3_000_000
    assert "only the first 2,000,000 characters" in file.read_text()[-3000:]


def test_a_step_that_draws_is_found_out_when_it_runs_twice(project: Project) -> None:
    """The product and the cell that differ are named, and nothing is published."""
    project.replace("notebooks/first.ipynb", "print(numbers)", "import random; random.random()")
    project.replace(
        "notebooks/first.ipynb", "json.dumps(numbers)", "str(__import__('uuid').uuid4())"
    )
    done = project.run("nbrefine", "build", "--check-determinism", "first")
    assert done.returncode == 1
    assert "out/first.json" in done.stdout
    assert "cell 6" in done.stdout
    assert not (project.root / "out").exists()


def test_a_step_that_makes_the_same_twice_is_said_to(built: Project) -> None:
    """And its products are as they were."""
    before = (built.root / "out/second.json").stat().st_mtime_ns
    done = built.run("nbrefine", "build", "--check-determinism", "second")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "two runs made the same" in done.stdout
    assert (built.root / "out/second.json").stat().st_mtime_ns == before


def test_a_product_that_is_a_folder_is_compared_when_it_runs_twice(project: Project) -> None:
    """By the files in it."""
    project.replace(
        "pipeline.yaml", "data: out/first.json}", "data: out/first.json, many: out/many}"
    )
    cells = cells_of(project, "first")
    write = "many = Path(product['many'])\nmany.mkdir()\n(many / 'one').write_text({})"
    project.write_notebook("first", [*cells, write.format("'x'")])
    done = project.run("nbrefine", "build", "--check-determinism", "first")
    assert done.returncode == 0, done.stdout + done.stderr
    project.write_notebook("first", [*cells, write.format("__import__('uuid').uuid4().hex")])
    done = project.run("nbrefine", "build", "--check-determinism", "first")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "out/many: " in done.stdout
    assert not (project.root / "out").exists()


def test_a_moved_project_is_up_to_date(built: Project, tmp_path: Path) -> None:
    """Where it lies decides nothing."""
    moved = type(built)(Path(shutil.move(built.root, tmp_path / "elsewhere")).resolve())
    assert moved.build() == NOTHING


def test_clean_removes_own_products_and_nobody_elses(built: Project) -> None:
    """One that was changed by hand stays."""
    built.write("out/second.json", "[0]")
    done = built.run("nbrefine", "clean", "--products")
    assert done.returncode == 0, done.stderr
    assert not (built.root / "out/first.json").exists()
    assert (built.root / "out/second.json").read_text() == "[0]"
    assert built.build()["first"] == "restored"
