"""The file formats that values are stored in, and the plain lines that read and write them."""

from __future__ import annotations

from dataclasses import dataclass

COPYING = "cloudpickle"
"""How the names of formats begin that keep copies of functions and classes."""


@dataclass(frozen=True)
class Stored:
    """How a group of names is stored.

    Parameters
    ----------
    names
        One name; or several that share objects, which one file keeps together.
    format
        A key of `FORMATS`.
    repair
        Plain lines after the read that restore what the format does not keep.
    exact
        Whether a fresh process read back exactly what was written.
    bytes
        Size of the file.
    reason
        Why plainer formats were passed over.
    held
        Functions and classes of the notebook's own that the values hold by their names.
    reads
        Names that these read.
    copying
        A format that keeps copies of them instead, and is exact too; empty if there is none.
    """

    names: tuple[str, ...]
    format: str
    repair: tuple[str, ...] = ()
    exact: bool = True
    bytes: int = 0
    reason: str = ""
    held: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    copying: str = ""

    @property
    def copies(self) -> bool:
        """Whether the file holds copies of the notebook's own functions and classes."""
        return self.format.startswith(COPYING)


@dataclass(frozen=True)
class Format:
    """A file format, and the lines that a data scientist would write for it.

    Parameters
    ----------
    name
        Its key.
    extension
        Of the file, with the dot.
    write, read
        Line with ``{name}`` for the variable and ``{path}`` for an expression of the path. Bundles
        hold ``{names}`` (``"a": a, "b": b``) and ``{targets}`` (``a, b``).
    imports
        What the lines need.
    plain
        Whether other tools read it too, or it is what such objects are usually kept in.
    """

    name: str
    extension: str
    write: str
    read: str
    imports: tuple[str, ...]
    plain: bool


_PANDAS = "import pandas as pd"
_PATH = "from pathlib import Path"

_ALL = (
    Format(
        "parquet",
        ".parquet",
        "{name}.to_parquet({path})",
        "{name} = pd.read_parquet({path})",
        (_PANDAS,),
        plain=True,
    ),
    Format(
        "parquet-series",
        ".parquet",
        "{name}.to_frame().to_parquet({path})",
        '{name} = pd.read_parquet({path}).squeeze("columns")',
        (_PANDAS,),
        plain=True,
    ),
    Format(
        "npy",
        ".npy",
        "np.save({path}, {name})",
        "{name} = np.load({path})",
        ("import numpy as np",),
        plain=True,
    ),
    Format(
        "npz",
        ".npz",
        "sparse.save_npz({path}, {name})",
        "{name} = sparse.load_npz({path})",
        ("from scipy import sparse",),
        plain=True,
    ),
    Format(
        "json",
        ".json",
        "Path({path}).write_text(json.dumps({name}))",
        "{name} = json.loads(Path({path}).read_text())",
        ("import json", _PATH),
        plain=True,
    ),
    Format(
        "joblib",
        ".joblib",
        "joblib.dump({name}, {path})",
        "{name} = joblib.load({path})",
        ("import joblib",),
        plain=True,
    ),
    Format(
        "pandas-pickle",
        ".pickle",
        "{name}.to_pickle({path})",
        "{name} = pd.read_pickle({path})",
        (_PANDAS,),
        plain=False,
    ),
    Format(
        "pickle",
        ".pickle",
        "Path({path}).write_bytes(pickle.dumps({name}))",
        "{name} = pickle.loads(Path({path}).read_bytes())",
        ("import pickle", _PATH),
        plain=False,
    ),
    Format(
        "pickle-bundle",
        ".pickle",
        "Path({path}).write_bytes(pickle.dumps({{{names}}}))",
        "{targets} = pickle.loads(Path({path}).read_bytes()).values()",
        ("import pickle", _PATH),
        plain=False,
    ),
    Format(
        "cloudpickle",
        ".pickle",
        "Path({path}).write_bytes(cloudpickle.dumps({name}))",
        "{name} = cloudpickle.loads(Path({path}).read_bytes())",
        ("import cloudpickle", _PATH),
        plain=False,
    ),
    Format(
        "cloudpickle-bundle",
        ".pickle",
        "Path({path}).write_bytes(cloudpickle.dumps({{{names}}}))",
        "{targets} = cloudpickle.loads(Path({path}).read_bytes()).values()",
        ("import cloudpickle", _PATH),
        plain=False,
    ),
)

FORMATS = {form.name: form for form in _ALL}
"""Each format by its name, the plainest first."""
