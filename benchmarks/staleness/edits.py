"""The edits, and the steps that have to run again after each."""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.staleness.project import install, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_ALL = "load summary report"
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Place:
    """Where the project is.

    Parameters
    ----------
    root
        Its folder.
    library
        The folder of installed distributions.
    """

    root: Path
    library: Path

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text in a file that has it once."""
        text = (self.root / name).read_text()
        if text.count(old) != 1:
            raise ValueError(f"{name} has {old!r} {text.count(old)} times")
        write(self.root, name, text.replace(old, new))

    def replace_in_cell(self, name: str, old: str, new: str) -> None:
        """Replace a text in a cell of a notebook."""
        self.replace(f"notebooks/{name}.ipynb", json.dumps(old)[1:-1], json.dumps(new)[1:-1])


@dataclass(frozen=True)
class Edit:
    """An edit.

    Parameters
    ----------
    name
        What is done, in a few words.
    run
        The steps that have to run again, and no others but those of `may`.
    make
        Does it.
    environ
        Environment variables that are other ones afterwards.
    first
        Done before, with a build of its own.
    may
        Steps that may run: whoever keeps earlier products can do without.
    again
        Products that have to be afterwards what they were at first.
    """

    name: str
    run: frozenset[str]
    make: Callable[[Place], object] = lambda _: None
    environ: Mapping[str, str] = field(default_factory=dict)
    first: Callable[[Place], object] | None = None
    may: frozenset[str] = frozenset()
    again: tuple[str, ...] = ()


def _edit(name: str, run: str, make: Callable[[Place], object], **more: object) -> Edit:
    return Edit(name, frozenset(run.split()), make, **more)  # type: ignore[arg-type]


def _damage(name: str, may: str, make: Callable[[Place], object], product: str) -> Edit:
    return Edit(name, frozenset(), make, may=frozenset(may.split()), again=(product,))


def _write(name: str, text: str) -> Callable[[Place], object]:
    return lambda place: write(place.root, name, text)


def _text(name: str, old: str, new: str) -> Callable[[Place], object]:
    return lambda place: place.replace(name, old, new)


def _cell(name: str, old: str, new: str) -> Callable[[Place], object]:
    return lambda place: place.replace_in_cell(name, old, new)


def _same_time(name: str, text: str) -> Callable[[Place], object]:
    """Write another content of the same size, with the time of the old one."""

    def make(place: Place) -> None:
        path = place.root / name
        before = path.stat()
        if len(text) != before.st_size:
            raise ValueError(f"{name} had {before.st_size} bytes, and has {len(text)} now")
        path.write_text(text)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return make


def _stock(place: Place) -> None:
    with sqlite3.connect(place.root / "raw/stock.db") as connection:
        connection.execute("UPDATE stock SET count = 6")
    connection.close()


def _touch(pattern: str, seconds: float) -> Callable[[Place], object]:
    def make(place: Place) -> None:
        for path in place.root.glob(pattern):
            if path.is_file() and ".nbrefine" not in path.parts:
                time = path.stat().st_mtime + seconds
                os.utime(path, (time, time))

    return make


def _clock_was_ahead(place: Place) -> None:
    """Make what is recorded look as if it was built by a clock that stood a year ahead."""
    for record in place.root.glob("out/.*.metadata"):
        data = json.loads(record.read_text())
        data["timestamp"] += _YEAR
        record.write_text(json.dumps(data))
    ledger = place.root / ".nbrefine/ledger.db"
    if ledger.exists():
        with sqlite3.connect(ledger) as connection:
            rows = connection.execute("SELECT id, data FROM published").fetchall()
            for number, text in rows:
                data = json.loads(text)
                data["finished"] += _YEAR
                new = (data["finished"], json.dumps(data), number)
                connection.execute("UPDATE published SET finished = ?, data = ? WHERE id = ?", new)
        connection.close()
    _touch("**/*", _YEAR)(place)


def _clock_set_back_and_code(place: Place) -> None:
    _clock_was_ahead(place)
    place.replace_in_cell("load", "rows = []", "rows = [{'price': 1, 'count': 1}]")


def _outputs(place: Place) -> None:
    path = place.root / "notebooks/load.ipynb"
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 9
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "seen"}]
    path.write_text(json.dumps(document, indent=1))


def _new_step(place: Place) -> None:
    source = (
        (place.root / "notebooks/report.ipynb").read_text().replace("'report\\\\n'", "'extra\\\\n'")
    )
    write(place.root, "notebooks/extra.ipynb", source)
    task = (
        "  - source: notebooks/extra.ipynb\n"
        "    product: {nb: out/extra.ipynb, text: out/extra.txt}\n"
    )
    write(place.root, "pipeline.yaml", (place.root / "pipeline.yaml").read_text() + task)


_FEATURES, _LOADED, _TEXT = "shop/features.py", "out/load.json", "out/report.txt"
_BY_HAND = '{"totals": [1], "region": "x", "zone": "y", "lib": "z"}'
EDITS = (
    # What has to run again.
    _edit("code of a notebook", _ALL, _cell("load", "* scale)", "* scale + 1)")),
    _edit("code of a notebook in the middle", "summary report", _cell("summary", "{'lib'", "{'x'")),
    _edit(
        "a magic in a notebook",
        "report",
        _cell("report", "import json", "%precision 3\nimport json"),
    ),
    _edit("a tag that lets a cell fail", "report", lambda p: _tag(p, "raises-exception")),
    _edit("a parameter", _ALL, _text("pipeline.yaml", "scale: 2", "scale: 3")),
    _edit("a declared resource", _ALL, _write("limits.json", '{"most": 9}')),
    _edit(
        "a function that a notebook imports",
        _ALL,
        _text(_FEATURES, '["count"] *', '["count"] * 2 *'),
    ),
    _edit("a function that this one calls", _ALL, _text("shop/units.py", "* RATE", "* RATE * 2")),
    _edit("a constant of another module", _ALL, _text("shop/units.py", "0.5", "0.25")),
    _edit("a constant that is a default", _ALL, _text(_FEATURES, "FACTOR = 3", "FACTOR = 4")),
    _edit("a class attribute", _ALL, _text(_FEATURES, "digits = 1", "digits = -1")),
    _edit("a method", _ALL, _text(_FEATURES, "round(value,", "-round(value,")),
    _edit("a file that a module reads", _ALL, _write("settings.json", '{"extra": 2}')),
    _edit("a function in a registry", "summary report", _text("shop/stats.py", "max(", "min(")),
    _edit(
        "a new function in a registry",
        "summary report",
        lambda p: _append(
            p, "shop/stats.py", "\n\n@register\ndef least(values):\n    return min(values)\n"
        ),
    ),
    _edit("a star import's function", "probe", _text("shop/starred.py", "1", "2")),
    _edit("a function taken by name", "probe", _text("shop/named.py", "10", "11")),
    _edit("a patch of a module", "probe", _text("shop/patching.py", "200", "201")),
    _edit(
        "a statement at a module's top",
        "probe",
        lambda p: _append(p, "shop/patching.py", "_patched.patched = lambda: 300\n"),
    ),
    _edit("a script that a notebook starts", "probe", _text("tools/seven.py", "7", "8")),
    _edit("an input file", _ALL, _write("raw/a.json", '[{"price": 11, "count": 3}]')),
    _edit(
        "an input file, of the same size and time",
        _ALL,
        _same_time("raw/a.json", '[{"price": 30, "count": 1}]'),
    ),
    _edit("an input database", "probe", _stock),
    _edit(
        "a new file in a folder that is read",
        _ALL,
        _write("raw/c.json", '[{"price": 1, "count": 9}]'),
    ),
    _edit("a file less in that folder", _ALL, lambda p: (p.root / "raw/b.json").unlink()),
    _edit(
        "an environment variable of a notebook",
        _ALL,
        lambda _: None,
        environ={"SHOP_ZONE": "south"},
    ),
    _edit(
        "an environment variable of a module", _ALL, lambda _: None, environ={"SHOP_REGION": "west"}
    ),
    _edit("another version of a library", _ALL, lambda p: install(p.library, "1.1")),
    _damage("a product deleted", "load", lambda p: (p.root / _LOADED).unlink(), _LOADED),
    _damage("a product edited", "load", _write(_LOADED, _BY_HAND), _LOADED),
    _damage("a product emptied", "load", _write(_LOADED, ""), _LOADED),
    _damage("the last product edited", "report", _write(_TEXT, "by hand"), _TEXT),
    _edit("a product renamed", "load summary", _text("pipeline.yaml", _LOADED, "out/loaded.json")),
    _edit("a new step", "extra", _new_step),
    _edit("code, after the clock was set back", _ALL, _clock_set_back_and_code),
    # What must not run again.
    _edit("a comment in a notebook", "", _cell("load", "# Rows of all files.", "# All rows.")),
    _edit(
        "formatting in a notebook",
        "",
        _cell("report", "import json\nfrom", "import json\n\n\nfrom"),
    ),
    _edit("quotes in a notebook", "", _cell("load", "'totals': totals", '"totals": totals')),
    _edit(
        "markdown in a notebook", "", _text("notebooks/load.ipynb", "# The step load", "# Loading")
    ),
    _edit("outputs in the notebook", "", _outputs),
    _edit(
        "the kernel's display name",
        "",
        _text("notebooks/load.ipynb", '"display_name": "Python"', '"display_name": "Py"'),
    ),
    _edit("an unrelated function", "", _text(_FEATURES, 'return row["price"]', "return 0")),
    _edit(
        "a new function that nobody uses",
        "",
        lambda p: _append(p, _FEATURES, "\n\ndef more():\n    return 1\n"),
    ),
    _edit("a comment in a module", "", lambda p: _append(p, _FEATURES, "# The end.\n")),
    _edit("a module's docstring", "", _text(_FEATURES, "worked out from rows", "derived")),
    _edit(
        "formatting in a module",
        "",
        _text(_FEATURES, "    digits = 1\n\n", "    digits = (\n        1\n    )\n\n\n"),
    ),
    _edit("touched sources", "", _touch("notebooks/*", 60)),
    _edit("touched inputs", "", _touch("raw/*", 60)),
    _edit("touched products", "", _touch("out/*", 60)),
    _edit("the clock set back", "", _clock_was_ahead),
    _edit("an unrelated file", "", _write("README.md", "A big shop.\n")),
    _edit("an unrelated variable", "", lambda _: None, environ={"UNRELATED": "1"}),
    _edit(
        "a comment in pipeline.yaml", "", _text("pipeline.yaml", "says nothing", "does not matter")
    ),
    _edit("code that makes the same", "load", _cell("load", "rows = []", "rows = list()")),
    _edit(
        "a parameter, there and back",
        "",
        _text("pipeline.yaml", "scale: 3", "scale: 2"),
        first=_text("pipeline.yaml", "scale: 2", "scale: 3"),
        again=(_LOADED, "out/summary.json", _TEXT),
    ),
)


def _append(place: Place, name: str, text: str) -> None:
    write(place.root, name, (place.root / name).read_text() + text)


def _tag(place: Place, tag: str) -> None:
    path = place.root / "notebooks/report.ipynb"
    document = json.loads(path.read_text())
    document["cells"][-1]["metadata"] = {"tags": [tag]}
    path.write_text(json.dumps(document, indent=1))
