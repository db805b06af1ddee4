"""``ploomber build`` whose notebooks are looked at when they end; runs in a process of its own.

Ploomber, papermill and the pipeline are as they are. Only the client through which papermill's
engine talks to a kernel is replaced, by one that does the same, and once a notebook's last cell
has run asks the kernel for its names. Where calls of functions are recorded, Python tells the
recorder of each call; the functions stay what they are. So whatever this builds,
``ploomber build`` builds.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

import papermill.engines
from jupyter_core.utils import ensure_async, run_sync
from papermill.clientwrap import PapermillNotebookClient
from ploomber.cli.build import main as ploomber_build

from nbrefine.files.atomic import write_atomic
from nbrefine.notebook.document import read_text
from nbrefine.recording.inject import (
    CALLS,
    CALLS_PRIVATE,
    calling_code,
    loading_code,
    snapshot_code,
)
from nbrefine.refine.prove.build import BRIEF, OBSERVATIONS, STARTED

# Longest that a kernel may take to look at all its names.
OBSERVING_SECONDS = 120
# Longest that a kernel may take to make the records of one notebook.
RECORDING_SECONDS = 600


class ObservingClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook as papermill does, then observes its names; records calls if asked to."""

    folder: ClassVar[Path]
    brief: ClassVar[dict[str, Any]]

    def papermill_execute_cells(self) -> None:
        """Run the cells; keep what they showed, and what the names are then."""
        product = os.path.realpath(self.nb_man.output_path)
        print(STARTED + product, flush=True)  # noqa: T201  (the parent reads it)
        number = len([*self.folder.glob("*.json")])
        calls = self._record_calls(number) if self.brief["calls"] else ""
        super().papermill_execute_cells()
        cells = self.nb.cells
        failed = any(cell.metadata.get("papermill", {}).get("exception") for cell in cells)
        values = {} if failed else self._values(self.folder / f"{number}.values")
        if calls and not failed:
            # Functions are called again for that: it comes when the names have been looked at.
            self._run(calling_code("call_record.finish()", CALLS_PRIVATE), RECORDING_SECONDS)
        observed = {"product": product, "cells": cells, "values": values, "calls": calls}
        write_atomic(self.folder / f"{number}.json", json.dumps(observed))

    def _record_calls(self, number: int) -> str:
        """Have calls recorded from the next cell on; return the folder for them."""
        brief = {**self.brief["calls"]}
        folder = Path(brief.pop("folder"), str(number))
        folder.mkdir()
        call = calling_code(
            f"call_record.start(folder={str(folder)!r}, **{brief!r})", CALLS_PRIVATE
        )
        self._run(f"{loading_code(CALLS, CALLS_PRIVATE)}\n{call}", RECORDING_SECONDS)
        return str(folder)

    def _values(self, file: Path) -> Any:  # noqa: ANN401  (JSON; None if the kernel did not answer)
        """Ask the kernel for the facts of all names; silently, so that nothing is counted."""
        brief = self.brief
        code = snapshot_code(str(file), brief["moved_to"], brief["relocated"])
        try:
            ran = self._run(code, OBSERVING_SECONDS)
            return json.loads(file.read_text("utf-8")) if ran else None
        except (OSError, ValueError):
            return None

    def _run(self, code: str, seconds: float) -> bool:
        """Run code of ours, silently, so that nothing is counted; return whether it went well."""
        request = self.kc.execute(code, silent=True, store_history=False)
        try:
            return bool(run_sync(self._status)(request, seconds) == "ok")
        except queue.Empty:
            return False

    async def _status(self, request: str, seconds: float) -> str:
        """Wait for the reply to a request; a kernel that the user's code broke gives none."""
        while True:
            reply = await ensure_async(self.kc.get_shell_msg(timeout=seconds))
            if reply["parent_header"].get("msg_id") == request:
                return str(reply["content"]["status"])


def end_with(parent: int) -> None:
    """End when the process that asked for the build is gone: nobody would read what comes of it."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main() -> None:
    """Build the pipeline of the working directory.

    The first argument is the folder with the brief, which takes what is seen, the second the
    process that wants to know.
    """
    folder, parent = sys.argv[1:3]
    del sys.argv[1:3]  # Ploomber reads the rest
    threading.Thread(target=end_with, args=(int(parent),), daemon=True).start()
    ObservingClient.folder = Path(folder, OBSERVATIONS)
    ObservingClient.brief = json.loads(read_text(Path(folder, BRIEF)))
    papermill.engines.PapermillNotebookClient = ObservingClient
    # As the command `ploomber` does, so that the pipeline finds modules beside it.
    sys.path.insert(0, str(Path.cwd()))
    ploomber_build()


if __name__ == "__main__":
    main()
