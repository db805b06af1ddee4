"""With the executor in `pipeline.yaml`, Ploomber's own commands do as the engine does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ploomber_forks import ForkingProject, PloomberForks

from benchmarks.small_pipeline import Project, make_project

pytestmark = pytest.mark.slow

EXECUTOR = "executor:\n  dotted_path: nbrefine.engine.Executor\n  workers: 2\n"
STEPS = ("first", "second", "third")


@pytest.fixture(scope="module")
def ploomber() -> Iterator[PloomberForks]:
    """What most of the commands are forked from."""
    with PloomberForks() as forks:
        yield forks


@pytest.fixture(scope="module")
def built_by_ploomber(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that `ploomber build` has built with the engine."""
    project = make_project(tmp_path_factory.mktemp("ploomber") / "project")
    project.write("pipeline.yaml", EXECUTOR + (project.root / "pipeline.yaml").read_text())
    assert ran(project) == {*STEPS}
    return project


@pytest.fixture
def project(built_by_ploomber: Project, ploomber: PloomberForks, tmp_path: Path) -> Project:
    """A copy of it."""
    return ForkingProject(built_by_ploomber.copy(tmp_path / "copy").root, ploomber)


@pytest.fixture
def stock(ploomber: PloomberForks, tmp_path: Path) -> Project:
    """A project that has not been built, and names no executor."""
    return ForkingProject(make_project(tmp_path / "project").root, ploomber)


def ran(project: Project, *arguments: str) -> set[str]:
    """Run `ploomber build`, which has to succeed, and return what Ploomber says ran."""
    done = project.run("ploomber", "build", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    table = re.findall(r"^(\w+) +(True|False) ", done.stdout, flags=re.MULTILINE)
    return {name for name, ran in table if ran == "True"}


def outdated(project: Project) -> set[str]:
    """Return the steps that `ploomber status` calls outdated."""
    done = project.run("ploomber", "status")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [re.split(r" {2,}", line) for line in done.stdout.splitlines()]
    table = [(row[0], row[2]) for row in rows if row[0] in STEPS]
    assert {name for name, _ in table} == {*STEPS}, done.stdout
    return {name for name, state in table if state != "False"}


def test_a_second_build_runs_nothing(project: Project) -> None:
    """And Ploomber agrees before and after."""
    assert outdated(project) == set()
    assert ran(project) == set()


def test_a_changed_function_is_noticed(project: Project) -> None:
    """Stock Ploomber would call all of them fresh."""
    project.replace("src/tools.py", "2 * n", "3 * n")
    assert outdated(project) == {"second", "third"}
    assert ran(project) == {"second", "third"}
    assert project.read("out/third.json") == {"total": 18}
    assert outdated(project) == set()


def test_prose_is_not_called_outdated(project: Project) -> None:
    """Stock Ploomber would run the step for a comment."""
    project.replace("notebooks/second.ipynb", "# Step", "# Twice")
    assert outdated(project) == set()
    assert ran(project) == set()
    assert project.read("out/second.ipynb")["cells"][0]["source"] == ["# Twice"]


def test_force_runs_all(project: Project) -> None:
    """Ploomber does not pass it on; it is seen all the same."""
    assert ran(project, "--force") == {*STEPS}


def test_force_restores_nothing(project: Project) -> None:
    """Where all is outdated or gone as well: what is in the cache is what was not wanted."""
    for product in ("first", "second", "third"):
        (project.root / "out" / f"{product}.json").unlink()
    assert ran(project, "--force") == {*STEPS}
    (project.root / "out" / "second.json").unlink()
    assert ran(project) == set()


def test_a_part_is_built_with_what_it_needs(project: Project) -> None:
    """`ploomber build --partially`."""
    project.write("raw.txt", "5\n6\n7\n")
    assert ran(project, "--partially", "second") == {"first", "second"}
    assert outdated(project) == {"third"}


def test_what_bypasses_the_executor_is_noticed(project: Project) -> None:
    """`ploomber task` writes the products itself: they are not what the engine has made."""
    project.replace("src/tools.py", "2 * n", "3 * n")
    assert project.run("ploomber", "task", "second", "--force").returncode == 0
    assert project.read("out/second.json") == [3, 6, 9]
    assert "second" in ran(project)
    assert project.read("out/third.json") == {"total": 18}


def test_both_commands_agree(project: Project) -> None:
    """What one has built the other leaves alone."""
    project.replace("src/tools.py", "2 * n", "3 * n")
    assert project.build() == {"first": "up to date", "second": "ran", "third": "ran"}
    assert ran(project) == set()


def test_values_from_the_command_line_count(stock: Project) -> None:
    """`ploomber build --env--n 2` sets a placeholder."""
    spec = (stock.root / "pipeline.yaml").read_text()
    stock.write("pipeline.yaml", EXECUTOR + spec.replace("n: 3", 'n: "{{n}}"'))
    stock.write("env.yaml", "n: 3\n")
    assert ran(stock, "--env--n", "2") == {*STEPS}
    assert stock.read("out/third.json") == {"total": 6}
    assert ran(stock) == {*STEPS}
    assert stock.read("out/third.json") == {"total": 12}


def test_hooks_run_and_a_failing_one_fails_the_step(stock: Project) -> None:
    """Nothing builds on it then, and the hook is asked again next time."""
    spec = (stock.root / "pipeline.yaml").read_text()
    hooked = spec.replace("    params: {n: 3}", "    params: {n: 3}\n    on_finish: hooks.check")
    stock.write("pipeline.yaml", EXECUTOR + hooked)
    stock.write(
        "hooks.py",
        "from pathlib import Path\n\n\ndef check(product):\n"
        "    assert Path('fine').exists(), 'nobody said it is fine'\n"
        "    Path('hooked').write_text(str(product['data']))\n",
    )
    done = stock.run("ploomber", "build")
    assert done.returncode == 1
    assert "nobody said it is fine" in done.stderr
    stock.write("fine", "")
    assert ran(stock) == {"second", "third"}  # what it has made is still in the cache
    assert (stock.root / "hooked").read_text().endswith("out/first.json")
    refused = stock.run("nbrefine", "build")
    assert refused.returncode == 2
    assert "use ploomber build" in refused.stderr


def test_steps_that_only_ploomber_can_run_are_left_to_it(stock: Project) -> None:
    """A shell script between two notebooks: it runs when what it reads is new."""
    spec = (stock.root / "pipeline.yaml").read_text()
    shell = (
        "  - source: shout.sh\n    name: shout\n    product: out/shout.txt\n    upstream: [third]\n"
    )
    meta = "meta:\n  extract_upstream: false\n"
    spec = spec.replace("    params: {n: 3}", "    params: {n: 3}\n    upstream: null")
    spec = spec.replace("second.json}", "second.json}\n    upstream: [first]")
    spec = spec.replace("third.json}", "third.json}\n    upstream: [first, second]")
    stock.write("pipeline.yaml", meta + EXECUTOR + spec + shell)
    stock.write("shout.sh", "cat {{upstream['third']['data']}} > {{product}}\n")
    assert "shout" in ran(stock)
    assert json.loads((stock.root / "out/shout.txt").read_text()) == {"total": 12}
    assert ran(stock) == set()
    stock.replace("src/tools.py", "2 * n", "3 * n")
    assert ran(stock) == {"second", "third", "shout"}
    assert json.loads((stock.root / "out/shout.txt").read_text()) == {"total": 18}


@pytest.mark.parametrize(
    ("options", "said"),
    [("worker: 2", "Did you mean 'workers'"), ("workers: many", "a number from 1")],
)
def test_options_that_there_are_not_are_answered_in_words(
    project: Project, options: str, said: str
) -> None:
    """As a misspelt key of the spec is."""
    project.replace("pipeline.yaml", "workers: 2", options)
    done = project.run("ploomber", "build")
    assert done.returncode == 1
    assert said in done.stdout + done.stderr


def test_plot_shows_what_the_engine_sees(project: Project) -> None:
    """Where the executor is named, its word counts, not Ploomber's records."""
    project.replace("src/tools.py", "2 * n", "3 * n")
    done = project.run("nbrefine", "plot", "--json")
    states = {step["name"]: step["state"] for step in json.loads(done.stdout)["steps"]}
    assert states == {"first": "up to date", "second": "outdated", "third": "outdated"}


def test_a_pipeline_that_is_there_already_is_adopted(stock: Project) -> None:
    """One command; then Ploomber's own build notices a changed function."""
    shown = stock.run("nbrefine", "adopt", "--dry-run")
    assert "+  dotted_path: nbrefine.engine.Executor" in shown.stdout
    assert "executor" not in (stock.root / "pipeline.yaml").read_text()
    assert stock.run("nbrefine", "adopt").returncode == 0
    assert ran(stock) == {*STEPS}
    stock.replace("src/tools.py", "2 * n", "3 * n")
    assert ran(stock) == {"second", "third"}
    assert "already" in stock.run("nbrefine", "adopt").stdout
