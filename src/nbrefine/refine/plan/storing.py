"""How values are stored, found out in a run of the notebook and remembered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nbrefine.recording.formats import Stored
from nbrefine.recording.trial import try_formats
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.uses import anonymous_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.single import SingleRun
    from nbrefine.recording.trial import Trial
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.flow.flow import Flow
    from nbrefine.refine.flow.recipes import Recipe
    from nbrefine.refine.plan.plan import Request

How = Stored | str
"""How a value is stored, or why it cannot be."""


class Storing:
    """Finds the plainest exact formats; nothing is tried twice.

    Parameters
    ----------
    notebook
        The notebook.
    cells
        What is known of its code cells.
    python, kernel
        What to run in.
    timeout
        Seconds that a cell may take.
    progress
        Called with the stage, the cells done, and the number of all.
    forbidden
        Says of a file's content whether it must not be stored.
    """

    def __init__(  # noqa: PLR0913  (keywords, each with a default that does)
        self,
        notebook: Notebook,
        cells: Sequence[CellFacts],
        *,
        python: str | None = None,
        kernel: str | None = None,
        timeout: float | None = None,
        progress: Callable[[str, int, int], None] | None = None,
        forbidden: Callable[[bytes], bool] | None = None,
    ) -> None:
        self._notebook, self._cells, self._flow = notebook, cells, build_flow(cells)
        self._python, self._kernel, self._timeout = python, kernel, timeout
        self._progress, self._forbidden = progress, forbidden
        self._known: dict[Request, How] = {}

    def find(self, requests: Sequence[Request]) -> dict[Request, How]:
        """Say for each request how it is stored, or why it cannot be."""
        asked = [request for request in requests if request not in self._known]
        if asked:
            self._learn(asked, self._try(asked, to_end=False))
        return {request: self._known[request] for request in requests}

    def run(self, requests: Sequence[Request]) -> tuple[SingleRun | None, dict[Request, How]]:
        """Run the notebook to its end, and find out on the way.

        Parameters
        ----------
        requests
            What to find out about.

        Returns
        -------
        run : SingleRun or None
            None if nothing was asked.
        found : dict
            As of `find`; empty if the notebook did not come to its end, whoever is to blame.
        """
        trial = self._try(requests, to_end=True)
        if trial.run is None or trial.run.failed is not None:
            return None, {}
        self._learn(requests, trial)
        return trial.run, {request: self._known[request] for request in requests}

    def _try(self, asked: Sequence[Request], *, to_end: bool) -> Trial:
        return try_formats(
            self._notebook,
            asked,
            folder=self._notebook.path.resolve().parent,
            definitions={each: definitions(self._flow, each) for each in asked},
            python=self._python,
            kernel=self._kernel,
            timeout=self._timeout,
            progress=self._progress,
            forbidden=self._forbidden,
            to_end=to_end,
        )

    def _learn(self, asked: Sequence[Request], trial: Trial) -> None:
        for request in asked:
            stored = trial.stored.get(request)
            self._known[request] = stored or trial.reasons.get(request, "")
            if stored is not None and (stored.copies or stored.copying):
                self._known[request] = self._without_stale_copies(request, stored)

    def _without_stale_copies(self, request: Request, stored: Stored) -> Stored | str:
        """Give up formats that copy what may change; if none is left, say why."""
        why = self._copied(request, frozenset(stored.reads))
        if not why:
            return stored
        return why if stored.copies else replace(stored, copying="")

    def _copied(self, request: Request, reads: frozenset[str]) -> str:
        """Say why a value must not be stored with copies of its functions; empty if it may be.

        Such a copy has the variables that it reads as they are at that moment, for ever.
        """
        after = request[0]
        for facts in self._cells[: after + 1]:
            read = anonymous_reads(facts) & reads
            values = [name for name in read if self._is_value(name, after + 1)]
            if values:
                return f"a function in it reads `{min(values)}`, and would keep its present value"
        return ""

    def _is_value(self, name: str, before: int) -> bool:
        """Whether a name stands for a value, which may change, not for a definition or import."""
        recipe = self._flow.recipe(name, before)
        if recipe is not None:
            return recipe.kind in {"constant", "credential"}
        return self._flow.writer(name, before) is not None


def definitions(flow: Flow, request: Request) -> str:
    """Return the source of what a step defines before it reads some values.

    Parameters
    ----------
    flow
        The notebook's flow.
    request
        The values: names, after a cell.

    Returns
    -------
    str
        The notebook's own definitions that the values may hold, with those that these need.
    """
    after, names = request
    found: set[Recipe] = set()
    todo: list[str] = []
    for name in names:
        writer = flow.writer(name, after + 1)
        if writer is not None:
            todo += flow.cells[writer].carries.get(name, ())
    seen: set[str] = set()
    while todo:
        name = todo.pop()
        recipe = flow.recipe(name, after + 1)
        if name not in seen and recipe is not None:
            found.add(recipe)
            todo += recipe.eager | recipe.lazy
        seen.add(name)
    return "\n".join(recipe.source for recipe in sorted(found))
