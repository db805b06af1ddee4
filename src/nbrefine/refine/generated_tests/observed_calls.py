"""``ploomber build`` whose notebooks' functions are recorded; runs in a process of its own.

Ploomber, papermill and the pipeline are as they are. Only the client through which papermill's
engine talks to a kernel is replaced, by one that does the same, and before the first cell and
after the last has the kernel do something more.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

import papermill.engines
from jupyter_core.utils import ensure_async, run_sync
from papermill.clientwrap import PapermillNotebookClient
from ploomber.cli.build import main as ploomber_build

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.recording.inject import CALLS, CALLS_PRIVATE, calling_code, loading_code
from nbrefine.refine.build import STARTED
from nbrefine.refine.generated_tests.brief import BRIEF, FOUND
from nbrefine.refine.observed_build import end_with

# Longest that a kernel may take to make the records of one notebook.
RECORDING_SECONDS = 600


class RecordingClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook as papermill does, and records calls of its functions."""

    folder: ClassVar[Path]
    brief: ClassVar[dict[str, Any]]

    def papermill_execute_cells(self) -> None:
        """Run the cells between the recorder's start and its end."""
        product = os.path.realpath(self.nb_man.output_path)
        print(STARTED + product, flush=True)  # noqa: T201  (the parent reads it)
        here = self.folder / str(len([*self.folder.iterdir()]))
        here.mkdir()
        call = f"call_record.start(folder={str(here)!r}, **{self.brief!r})"
        self._run(f"{loading_code(CALLS, CALLS_PRIVATE)}\n{calling_code(call, CALLS_PRIVATE)}")
        super().papermill_execute_cells()
        self._run(calling_code("call_record.finish()", CALLS_PRIVATE))
        observed = {"product": product, "cells": self.nb.cells}
        write_atomic(here / "notebook.json", json.dumps(observed))

    def _run(self, code: str) -> None:
        """Run code of ours, silently, so that nothing is counted; what fails is missing later."""
        request = self.kc.execute(code, silent=True, store_history=False)
        try:
            run_sync(self._replied)(request)
        except queue.Empty:
            return

    async def _replied(self, request: str) -> None:
        while True:
            reply = await ensure_async(self.kc.get_shell_msg(timeout=RECORDING_SECONDS))
            if reply["parent_header"].get("msg_id") == request:
                return


def main() -> None:
    """Build the pipeline of the working directory.

    The first argument is the folder with the brief, which takes what is found, the second the
    process that wants to know.
    """
    folder, parent = sys.argv[1:3]
    del sys.argv[1:3]  # Ploomber reads the rest
    threading.Thread(target=end_with, args=(int(parent),), daemon=True).start()
    RecordingClient.folder = Path(folder, FOUND)
    RecordingClient.folder.mkdir()
    RecordingClient.brief = json.loads(read_text(Path(folder, BRIEF)))
    papermill.engines.PapermillNotebookClient = RecordingClient
    # As the command `ploomber` does, so that the pipeline finds modules beside it.
    sys.path.insert(0, str(Path.cwd()))
    ploomber_build()


if __name__ == "__main__":
    main()
