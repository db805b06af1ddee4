"""What can be said of a cluster without one: marks, places, words, and what steps take along."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from benchmarks.small_pipeline import make_project
from nbrefine.engine import running_elsewhere
from nbrefine.engine.cluster.answers import (
    begun,
    bring_home,
    clear_attempts,
    failure_of,
    is_killed_worker,
)
from nbrefine.engine.cluster.fitness import differences, probe_file, storage_fault
from nbrefine.engine.cluster.orders import Answer
from nbrefine.engine.cluster.worker import claim_file, claim_place
from nbrefine.engine.publish import recover
from nbrefine.engine.results import StepFailure, StepRun
from nbrefine.engine.running_elsewhere import outlast, running
from nbrefine.engine.staging import Staging
from nbrefine.engine.support import dask_address_of
from nbrefine.errors import InputError
from nbrefine.pipeline.settings import read_settings
from nbrefine.pipeline.spec import read_pipeline


def test_versions_are_compared_by_name() -> None:
    """Those that only one side has differ as well."""
    here, there = {"pandas": "3.1", "numpy": "2.4"}, {"numpy": "2.4", "scipy": "1"}
    assert differences(here, there) == [
        "pandas is not there (here 3.1)",
        "scipy is 1 (here not there)",
    ]
    assert differences(here, here) == []


def test_a_worker_looks_for_what_the_builder_has_written(tmp_path: Path) -> None:
    """A folder of the same name on another disk is not the project's."""
    assert storage_fault(tmp_path, "token") == "does not see the project's folder"
    probe = probe_file(tmp_path, "token")
    probe.parent.mkdir()
    probe.write_text("another")
    assert storage_fault(tmp_path, "token") == "sees another folder in the place of the project's"
    probe.write_text("token")
    assert storage_fault(tmp_path, "token") == ""
    assert [*probe.parent.iterdir()] == [probe]


def test_each_run_of_a_step_has_a_place_of_its_own(tmp_path: Path) -> None:
    """A worker that is taken for dead may go on writing; what it writes is not published."""
    assert [claim_place(tmp_path, "fit") for _ in range(3)] == [1, 2, 3]
    places = {Staging(tmp_path, "fit", attempt).folder for attempt in range(4)}
    assert len(places) == 4
    assert begun(tmp_path, "fit") == 3
    clear_attempts(tmp_path, "fit")
    assert not claim_file(tmp_path, "fit", 1).exists()
    assert claim_place(tmp_path, "fit") == 1


def test_what_a_worker_has_made_is_taken_to_the_builders_place(tmp_path: Path) -> None:
    """All of it, in place of what was there."""
    root = make_project(tmp_path / "project").root
    pipeline = read_pipeline(root)
    old, made = Staging(root, "first"), Staging(root, "first", 2)
    for place, text in ((old, "old"), (made, "new")):
        place.prepare([root / "out/first.json"])
        place.path(root / "out/first.json").write_text(text)
    answer = Answer("tcp://w", "", StepRun("first", 1.0), 2, {"out/first.json": 3})
    assert bring_home(pipeline, answer) == answer.run
    assert old.path(root / "out/first.json").read_text() == "new"
    assert not made.folder.exists()


def test_a_file_that_does_not_appear_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never a product that is cut: a network disk may lag behind, or be another."""
    monkeypatch.setattr("nbrefine.engine.cluster.answers._PATIENCE", 0.3)
    root = make_project(tmp_path / "project").root
    made = Staging(root, "first", 1)
    made.prepare([root / "out/first.json"])
    file = made.path(root / "out/first.json")
    file.write_text("ne")
    answer = Answer("tcp://w", "", StepRun("first", 1.0), 1, {"out/first.json": 3})
    run = bring_home(read_pipeline(root), answer)
    assert run.failure == StepFailure(
        "out/first.json, which tcp://w has written, does not appear here"
    )
    assert not Staging(root, "first").folder.exists()
    # It appears a moment later.
    threading.Timer(0.1, file.write_text, ["new"]).start()
    assert bring_home(read_pipeline(root), answer).failure is None


def test_dasks_errors_are_told_in_words() -> None:
    """No user knows what a KilledWorker is."""
    scheduler = pytest.importorskip("distributed.scheduler")
    about = {"address": "tcp://w:1", "pid": 1, "name": "w", "nthreads": 1, "memory_limit": 1}
    more = {"local_directory": "", "nanny": "", "server_id": "s", "scheduler": None}
    worker = scheduler.WorkerState(**about, **more, status=scheduler.Status.running)
    killed = scheduler.KilledWorker("key", worker, 3)
    assert is_killed_worker(killed)
    assert failure_of(killed) == (
        "workers ended while it ran there, the last was tcp://w:1: memory may have run out"
    )
    assert failure_of(InputError("no")) == "no"
    assert failure_of(ValueError("a\nb")) == "the cluster could not run it: ValueError: a"


def test_who_builds_next_waits_for_what_runs_elsewhere(tmp_path: Path) -> None:
    """Until it has ended."""
    over = threading.Event()

    def run() -> None:
        with running(tmp_path, "fit-1", lambda: True, lambda: None):
            over.wait(5)

    thread = threading.Thread(target=run)
    thread.start()
    while not [*(tmp_path / ".nbrefine/running").glob("*")]:
        time.sleep(0.01)
    threading.Timer(0.4, over.set).start()
    began = time.monotonic()
    outlast(tmp_path)
    assert over.is_set()
    assert time.monotonic() - began > 0.3
    thread.join()


def test_who_was_killed_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not touch its mark any more."""
    monkeypatch.setattr(running_elsewhere, "_DEAD_AFTER", 0.3)
    mark = tmp_path / ".nbrefine/running/fit-1"
    mark.parent.mkdir(parents=True)
    mark.touch()
    # Before anything of an earlier build is put right: it might still be written to.
    recover(tmp_path, lambda _: None)
    assert not mark.exists()


def test_what_nobody_wants_any_more_is_ended(tmp_path: Path) -> None:
    """Once."""
    ended: list[int] = []
    with running(tmp_path, "fit-1", lambda: False, lambda: ended.append(1)):
        end = time.monotonic() + 5
        while not ended and time.monotonic() < end:
            time.sleep(0.05)
        time.sleep(running_elsewhere.BEAT * 1.5)
    assert ended == [1]


def test_the_spec_names_the_cluster(tmp_path: Path) -> None:
    """With the executor that is ours; any other names none."""
    spec = "executor:\n  dotted_path: nbrefine.engine.{}\n  address: tcp://host:8786\n{}"
    tasks = "tasks:\n  - source: notebooks/first.ipynb\n    product: out/first.ipynb\n"
    project = make_project(tmp_path / "project", spec=spec.format("DaskExecutor", tasks))
    assert dask_address_of(read_pipeline(project.root)) == "tcp://host:8786"
    project.write("pipeline.yaml", spec.format("Executor", tasks))
    assert dask_address_of(read_pipeline(project.root)) is None
    # Without an address nothing runs: least of all here, where nobody has asked for it.
    missing = "executor:\n  dotted_path: nbrefine.engine.DaskExecutor\n"
    for executor in (missing, "executor: nbrefine.engine.DaskExecutor\n"):
        project.write("pipeline.yaml", executor + tasks)
        with pytest.raises(InputError, match="needs the 'address' of a scheduler"):
            dask_address_of(read_pipeline(project.root))


@pytest.mark.parametrize("text", ["3", "{train = 1}", "{train = {gpu = 0}}", "{t = {gpu = true}}"])
def test_resources_are_numbers_by_step(tmp_path: Path, text: str) -> None:
    """Anything else is refused with the place."""
    file = tmp_path / "pyproject.toml"
    file.write_text(f"[tool.nbrefine]\nresources = {text}\n")
    with pytest.raises(InputError, match="'resources' has to be a table of steps"):
        read_settings(tmp_path)
    file.write_text("[tool.nbrefine.resources]\ntrain = {gpu = 2}\n")
    assert read_settings(tmp_path).resources == {"train": {"gpu": 2.0}}
