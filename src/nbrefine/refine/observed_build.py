"""``ploomber build`` whose notebooks are looked at when they end; runs in a process of its own.

Ploomber, papermill and the pipeline are as they are. Only the client through which papermill's
engine talks to a kernel is replaced, by one that does the same, and once a notebook's last cell
has run asks the kernel for its names. So whatever this builds, ``ploomber build`` builds.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, ClassVar

import papermill.engines
from papermill.clientwrap import PapermillNotebookClient
from ploomber.cli.build import main as ploomber_build

from nbrefine.files.atomic import write_atomic
from nbrefine.refine.build import STARTED


class ObservingClient(PapermillNotebookClient):  # type: ignore[misc]  # papermill has no types
    """Runs a notebook as papermill does, then observes its names."""

    folder: ClassVar[Path]

    def papermill_execute_cells(self) -> None:
        """Run the cells; keep what they showed, and what the names are then."""
        product = os.path.realpath(self.nb_man.output_path)
        print(STARTED + product, flush=True)  # noqa: T201  (the parent reads it)
        super().papermill_execute_cells()
        cells = self.nb.cells
        failed = any(cell.metadata.get("papermill", {}).get("exception") for cell in cells)
        values = {} if failed else self._values()
        observed = {"product": product, "cells": cells, "values": values}
        number = len([*self.folder.iterdir()])
        write_atomic(self.folder / f"{number}.json", json.dumps(observed))

    def _values(self) -> dict[str, Any]:
        return {}


def main() -> None:
    """Build the pipeline of the working directory; the first argument says where to observe to."""
    ObservingClient.folder = Path(sys.argv.pop(1))
    papermill.engines.PapermillNotebookClient = ObservingClient
    # As the command `ploomber` does, so that the pipeline finds modules beside it.
    sys.path.insert(0, str(Path.cwd()))
    ploomber_build()


if __name__ == "__main__":
    main()
