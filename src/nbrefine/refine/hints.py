"""What would help where a notebook fails on its own, as far as the error tells."""

from __future__ import annotations

import os
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nbrefine.files.paths import shown
from nbrefine.refine.flow.facts import gather

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.notebook.document import Notebook
    from nbrefine.recording.facts import Failure

MEND = "Run all cells from the top in a fresh kernel, and mend this one first."

# Packages whose distribution has another name than the module.
_DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
    "yaml": "pyyaml",
}
# Modules that nobody can install: a service for notebooks has them.
_HOSTED = {"google.colab": "Colab", "kaggle_secrets": "Kaggle", "kaggle_datasets": "Kaggle"}
# What newer versions no longer have; the pattern matches the error's message.
_REMOVED = (
    (r"numpy.*has no attribute '(float|int|bool|object|str|complex)'", "NumPy 1.24"),
    (r"numpy.*has no attribute '(NaN|Inf|float_|unicode_)'", "NumPy 2.0"),
    (r"`np\.\w+` was removed in the NumPy 2\.0", "NumPy 2.0"),
    (r"'(DataFrame|Series)' object has no attribute '(append|iteritems)'", "pandas 2.0"),
    (r"'(DataFrame|Series)' object has no attribute '(ix|get_value|as_matrix)'", "pandas 1.0"),
    (r"unexpected keyword argument '(line_terminator|squeeze|error_bad_lines)'", "pandas 2.0"),
    (r"load_boston", "scikit-learn 1.2"),
    (r"has no attribute 'get_feature_names'", "scikit-learn 1.2"),
    (r"unexpected keyword argument 'sparse'", "scikit-learn 1.4"),
    (r"No module named 'sklearn\.(externals|cross_validation|grid_search)", "scikit-learn 0.23"),
    (r"not a valid package style|'seaborn.*' is not", "Matplotlib 3.8"),
)
_NETWORK = re.compile(
    r"URLError|ConnectionError|ConnectTimeout|ReadTimeout|ConnectionRefusedError|gaierror"
    r"|RemoteDisconnected|SSLError|ProxyError|NewConnectionError"
)
_NO_FILE = (
    re.compile(r"No such file or directory: '([^']+)'"),
    re.compile(r"'([^']+)'"),
    re.compile(r"(\S+) not found"),
)
# As in `open(path, "w+b")`, `plt.savefig(path)`, `joblib.dump(model, path)`.
_WRITES = re.compile(r"""['"][wax]\+?[bt]?\+?['"]|\b(?:save\w*|dump|to_\w+)\(""")
_SEARCHED = 20_000


def hint(failed: Failure, notebook: Notebook) -> str:
    """Say what would help.

    Parameters
    ----------
    failed
        How the notebook failed.
    notebook
        The notebook.

    Returns
    -------
    str
        One sentence or two.
    """
    folder = notebook.path.parent
    for pattern, version in _REMOVED:
        if re.search(pattern, failed.evalue, re.DOTALL):
            return f"{version} removed this: change the cell, or run an older version by --python."
    if module := re.search(r"No module named '([\w.]+)'", failed.evalue):
        return _of_module(module[1].partition(".")[0], failed, folder)
    if failed.ename == "FileNotFoundError":
        found = (pattern.search(failed.evalue) for pattern in _NO_FILE)
        if match := next(filter(None, found), None):
            parent = Path(match[1]).parent
            if _WRITES.search("\n".join(failed.traceback)) and not (folder / parent).is_dir():
                return f"The cell writes into the folder {str(parent)!r}, which is not there."
            return _of_file(match[1], folder)
    if failed.ename == "NameError" and (name := re.search(r"name '(\w+)'", failed.evalue)):
        return _of_name(name[1], failed.origin, notebook)
    return _of_kind(failed)


def _of_kind(failed: Failure) -> str:
    """Say what would help where only the kind of the error is known."""
    if "timed out" in failed.evalue.lower() or failed.ename == "TimeoutError":
        return "Allow more time with --timeout."
    if _NETWORK.search(failed.ename):
        return "The cell needs the network: put what it reads into a file beside the notebook."
    if failed.ename == "MemoryError":
        return "There is too little memory: read less, or run it on a larger machine."
    if failed.ename == "DeadKernelError":
        return "The cell ended the process: too little memory, a crash in a library, or an exit."
    return MEND


def _of_module(name: str, failed: Failure, folder: Path) -> str:
    """Name the package to install, or the file that is the module."""
    text = "\n".join([failed.evalue, *failed.traceback])
    for hosted, service in _HOSTED.items():
        if hosted.startswith(name) and hosted in text:
            return f"Only {service} has {hosted}: take the cell out, and read from a folder here."
    if file := _find(f"{name}.py", folder):
        return f"A module of that name is here: {shown(file)}. Put its folder on sys.path."
    return f"Install the package: pip install {_DISTRIBUTIONS.get(name, name)}"


def _of_file(missing: str, folder: Path) -> str:
    """Say where a file of that name lies."""
    name = Path(missing).name
    if file := _find(name, folder):
        return f"A file of that name is here: {shown(file)}"
    return f"No file {name!r} lies beside the notebook or below: put it there."


def _find(name: str, folder: Path) -> Path | None:
    """Find a file below the notebook's folder, or in a folder beside it."""
    near = [*folder.resolve().parent.glob(name), *folder.resolve().parent.glob(f"*/{name}")]
    below = (path for path in islice(_walked(folder), _SEARCHED) if path.name == name)
    return next(below, None) or next(iter(sorted(near)), None)


def _walked(folder: Path) -> Iterator[Path]:
    """Yield what lies below a folder; what may not be looked into is passed over."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(place, each) for each in sorted(files))


def _of_name(name: str, origin: int, notebook: Notebook) -> str:
    """Say which cell gives a name its value, if one does."""
    facts = gather(notebook, None)
    binders = [each for each in facts if name in each.names.binds]
    later = [each.cell.index + 1 for each in binders if each.origin > origin]
    if later:
        return f"Cell {later[0]} gives `{name}` a value, but it stands below: move it up."
    if any(name in each.names.deletes for each in facts[:origin]):
        return f"A cell above deletes `{name}`."
    if not binders:
        return f"No cell gives `{name}` a value: it was left over from a session, or misspelt."
    return MEND
