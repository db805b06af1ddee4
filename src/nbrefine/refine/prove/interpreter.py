"""The interpreter that a notebook ran in: its steps are proved in the same one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.atomic import write_atomic
from nbrefine.recording.store import read_recording
from nbrefine.refine.write.notebook import KERNELSPEC

if TYPE_CHECKING:
    from nbrefine.recording.facts import Recording

_ARGUMENTS = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]


def other_interpreter(recording: Recording) -> str:
    """Return the interpreter that a notebook ran in; empty if it is this one, or gone.

    Parameters
    ----------
    recording
        The notebook's run.
    """
    path = recording.python.executable
    if not path or not Path(path).is_file():
        return ""
    here, there = Path(sys.executable), Path(path)
    same = here.parent.absolute() == there.parent.absolute() and here.samefile(there)
    return "" if same else path


def interpreter_of(file: Path) -> str:
    """Return the interpreter of a project's notebook, likewise.

    Parameters
    ----------
    file
        Where its recording is kept; where there is none, nothing is known of another one.
    """
    return other_interpreter(read_recording(file)) if file.is_file() else ""


def kernels_in(python: str, folder: Path) -> dict[str, str]:
    """Have Jupyter run the steps' kernel in an interpreter.

    Parameters
    ----------
    python
        The interpreter, which needs ipykernel; empty for the one that starts kernels.
    folder
        Takes a kernelspec of the name that step notebooks ask for.

    Returns
    -------
    dict of str to str
        Environment variables for the process that starts kernels.
    """
    if not python:
        return {}
    spec = {**KERNELSPEC, "argv": [python, *_ARGUMENTS]}
    path = folder / "kernels" / KERNELSPEC["name"] / "kernel.json"
    write_atomic(path, json.dumps(spec))
    before = os.environ.get("JUPYTER_PATH")
    return {"JUPYTER_PATH": os.pathsep.join([str(folder), *([before] if before else [])])}
