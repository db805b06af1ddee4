"""What the next build would do after each edit of the benchmark: one build, and many looks."""

from __future__ import annotations

import pytest

from benchmarks.staleness.edits import EDITS, Edit
from benchmarks.staleness.tools import Bench
from nbrefine.engine.cache import Cache
from nbrefine.pipeline.graph import Graph
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.plan import Plan, State
from nbrefine.pipeline.planning import Planner
from nbrefine.pipeline.settings import read_settings
from nbrefine.pipeline.spec import read_pipeline
from nbrefine.pipeline.survey import Survey

pytestmark = pytest.mark.slow

LEFT_ALONE = {State.FRESH, State.REFRESH}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The benchmark's project, built once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
        return Bench("nbrefine", tmp_path_factory.mktemp("staleness"))


def plan_after(bench: Bench, edit: Edit, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Graph]:
    place = bench.make(edit)
    monkeypatch.delenv("PLOOMBER_ENV_FILENAME", raising=False)
    monkeypatch.syspath_prepend(place.library)
    for name, value in {**bench.environ, **edit.environ}.items():
        monkeypatch.setenv(name, value)
    pipeline = read_pipeline(place.root)
    settings = read_settings(place.root)
    with Ledger(place.root) as ledger:
        cache = Cache(settings.cache, settings.cache_size)
        planner = Planner(pipeline, ledger, Survey(place.root), cache)
        return planner.plan(), pipeline.graph


@pytest.mark.parametrize("edit", [each for each in EDITS if not each.first], ids=lambda e: e.name)
def test_what_an_edit_reaches_runs_and_nothing_else(
    bench: Bench, edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first steps that have to run are outdated, what is below waits, the rest is left."""
    plan, graph = plan_after(bench, edit, monkeypatch)
    states = {name: step.state for name, step in plan.steps.items()}
    outdated = {name for name, state in states.items() if state is State.OUTDATED}
    first = {name for name in edit.run if not edit.run & {*graph.ancestors(name)}}
    assert first <= outdated <= edit.run
    for name, state in states.items():
        below = any(states[up] not in LEFT_ALONE for up in graph.ancestors(name))
        if name in edit.may:
            assert state is State.RESTORABLE
        elif name not in outdated:
            assert state is State.WAITING if below else state in LEFT_ALONE
    assert all(
        bool(step.reasons) == (step.state is not State.FRESH) for step in plan.steps.values()
    )


def test_the_project_as_it_was_built_is_fresh(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look itself finds nothing; and what a started program reads is said not to be known."""
    plan, _ = plan_after(bench, Edit("nothing", frozenset()), monkeypatch)
    assert {name: step.reasons for name, step in plan.steps.items() if step.reasons} == {}
    assert plan.notes == ("`probe` started other programs: what these read is not followed",)
