"""The plan of a refinement: cuts that are sound, and how what crosses them is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from nbrefine.recording.formats import Stored
from nbrefine.refine.flow.crossing import Crossing, StepPlan, plan_crossing
from nbrefine.refine.flow.flow import Bond
from nbrefine.refine.flow.streams import random_state
from nbrefine.refine.segment.segment import FEW_NAMES, SMALL, propose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbrefine.refine.flow.flow import Flow
    from nbrefine.refine.segment.segment import Boundaries, Proposal

_MODULE = "<module:"
# What more of them cost at the median edge, in the coin of `segment`.
_HEAVY, _ONE_MORE = 100.0, 2.0

Request = tuple[int, tuple[str, ...]]
"""A cell after which some names are to be stored together."""


@dataclass(frozen=True)
class Plan:
    """A way to cut a notebook that can be followed.

    Parameters
    ----------
    cuts
        For each step the origins of its cells.
    crossing
        What crosses between the steps.
    stored
        How each name is stored, by the position of the step that gives it.
    bonds
        What no cut may separate, as far as it was found out.
    """

    cuts: tuple[tuple[int, ...], ...]
    crossing: Crossing
    stored: Mapping[tuple[int, str], Stored]
    bonds: tuple[Bond, ...]


def make_plan(
    flow: Flow,
    boundaries: Boundaries,
    store: Callable[[Sequence[Request]], Mapping[Request, Stored | str | None]],
    *,
    steps: int | None = None,
    bonds: Iterable[Bond] = (),
) -> Plan:
    """Cut a notebook where it can be cut.

    Parameters
    ----------
    flow
        What flows between the cells.
    boundaries
        What a cut costs.
    store
        Finds out how values can be stored exactly; for those that cannot, None or the reason.
    steps
        How many steps are wanted.
    bonds
        What else has to stay together.

    Returns
    -------
    Plan
        Each step gets what it needs from the newest step that has it.
    """
    known = {*flow.bonds, *bonds}
    answers: dict[Request, Stored | str | None] = {}
    while True:
        cuts, crossing = _lightest(flow, propose(boundaries, sorted(known), steps))
        broken = set(crossing.bonds)
        if not broken:
            requests = _requests(flow, crossing)
            unknown = sorted({each for each, _ in requests} - set(answers))
            for each in unknown:
                if (answer := _known_before(each)) is not None:
                    answers[each] = answer
            asked = [each for each in unknown if each not in answers]
            if asked:
                found = store(asked)
                answers |= {each: found.get(each) for each in asked}
            for request, producer in requests:
                how = answers[request]
                if not isinstance(how, Stored):
                    broken |= _unstorable(request, producer, how, flow, crossing)
                    continue
                redefined = _redefined(request, producer, how, flow, crossing)
                if redefined and how.copying:
                    how = answers[request] = replace(how, format=how.copying, repair=(), copying="")
                    redefined = _redefined(request, producer, how, flow, crossing)
                broken |= redefined
        if not broken:
            stored = {
                (producer, name): how
                for request, producer in requests
                for name in request[1]
                if isinstance(how := answers[request], Stored)
            }
            return Plan(cuts, crossing, stored, tuple(sorted(known)))
        known |= broken


def _lightest(
    flow: Flow, proposals: Iterable[Proposal]
) -> tuple[tuple[tuple[int, ...], ...], Crossing]:
    """Return the cheapest cuts at whose median edge few names cross, else the cheapest.

    What crosses an edge is known only once all cuts are: a step takes each name from the newest
    step that has it. A small notebook is cut where it suits, since it may have to stay whole.
    """
    weighed = []
    for proposal in proposals:
        crossing = plan_crossing(flow, proposal.cuts)
        edges = [names for step in crossing.steps for names in _edges(step)]
        more = median(edges or [0]) - FEW_NAMES
        heavy = more > 0 and len(flow.cells) >= SMALL
        cost = proposal.cost + (_HEAVY + _ONE_MORE * more if heavy else 0.0)
        weighed.append((cost, proposal.cuts, crossing))
    _, cuts, crossing = min(weighed, key=lambda each: each[:2])
    return cuts, crossing


def _edges(step: StepPlan) -> Iterable[int]:
    """Return how many names a step takes from each of the steps that it takes any from."""
    taken = (step for name, step in step.inputs.items() if not name.startswith("<file:"))
    return Counter(taken).values()


def _known_before(request: Request) -> Stored | str | None:
    """Answer for what is no variable, and so cannot be tried: random states, states of modules."""
    name = request[1][0]
    if name.startswith(_MODULE):
        return f"the module {name[len(_MODULE) : -1]} has changed"
    return random_state(name)


def _requests(flow: Flow, crossing: Crossing) -> list[tuple[Request, int]]:
    """Return what has to be stored, and by which step."""
    requests = []
    for producer, step in enumerate(crossing.steps):
        names = {name for name in step.outputs if not name.startswith("<file:")}
        for group in _together(names, flow.cells[step.cells[-1]].groups):
            writers = [flow.writer(name, step.cells[-1] + 1) for name in group]
            after = max(each for each in writers if each is not None)
            requests.append(((after, tuple(sorted(group))), producer))
    return requests


def _together(names: set[str], groups: Iterable[frozenset[str]]) -> list[set[str]]:
    """Part names into those that share objects with each other."""
    parts = [{name} for name in sorted(names)]
    for group in groups:
        touched = [part for part in parts if part & group]
        if len(touched) > 1:
            parts = [part for part in parts if part not in touched]
            parts.append(set().union(*touched))
    return parts


def _redefined(
    request: Request, producer: int, how: Stored, flow: Flow, crossing: Crossing
) -> set[Bond]:
    """Return what must stay together since a file leads to a definition that is another by then.

    A file with copies of the definitions still leads to what these call, to the step's very end.
    """
    after, names = request
    bonds: set[Bond] = set()
    for step in crossing.steps:
        if not any(step.inputs.get(name) == producer for name in names):
            continue
        end = step.cells[-1] + 1 if how.copies else step.cells[0]
        for held in how.reads if how.copies else how.held:
            made = flow.recipe(held, after + 1)
            if made is None or made.kind == "import" or made == flow.recipe(held, end):
                continue
            leads = "calls" if how.copies else "holds"
            reason = f"`{held}` is defined anew before `{names[0]}`, which {leads} it, is read"
            bonds.add(Bond(after, step.cells[-1] if how.copies else step.cells[0], reason))
    return bonds


def _unstorable(
    request: Request, producer: int, why: object, flow: Flow, crossing: Crossing
) -> set[Bond]:
    """Return what must stay together since some names cannot be stored."""
    after, names = request
    bonds: set[Bond] = set()
    for step in crossing.steps:
        taken = [name for name in names if step.inputs.get(name) == producer]
        for name in taken:
            users = [cell for cell in step.cells if name in flow.cells[cell].reads]
            last = users[0] if users else step.cells[-1]
            reason = f"`{name}` cannot be stored exactly" + (f" ({why})" if why else "")
            bonds.add(Bond(after, max(last, step.cells[0]), reason))
    return bonds
