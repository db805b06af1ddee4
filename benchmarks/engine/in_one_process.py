"""Runs notebooks one after the other in one process that has imported all: what cells alone take.

``in_one_process.py FOLDER RESULT``. A cell is run as in a kernel, and what it shows is made:
tables as HTML, figures as PNG. What a kernel is beside that, nothing of it is there.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path


def run(notebooks: Path) -> tuple[float, float]:
    """Run all notebooks of a folder.

    Returns
    -------
    cpu, wall
        Seconds that they took, without the imports.
    """
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415
    from IPython.utils.capture import capture_output  # noqa: PLC0415

    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # as in a kernel
    shell = InteractiveShell.instance()
    files = sorted(notebooks.glob("*.json"))
    # The first time is what each library takes when it is used first.
    for number, file in enumerate([files[0], *files]):
        if number == 1:
            began, before = time.monotonic(), _cpu()
        shell.user_ns.clear()
        shell.init_user_ns()
        for source in json.loads(file.read_text()):
            with capture_output():
                shell.run_cell(source, store_history=True).raise_error()
    return _cpu() - before, time.monotonic() - began


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    cpu, wall = run(Path(sys.argv[1]))
    Path(sys.argv[2]).write_text(f"{cpu} {wall}\n")
