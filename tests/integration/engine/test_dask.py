"""Steps run on a real Dask cluster as they do here, whatever happens to its workers."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.dask_cluster import SECONDS, Cluster, until
from benchmarks.small_pipeline import FIRST, SPEC, Project, make_project
from nbrefine.engine.cluster.connection import Needs, check_workers, connect, wait_for_a_worker
from nbrefine.engine.cluster.fitness import versions_here
from nbrefine.engine.stop import Stop
from nbrefine.environment.distributions import Distributions
from nbrefine.errors import ClusterError

pytest.importorskip("distributed")
pytestmark = pytest.mark.slow

ONE_STEP = SPEC[: SPEC.index("  - source: notebooks/second")]
RAN, UP_TO_DATE = {"first": "ran"}, {"first": "up to date"}
WAITING = (
    FIRST[0],
    "import json, os, time\nfrom pathlib import Path",
    "with Path('beside.txt').open('a') as file:\n    file.write('once\\n')",
    """Path(f'../started-{os.getpid()}').touch()
while not Path('../go').exists():
    time.sleep(0.05)""",
    *FIRST[2:],
)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster with one worker that stays; tests that need more start and end them."""
    folder = tmp_path_factory.mktemp("cluster")
    cluster = Cluster(folder)
    try:

        def start_one(text: str) -> None:
            cluster.said.append(text)
            cluster.worker("--resources", "gpu=1", PYTHONPATH=toy(folder, "2.0"))

        client = connect(cluster.address)
        cluster.said.append(wait_for_a_worker(client, Stop(), start_one))
        client.close()
        yield cluster
    finally:
        cluster.close()


def toy(folder: Path, version: str) -> str:
    """Install a library, and return the entry of the import path that it is on."""
    place = folder / version / "site-packages"
    about = place / f"toy-{version}.dist-info"
    about.mkdir(parents=True)
    (place / "toy.py").touch()
    text = f"Metadata-Version: 2.1\nName: toy\nVersion: {version}\n"
    (about / "METADATA").write_text(text)
    (about / "top_level.txt").write_text("toy\n")
    return str(place)


def nothing_is_left(project: Project) -> bool:
    """Whether nothing is left of runs: no half-done product, copy, mark or probe."""
    own = project.root / ".nbrefine"
    folders = [own / name for name in ("staging", "undo", "running", "publishing")]
    left = [path for folder in folders if folder.is_dir() for path in folder.iterdir()]
    return not left and not [*own.glob("probe-*")]


def test_the_first_worker_is_waited_for(cluster: Cluster) -> None:
    """However long that takes, as in a queue; the user is told."""
    assert cluster.said == ["waiting for the cluster's first worker", True]


def test_a_step_goes_on_when_its_worker_is_killed_and_another_joins(
    cluster: Cluster, tmp_path: Path
) -> None:
    """What the first had overwritten is put back, and what it had written is nobody's."""
    project = make_project(tmp_path / "project", spec=ONE_STEP)
    project.write_notebook("first", WAITING)
    # Only those that this test starts have it.
    project.write("pyproject.toml", "[tool.nbrefine.resources]\nfirst = {mortal = 1}\n")
    workers = [cluster.worker("--resources", "mortal=1")]
    until(lambda: cluster.log().count("Registered to") >= len(cluster.processes) - 1)
    building = project.start("nbrefine", "build", "--json", "--dask", cluster.address)
    until(lambda: [*tmp_path.glob("started-*")])
    workers[0].send_signal(signal.SIGKILL)
    (tmp_path / "go").touch()
    workers.append(cluster.worker("--resources", "mortal=1"))
    out, said = building.communicate(timeout=SECONDS)
    workers[1].kill()
    assert building.returncode == 0, said
    assert {step["name"]: step["ending"] for step in json.loads(out)["steps"]} == RAN
    assert len([*tmp_path.glob("started-*")]) == 2
    assert (project.root / "beside.txt").read_text() == "once\n"
    assert project.read("out/first.json") == [1, 2, 3]
    assert nothing_is_left(project)
    # Here nothing differs: the ledger says what it says of a build on this machine.
    assert project.build() == UP_TO_DATE


def test_a_stopped_build_ends_what_runs_on_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    """Nothing of it goes on there, the project is as it was, and the next build is right."""
    project = make_project(tmp_path / "project", spec=ONE_STEP)
    project.write_notebook("first", WAITING)
    building = project.start("nbrefine", "build", "--dask", cluster.address)
    until(lambda: [*tmp_path.glob("started-*")])
    building.send_signal(signal.SIGINT)
    building.communicate(timeout=SECONDS)
    assert building.returncode == 130
    assert not (project.root / "beside.txt").exists()
    assert nothing_is_left(project)
    (tmp_path / "go").touch()
    assert project.build("--dask", cluster.address) == RAN
    assert (project.root / "beside.txt").read_text() == "once\n"


def test_a_builder_that_is_killed_leaves_nothing_running(cluster: Cluster, tmp_path: Path) -> None:
    """The next one, on this machine, waits until the workers have noticed."""
    project = make_project(tmp_path / "project", spec=ONE_STEP)
    project.write_notebook("first", WAITING)
    building = project.start("nbrefine", "build", "--dask", cluster.address)
    until(lambda: [*tmp_path.glob("started-*")])
    building.kill()
    building.communicate(timeout=SECONDS)
    (tmp_path / "go").touch()
    assert project.build() == RAN
    assert (project.root / "beside.txt").read_text() == "once\n"
    assert project.read("out/first.json") == [1, 2, 3]


def test_ploomber_sends_steps_there_and_tells_of_a_failure_as_on_one_machine(
    cluster: Cluster, tmp_path: Path
) -> None:
    """By three lines in the spec: cell and line, and what does not build on it goes on."""
    lines = (
        "executor:",
        "  dotted_path: nbrefine.engine.DaskExecutor",
        f"  address: {cluster.file}",
    )
    other = "  - source: notebooks/other.ipynb\n    product: out/other.ipynb\n"
    spec = "\n".join(lines) + SPEC[: SPEC.index("  - source: notebooks/third")] + other
    project = make_project(tmp_path / "project", spec=spec)
    project.write_notebook("other", ("# parameters\nupstream = None\nproduct = None", "1"))
    project.replace("notebooks/second.ipynb", "sum(numbers)", "numbers[99]")
    done = project.run("ploomber", "build")
    assert done.returncode == 1
    assert "first: running (on tcp://" in done.stderr
    assert "second failed: IndexError: list index out of range" in done.stderr
    assert "at .nbrefine/failed/second.ipynb:cell 7:line 2" in done.stderr
    assert (project.root / "out/other.ipynb").is_file()
    assert (project.root / ".nbrefine/failed/second.ipynb").is_file()
    assert not (project.root / "out/second.json").exists()
    assert nothing_is_left(project)
    # Ours goes by the same lines; with nothing to do it does not even connect.
    assert project.build("first", "other") == {"first": "up to date", "other": "up to date"}


def test_a_cluster_that_does_not_answer_is_one_message(tmp_path: Path) -> None:
    """And nothing is begun."""
    project = make_project(tmp_path / "project")
    done = project.run("nbrefine", "build", "--dask", "tcp://127.0.0.1:9")
    assert done.returncode == 1
    assert done.stderr.startswith("error[NBE421]: No Dask scheduler answers at tcp://127.0.0.1:9")
    assert not (project.root / "out").exists()


def test_a_step_that_asks_for_too_much_is_one_message(cluster: Cluster, tmp_path: Path) -> None:
    """Both numbers are in it, and nothing is begun."""
    project = make_project(tmp_path / "project")
    project.write("pyproject.toml", "[tool.nbrefine.resources]\nsecond = {gpu = 2}\n")
    done = project.run("nbrefine", "build", "--dask", cluster.address)
    assert done.returncode == 1
    assert "'second' asks for gpu=2" in done.stderr
    assert "the most that one has is gpu=1" in done.stderr
    assert not (project.root / "out").exists()


def test_workers_with_other_versions_are_named(cluster: Cluster, tmp_path: Path) -> None:
    """What they make would be recorded with our versions."""
    project = make_project(tmp_path / "project")
    project.replace("notebooks/first.ipynb", "import json", "import json, toy")
    ours = toy(tmp_path, "1.0")
    done = project.run("nbrefine", "build", "--dask", cluster.address, PYTHONPATH=ours)
    assert done.returncode == 1
    assert "other versions: on tcp://" in done.stderr
    assert "toy is 2.0 (here 1.0)" in done.stderr
    assert not (project.root / "out").exists()


def test_a_worker_that_does_not_see_the_project_is_named(cluster: Cluster, tmp_path: Path) -> None:
    """It looks for what the builder has written there."""
    versions = versions_here((), Distributions(None))
    client = connect(cluster.address)
    try:
        with pytest.raises(ClusterError, match="does not see the project's folder"):
            check_workers(client, Needs(tmp_path, "token", (), versions, {}))
    finally:
        client.close()
