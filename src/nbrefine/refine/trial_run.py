"""The run in which formats are tried; one of the original's own, where that can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbrefine.refine.draft import Wishes, expected_requests
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.plan.storing import Storing
from nbrefine.refine.prove.redact import redaction_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Recording
    from nbrefine.recording.single import SingleRun
    from nbrefine.refine.flow.facts import CellFacts
    from nbrefine.refine.options import Options
    from nbrefine.refine.place.credentials import Credentials
    from nbrefine.refine.plan.plan import Request
    from nbrefine.refine.plan.storing import How

    Tell = Callable[[str, int, int], None]


class TrialRun:
    """Runs a notebook once more after it was observed, and tries formats for what will cross.

    Parameters
    ----------
    credentials
        The notebook, and what was taken out of it.
    root
        The project's folder.
    options
        What the user wants.
    tell
        Called with the stage, the cells done, and the number of all.

    Attributes
    ----------
    found
        How values are stored, or why they cannot be, as far as it was found out.
    """

    def __init__(self, credentials: Credentials, root: Path, options: Options, tell: Tell) -> None:
        self._credentials, self._root = credentials, root
        self._options, self._tell = options, tell
        self.found: dict[Request, How] = {}

    def run(self, original: Notebook, so_far: Recording) -> SingleRun | None:
        """Run the notebook, and find out what a draft will most likely ask.

        Parameters
        ----------
        original
            The notebook with its credentials.
        so_far
            What the observed run showed.

        Returns
        -------
        SingleRun or None
            None where nothing crosses, or where it would be another notebook that runs, since
            credentials were taken out of it.
        """
        notebook = self._credentials.notebook
        if _code(notebook) != _code(original):
            return None
        cells = gather(notebook, so_far)
        wishes = Wishes(steps=self._options.steps)
        requests = expected_requests(notebook, cells, self._root, wishes, so_far)
        storing = storing_for(self._credentials, cells, so_far, self._options, self._tell)
        single, self.found = storing.run(requests)
        return single


def _code(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook.code_cells]


def storing_for(
    credentials: Credentials,
    cells: Sequence[CellFacts],
    recording: Recording,
    options: Options,
    tell: Tell,
) -> Storing:
    """Return what tries formats for a notebook.

    Parameters
    ----------
    credentials
        The notebook, and what was taken out of it: no file may hold that.
    cells
        What is known of its code cells.
    recording
        What is known of its run.
    options
        What the user wants.
    tell
        Called with the stage, the cells done, and the number of all.
    """
    return Storing(
        credentials.notebook,
        cells,
        python=options.python,
        kernel=options.kernel,
        timeout=options.timeout,
        progress=tell,
        forbidden=redaction_of(credentials, recording).holds,
    )
