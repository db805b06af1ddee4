"""``ploomber build`` whose notebooks are looked at when they end; runs in a process of its own.

Ploomber, papermill and the pipeline are as they are. Only the client through which papermill's
engine talks to a kernel is replaced, by one that does the same, and once a notebook's last cell
has run asks the kernel for its names. So whatever this builds, ``ploomber build`` builds.
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
from nbrefine.recording.inject import snapshot_code
from nbrefine.refine.build import STARTED

# Longest that a kernel may take to look at all its names.
OBSERVING_SECONDS = 120


class ObservingClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook as papermill does, then observes its names."""

    folder: ClassVar[Path]
    moved_to: ClassVar[tuple[str, ...]] = ()
    relocated: ClassVar[tuple[tuple[str, str], ...]] = ()

    def papermill_execute_cells(self) -> None:
        """Run the cells; keep what they showed, and what the names are then."""
        product = os.path.realpath(self.nb_man.output_path)
        print(STARTED + product, flush=True)  # noqa: T201  (the parent reads it)
        super().papermill_execute_cells()
        cells = self.nb.cells
        failed = any(cell.metadata.get("papermill", {}).get("exception") for cell in cells)
        number = len([*self.folder.glob("*.json")])
        values = {} if failed else self._values(self.folder / f"{number}.values")
        observed = {"product": product, "cells": cells, "values": values}
        write_atomic(self.folder / f"{number}.json", json.dumps(observed))

    def _values(self, file: Path) -> Any:  # noqa: ANN401  (JSON; None if the kernel did not answer)
        """Ask the kernel for the facts of all names; silently, so that nothing is counted."""
        code = snapshot_code(str(file), self.moved_to, self.relocated)
        request = self.kc.execute(code, silent=True, store_history=False)
        try:
            status = run_sync(self._status)(request)
            return json.loads(file.read_text("utf-8")) if status == "ok" else None
        except (queue.Empty, OSError, ValueError):
            return None

    async def _status(self, request: str) -> str:
        """Wait for the reply to a request; a kernel that the user's code broke gives none."""
        while True:
            reply = await ensure_async(self.kc.get_shell_msg(timeout=OBSERVING_SECONDS))
            if reply["parent_header"].get("msg_id") == request:
                return str(reply["content"]["status"])


def end_with(parent: int) -> None:
    """End when the process that asked for the build is gone: nobody would read what comes of it."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def main() -> None:
    """Build the pipeline of the working directory.

    The first argument says where to observe to, the second is a list, in JSON, of the packages
    that hold what the notebook defined, the third another of the paths that read otherwise now,
    the last is the process that wants to know.
    """
    folder, moved_to, relocated, parent = sys.argv[1:5]
    del sys.argv[1:5]  # Ploomber reads the rest
    threading.Thread(target=end_with, args=(int(parent),), daemon=True).start()
    ObservingClient.folder = Path(folder)
    ObservingClient.moved_to = tuple(json.loads(moved_to))
    ObservingClient.relocated = tuple((new, old) for new, old in json.loads(relocated))
    papermill.engines.PapermillNotebookClient = ObservingClient
    # As the command `ploomber` does, so that the pipeline finds modules beside it.
    sys.path.insert(0, str(Path.cwd()))
    ploomber_build()


if __name__ == "__main__":
    main()
