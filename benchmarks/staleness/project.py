"""The project that is edited: four notebooks, a package, raw files, a library with a version.

Each notebook notes in a file outside the project that it ran: what a tool says of itself is not
taken for granted.
"""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RUNS = "STALENESS_RUNS"
"""Names the file in which notebooks note that they ran."""

STEPS = ("load", "summary", "report", "probe")

_SPEC = """\
# The order of keys says nothing.
meta:
  extract_upstream: true
tasks:
  - source: notebooks/load.ipynb
    product: {nb: out/load.ipynb, data: out/load.json}
    params:
      scale: 2
      resources_: {limits: limits.json}
  - source: notebooks/summary.ipynb
    product: {nb: out/summary.ipynb, data: out/summary.json}
  - source: notebooks/report.ipynb
    product: {nb: out/report.ipynb, text: out/report.txt}
  - source: notebooks/probe.ipynb
    product: {nb: out/probe.ipynb, data: out/probe.json}
"""
_FEATURES = '''\
"""Columns that are worked out from rows."""
import json
import os
from pathlib import Path

from shop.units import in_euro

FACTOR = 3
SETTINGS = json.loads(Path("settings.json").read_text())


def total(row, factor=FACTOR):
    """Return a row's total."""
    return in_euro(row["price"]) * row["count"] * factor + SETTINGS["extra"]


class Rounding:
    digits = 1

    def apply(self, value):
        return round(value, self.digits)


def region():
    return os.environ.get("SHOP_REGION", "none")


def unused(row):
    return row["price"]
'''
_UNITS = """\
RATE = 0.5


def in_euro(value):
    return value * RATE
"""
_STATS = """\
FOUND = {}


def register(function):
    FOUND[function.__name__] = function
    return function


@register
def mean(values):
    return sum(values) / len(values)


@register
def largest(values):
    return max(values)


def all_stats(values):
    return {name: function(values) for name, function in FOUND.items()}
"""
_STARRED = """\
def starred():
    return 1
"""
_NAMED = """\
def first_choice():
    return 10


def second_choice():
    return 20
"""
_PATCHED = """\
def patched():
    return 100
"""
_PATCHING = """\
from shop import patched as _patched

_patched.patched = lambda: 200
"""
_SCRIPT = """\
print(7)
"""
# The cells of each notebook, with an empty line between them.
_LOAD = """\
import json, os
from pathlib import Path
import tinylib
from shop.features import Rounding, region, total

# Rows of all files.
rows = []
for file in sorted(Path('raw').glob('*.json')):
    rows += json.loads(file.read_text())

limits = json.loads(Path(resources_['limits']).read_text())
totals = [Rounding().apply(total(row) * scale) for row in rows]
totals = [min(value, limits['most']) for value in totals]

data = {'totals': totals, 'region': region(), 'zone': os.environ['SHOP_ZONE'],
        'lib': tinylib.answer()}
Path(product['data']).write_text(json.dumps(data))
"""
_SUMMARY = """\
import json
from pathlib import Path
from shop.stats import all_stats

data = json.loads(Path(upstream['load']['data']).read_text())

where = {'lib': data['lib'], 'where': data['region'] + data['zone']}
found = all_stats(data['totals']) | where
Path(product['data']).write_text(json.dumps(found))
"""
_REPORT = """\
import json
from pathlib import Path

found = json.loads(Path(upstream['summary']['data']).read_text())
Path(product['text']).write_text(str(found))
"""
_PROBE = """\
import json, sqlite3, subprocess, sys
from pathlib import Path
from shop.starred import *
from shop import named, patched, patching

choice = 'first'
values = [starred(), getattr(named, choice + '_choice')(), patched.patched()]

with sqlite3.connect('raw/stock.db') as connection:
    values += [count for (count,) in connection.execute('SELECT count FROM stock')]

ran = subprocess.run([sys.executable, 'tools/seven.py'], capture_output=True, text=True)
values.append(int(ran.stdout))

Path(product['data']).write_text(json.dumps(values))
"""


def make_project(root: Path, library: Path) -> None:
    """Write the project.

    Parameters
    ----------
    root
        Its folder.
    library
        A folder of installed distributions; one is put there.
    """
    write(root, "pipeline.yaml", _SPEC)
    write(root, "settings.json", '{"extra": 1}')
    write(root, "limits.json", '{"most": 1000}')
    write(root, "README.md", "A shop.\n")
    write(root, "raw/a.json", '[{"price": 10, "count": 1}]')
    write(root, "raw/b.json", '[{"price": 20, "count": 2}]')
    for name, text in {
        "__init__": "",
        "features": _FEATURES,
        "units": _UNITS,
        "stats": _STATS,
        "starred": _STARRED,
        "named": _NAMED,
        "patched": _PATCHED,
        "patching": _PATCHING,
    }.items():
        write(root, f"shop/{name}.py", text)
    write(root, "tools/seven.py", _SCRIPT)
    with sqlite3.connect(root / "raw/stock.db") as connection:
        connection.execute("CREATE TABLE stock (count INTEGER)")
        connection.execute("INSERT INTO stock VALUES (5)")
    connection.close()
    for name, cells, upstream in (
        ("load", _LOAD, "None"),
        ("summary", _SUMMARY, '["load"]'),
        ("report", _REPORT, '["summary"]'),
        ("probe", _PROBE, "None"),
    ):
        write(root, f"notebooks/{name}.ipynb", notebook(name, cells, upstream))
    install(library, "1.0")


def install(library: Path, version: str) -> None:
    """Install a version of the library that the project uses, in place of another."""
    for old in library.glob("tinylib-*"):
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
    about = f"Metadata-Version: 2.1\nName: tinylib\nVersion: {version}\n"
    write(library, f"tinylib-{version}.dist-info/METADATA", about)
    write(library, f"tinylib-{version}.dist-info/top_level.txt", "tinylib\n")
    write(library, "tinylib.py", f"def answer():\n    return {version!r}\n")


def notebook(name: str, cells: str, upstream: str) -> str:
    """Write a step's notebook, with prose and a cell that notes the run."""
    noted = (
        "import os as _os\n"
        f"with open(_os.environ['{RUNS}'], 'a') as _file:\n    _file.write('{name}\\n')"
    )
    parameters = f"upstream = {upstream}\nproduct = None\nscale = None\nresources_ = None"
    return json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "metadata": {}, "source": f"# The step {name}"},
                _code(parameters, ["parameters"]),
                _code(noted),
                *map(_code, cells.rstrip().split("\n\n")),
            ],
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}
            },
            "nbformat": 4,
            "nbformat_minor": 4,
        },
        indent=1,
    )


def _code(source: str, tags: list[str] | None = None) -> dict[str, object]:
    return {
        "cell_type": "code",
        "metadata": {"tags": tags} if tags else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def write(root: Path, name: str, text: str) -> None:
    """Write a file of the project."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
