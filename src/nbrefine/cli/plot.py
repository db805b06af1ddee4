"""``nbrefine plot``: the pipeline's graph, as text, picture or page."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nbrefine.cli import options
from nbrefine.cli.output import check_suffix, write_output
from nbrefine.files.paths import shown
from nbrefine.pipeline.drawing import picture_of, summary
from nbrefine.pipeline.page import pipeline_page
from nbrefine.pipeline.planned_state import is_built_by_engine, planned_states
from nbrefine.pipeline.spec import find_root, read_pipeline
from nbrefine.pipeline.state import states
from nbrefine.report.graph import Tone, mermaid
from nbrefine.report.masking import mask_text, mask_value
from nbrefine.report.page import address
from nbrefine.report.svg import svg
from nbrefine.report.text import can_show, text_graph

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbrefine.pipeline.model import Pipeline, Relation, Step
    from nbrefine.pipeline.state import StepState

_COLOURS = {Tone.GOOD: "green", Tone.STALE: "yellow", Tone.UNSURE: "magenta"}


@click.command("plot")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write FILE.html (a page with the picture and a table of the steps), FILE.svg (the "
    "picture), FILE.txt or FILE.mmd (mermaid). A file that is there is replaced.",
)
@click.option("--json", "as_json", is_flag=True, help="Print steps, states and products as JSON.")
@options.env_file
def command(folder: Path, output: Path | None, env_file: Path | None, *, as_json: bool) -> None:
    """Draw the pipeline in DIR or above it: its graph and each step's state.

    States are as Ploomber sees them. Nothing of the pipeline is run to draw it.
    """
    check_suffix(output)
    pipeline = read_pipeline(find_root(folder), env_file=env_file)
    found = _states(pipeline)
    if output is not None:
        write_output(output, _content(output, pipeline, found))
    if as_json:
        click.echo(json.dumps(as_data(pipeline, found), indent=2, ensure_ascii=False, default=str))
    elif output is not None:
        click.echo(f"Wrote {shown(output)} ({summary(found)}).")
    else:
        click.echo(_for_terminal(pipeline, found), nl=False)


def _states(pipeline: Pipeline) -> dict[str, StepState]:
    if not is_built_by_engine(pipeline):
        return states(pipeline)
    from nbrefine.engine.planned import planned  # noqa: PLC0415  (of an extra)

    return planned_states(pipeline, planned(pipeline))


def as_data(pipeline: Pipeline, found: Mapping[str, StepState]) -> dict[str, object]:
    """Return what the pipeline is and how it stands, credentials masked, to be printed as JSON."""
    return {
        "root": str(pipeline.root),
        "spec": str(pipeline.spec_file),
        "steps": [_step_data(pipeline.steps[name], state) for name, state in found.items()],
    }


def _step_data(step: Step, state: StepState) -> dict[str, object]:
    return {
        "name": step.name,
        "kind": step.kind,
        "source": str(step.source),
        "function": step.dotted_path or None,
        "upstream": list(step.upstream),
        "state": state.status.value,
        "reasons": [mask_text(reason) for reason in state.reasons],
        "made": None if state.made is None else _time(state.made),
        "params": mask_value("params", dict(step.params)),
        "products": [_product_data(name, product) for name, product in step.products.items()],
    }


def _product_data(name: str, product: Path | Relation) -> dict[str, object]:
    size = None
    with contextlib.suppress(OSError):  # not there, or gone while a build replaces it
        size = product.stat().st_size if isinstance(product, Path) else None
    exists = size is not None if isinstance(product, Path) else None
    return {"name": name, "path": str(product), "exists": exists, "size": size}


def _time(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def _content(output: Path, pipeline: Pipeline, found: Mapping[str, StepState]) -> str:
    place = output.resolve().parent
    if output.suffix == ".html":
        return pipeline_page(pipeline, found, place)
    picture = picture_of(pipeline, found, link=lambda step: address(step.source, place))
    if output.suffix == ".svg":
        return svg(picture) + "\n"
    return mermaid(picture) if output.suffix == ".mmd" else text_graph(picture, width=1000)


def _for_terminal(pipeline: Pipeline, found: Mapping[str, StepState]) -> str:
    ascii_only = not can_show(sys.stdout.encoding)
    graph = text_graph(
        picture_of(pipeline, found),
        width=shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 1000,
        ascii_only=ascii_only,
        paint=lambda text, tone: click.style(text, fg=_COLOURS.get(tone), dim=tone is Tone.ABSENT),
    )
    return f"{shown(pipeline.spec_file)}, {summary(found)}\n\n{graph}"
