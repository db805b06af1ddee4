"""A pipeline as a picture: what each step's box says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.pipeline.state import Status
from nbrefine.report.graph import Node, Picture, Tone
from nbrefine.report.masking import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nbrefine.pipeline.model import Pipeline, Step
    from nbrefine.pipeline.state import StepState

TONES = {
    Status.UP_TO_DATE: Tone.GOOD,
    Status.OUTDATED: Tone.STALE,
    Status.MISSING: Tone.ABSENT,
    Status.UNKNOWN: Tone.UNSURE,
}


def picture_of(
    pipeline: Pipeline,
    states: Mapping[str, StepState],
    link: Callable[[Step], str] = lambda _: "",
) -> Picture:
    """Return a pipeline's graph, with each step's state.

    Parameters
    ----------
    pipeline
        The pipeline.
    states
        The state of each step.
    link
        Where a click on a step leads.

    Returns
    -------
    Picture
        To be drawn as SVG, text or mermaid.
    """
    graph = pipeline.graph
    nodes = tuple(
        Node(
            name,
            note=states[name].status.value,
            tone=TONES[states[name].status],
            link=link(pipeline.steps[name]),
            details=tuple(map(mask_text, states[name].reasons)),
        )
        for name in graph.order
    )
    return Picture(f"{pipeline.root.name}: {summary(states)}", nodes, graph.edges())


def summary(states: Mapping[str, StepState]) -> str:
    """Count the steps by state: ``6 steps: 4 up to date, 2 outdated``."""
    count = len(states)
    parts = [
        f"{number} {status.value}"
        for status in Status
        if (number := sum(state.status is status for state in states.values()))
    ]
    return f"{count} step{'s' * (count != 1)}: {', '.join(parts)}"
