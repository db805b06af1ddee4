"""How a build's kernels are started: what they find imported, and with how many threads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.small_pipeline import Project, make_project
from nbrefine.engine import kernels as module
from nbrefine.engine.kernel_memory import KernelMemory
from nbrefine.engine.kernels import COLD, THREADS, Kernels, kernels_of
from nbrefine.kernels import zygotes
from nbrefine.kernels.zygotes import Zygotes
from nbrefine.pipeline.plan import Plan, State, StepPlan
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.survey import Survey

_FAN = """
tasks:
  - source: notebooks/first.ipynb
    product: {nb: out/first.ipynb, data: out/first.json}
  - source: notebooks/second.ipynb
    product: {nb: out/second.ipynb, data: out/second.json}
  - source: notebooks/third.ipynb
    product: {nb: out/third.ipynb, data: out/third.json}
"""
_HEAD = "# parameters\nupstream = ['first']\nproduct = None"


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight cores, nobody has said how many threads to use, and no zygote is up."""
    monkeypatch.setattr(module, "cores", lambda: 8)
    monkeypatch.setattr(zygotes, "ZYGOTES", Zygotes())
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Three steps: the second reaches a module of the project's that imports a library."""
    made = make_project(tmp_path / "project", spec=_FAN)
    made.write("src/tools.py", "from sklearn import linear_model\n\ndef twice(n): return 2 * n\n")
    made.write_notebook("third", [_HEAD, "import pandas.io.sql as s, tools.more"])
    return made


@pytest.fixture
def kernels(project: Project) -> Callable[..., Kernels]:
    """Say how kernels are started where all steps run, unless a state says otherwise."""

    def of(workers: int = 4, *, warm: bool = True, **states: State) -> Kernels:
        pipeline = read_pipeline(project.root)
        steps = {name: StepPlan(name, states.get(name, State.OUTDATED)) for name in pipeline.steps}
        return kernels_of(pipeline, Plan(steps), Survey(project.root), workers, warm=warm)

    return of


def test_what_code_imports_is_imported_ahead(kernels: Callable[..., Kernels]) -> None:
    """By notebooks and by the project's modules that they reach; its own modules are not."""
    ahead = kernels().ahead
    assert ahead is not None
    assert {"json", "pathlib", "pathlib.Path", "pandas.io.sql", "sklearn"} <= {*ahead}
    assert "sklearn.linear_model" in ahead
    assert not [name for name in ahead if name.startswith("tools")]


def test_of_steps_that_do_not_run_nothing_is_imported(kernels: Callable[..., Kernels]) -> None:
    """Nor for a single one, which would only wait for it."""
    ahead = kernels(third=State.FRESH).ahead
    assert ahead is not None
    assert "pandas.io.sql" not in ahead
    assert kernels(third=State.FRESH, second=State.RESTORABLE).ahead is None
    assert kernels(warm=False).ahead is None
    fresh = dict.fromkeys(("first", "second", "third"), State.FRESH)
    assert kernels(**fresh) is COLD


def test_cores_are_divided_among_steps_that_run_at_a_time(
    kernels: Callable[..., Kernels], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Second builds on first, and third too: two run at a time, if two may."""
    assert {*kernels().environ.values()} == {"4"}
    assert {*kernels().environ} == {*THREADS}
    assert kernels(workers=1).environ == {}
    assert kernels(second=State.FRESH).environ == {}
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert kernels().environ == {}


def test_what_was_learnt_helps_the_next_build(
    project: Project, kernels: Callable[..., Kernels]
) -> None:
    """Modules that kernels loaded, those that must not be, and steps that need their own."""
    memory = KernelMemory(project.root)
    memory.learn("first", ["zipfile", "wave"], {"wave": "it sings"})
    memory.learn("second", ["csv"], {})
    memory.needs_cold("third", kernels().codes["third"])
    memory.save()
    found = kernels()
    assert found.ahead is not None
    assert {"zipfile", "csv"} <= {*found.ahead}
    assert "wave" not in found.ahead
    assert found.ahead_of("first", project.root) == found.ahead
    assert found.ahead_of("third", project.root) is None
    project.write_notebook("third", [_HEAD, "1"])
    found = kernels()
    assert found.ahead_of("third", project.root) == found.ahead


@pytest.mark.parametrize("content", ["", "[]", '{"stamp": 1}', '{"stamp": [], "loaded": []}'])
def test_a_damaged_memory_is_none(project: Project, content: str) -> None:
    """All is learnt again; so it is after something was installed."""
    memory = KernelMemory(project.root)
    memory.learn("first", ["zipfile"], {})
    memory.save()
    file = project.root / ".nbrefine" / "kernels.json"
    assert KernelMemory(project.root).loaded == {"first": ["zipfile"]}
    data = json.loads(file.read_text())
    file.write_text(json.dumps({**data, "stamp": [*data["stamp"], "more"]}))
    assert KernelMemory(project.root).loaded == {}
    file.write_text(content)
    assert KernelMemory(project.root).loaded == {}


def test_without_anything_learnt_nothing_is_written(project: Project) -> None:
    """A build that has nothing to do leaves no file."""
    KernelMemory(project.root).save()
    assert not os.path.lexists(project.root / ".nbrefine" / "kernels.json")
