"""``nbrefine status``: what the next build would do, and why; nothing is run to find out."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import click

from nbrefine.cli import options
from nbrefine.engine.planned import planned
from nbrefine.engine.support import only_ploomber_runs
from nbrefine.files.paths import shown
from nbrefine.pipeline.plan import State
from nbrefine.pipeline.spec import find_root, read_pipeline

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nbrefine.pipeline.ledger_rows import Published
    from nbrefine.pipeline.model import Pipeline
    from nbrefine.pipeline.plan import Plan, StepPlan

_COLOURS = {
    State.FRESH: "green",
    State.REFRESH: "cyan",
    State.RESTORABLE: "cyan",
    State.WAITING: "yellow",
    State.OUTDATED: "yellow",
}
_UNKNOWN = "unknown"


@click.command("status")
@click.argument("steps", nargs=-1, metavar="[STEP]...")
@options.project_folder
@options.env_file
@click.option("--json", "as_json", is_flag=True, help="Print states and reasons as JSON.")
def command(steps: tuple[str, ...], folder: Path, env_file: Path | None, *, as_json: bool) -> None:
    r"""Say what the next build would do with each step, or with STEPs, and why.

    \b
    fresh       nothing: all is as it was when its products were made
    refresh     only prose or formatting is new: the executed notebook is made anew without a run
    restorable  its products are in the cache, from an earlier run
    waiting     it runs if a step that it builds on makes something new
    outdated    it runs
    unknown     only Ploomber can tell
    """
    pipeline = read_pipeline(find_root(folder), env_file=env_file)
    show_plan(pipeline, planned(pipeline, steps), as_json=as_json)


def show_plan(pipeline: Pipeline, plan: Plan, *, as_json: bool) -> None:
    """Print what a build would do; as JSON if a program is to read it."""
    if as_json:
        click.echo(json.dumps(_as_data(pipeline, plan), indent=2, ensure_ascii=False))
    else:
        for line in _lines(pipeline, plan):
            click.echo(line)


def _lines(pipeline: Pipeline, plan: Plan) -> Iterator[str]:
    told = {name: _told(pipeline, step) for name, step in plan.steps.items()}
    counts = Counter(state for state, _ in told.values())
    order = [*(state.value for state in State), _UNKNOWN]
    summary = ", ".join(f"{counts[state]} {state}" for state in order if counts[state])
    yield f"{shown(pipeline.spec_file)}: {summary}"
    yield ""
    width = max(map(len, told), default=0)
    for name, (state, reasons) in told.items():
        colour = _COLOURS[plan.steps[name].state] if state != _UNKNOWN else "magenta"
        first, *more = reasons or ("",)
        text = f"{name:<{width}}  {click.style(f'{state:<10}', fg=colour)}  {_masked(first)}"
        yield text.rstrip()
        for reason in more:
            yield f"{'':<{width}}  {'':<10}  {_masked(reason)}"
    for note in plan.notes:
        yield f"\nnote: {_masked(note)}"


def _masked(text: str) -> str:
    if not text:
        return text
    from nbrefine.report.masking import mask_text  # noqa: PLC0415  (its patterns take long)

    return mask_text(text)


def _as_data(pipeline: Pipeline, plan: Plan) -> dict[str, object]:
    steps = []
    for name, step in plan.steps.items():
        state, reasons = _told(pipeline, step)
        steps.append(
            {
                "name": name,
                "state": state,
                "reasons": [_masked(reason) for reason in reasons],
                "upstream": [*pipeline.steps[name].upstream],
                "products": {
                    key: shown(path, pipeline.root)
                    for key, path in pipeline.steps[name].files.items()
                },
                "last": None if step.last is None else _last(step.last),
            }
        )
    notes = [_masked(note) for note in plan.notes]
    spec = str(pipeline.spec_file)
    return {"root": str(pipeline.root), "spec": spec, "steps": steps, "notes": notes}


def _last(row: Published) -> dict[str, object]:
    import datetime as dt  # noqa: PLC0415  (takes long, for a few)

    finished = dt.datetime.fromtimestamp(row.finished).astimezone()
    return {
        "run": row.run,
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": round(row.seconds, 3),
        "how": row.how,
    }


def _told(pipeline: Pipeline, step: StepPlan) -> tuple[str, tuple[str, ...]]:
    """Return the state of a step and the reasons for it, as far as they are ours to tell."""
    what = only_ploomber_runs(pipeline, pipeline.steps[step.name])
    if what:
        return _UNKNOWN, (f"{what} are left to Ploomber: ask `ploomber status`",)
    return step.state.value, step.reasons
