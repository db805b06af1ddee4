"""Run a notebook plainly: a script for the notebook's own environment.

Arguments: the notebook, the file for the executed notebook, seconds that a cell may take. Prints
how long the run took, kernel start included. Ends with 1 if a cell fails.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

source, target, timeout = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
notebook = nbformat.reads(  # type: ignore[no-untyped-call]
    source.read_text(encoding="utf-8"), as_version=4
)
client = NotebookClient(
    notebook,
    timeout=timeout,
    kernel_name="python3",
    resources={"metadata": {"path": str(source.parent)}},
)
start = time.perf_counter()
client.execute()
sys.stdout.write(f"{time.perf_counter() - start}\n")
executed = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
target.write_text(executed, encoding="utf-8")
