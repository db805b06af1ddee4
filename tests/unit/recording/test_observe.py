from __future__ import annotations

import json
import random
import subprocess
import sys
import types
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nbrefine.observer import library, streams
from nbrefine.observer.observe import Observer, Places, Quietly
from nbrefine.observer.report import Channel


class Shell:
    """As much of IPython's shell as the observer hooks into."""

    def __init__(self) -> None:
        self.user_ns: dict[str, object] = {"__name__": "__main__", "In": [], "run": self.run}
        self.hooks: dict[str, Callable[..., None]] = {}
        self.events = types.SimpleNamespace(register=self.hooks.__setitem__)

    def run(self, cell: str) -> None:
        self.hooks["pre_run_cell"](types.SimpleNamespace(raw_cell=cell))
        exec(cell, self.user_ns)  # noqa: S102  (the test's own cell)
        self.hooks["post_run_cell"](None)


@pytest.fixture
def observed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Shell, Observer, Callable[[], list[dict[str, object]]]]:
    """A shell, its observer, and what it reported so far; nothing of the process is hooked."""
    monkeypatch.setattr("nbrefine.observer.watch.Watch.start", lambda *_: None)
    monkeypatch.setattr(Observer, "_watch_environ", lambda _: None)
    path = tmp_path / "channel"
    path.touch()
    shell = Shell()
    observer = Observer(
        shell, Channel(str(path)), Places(str(tmp_path), [], lambda _: None), whole=True
    )
    observer.start()
    return shell, observer, lambda: [json.loads(line) for line in path.read_text().splitlines()]


def test_each_cell_is_reported_with_its_phases(
    observed: tuple[Shell, Observer, Callable[[], list[dict[str, object]]]],
) -> None:
    """Whoever waits can tell the cell's own time from the observer's."""
    shell, _, said = observed
    shell.run("x = [1]")
    assert [message["phase"] for message in said()] == ["running", "observing", "done"]
    assert said()[-1]["report"]["bound"] == ["x"]  # type: ignore[index]


def test_a_cell_that_runs_cells_is_one(
    observed: tuple[Shell, Observer, Callable[[], list[dict[str, object]]]],
) -> None:
    """What is run within a cell belongs to it."""
    shell, _, said = observed
    shell.run("run('inner = 1')\nouter = 2")
    reports = [message for message in said() if "report" in message]
    assert len(reports) == 1
    assert {"inner", "outer"} <= set(reports[0]["report"]["bound"])  # type: ignore[index]


def test_where_looking_fails_everything_may_have_changed(
    observed: tuple[Shell, Observer, Callable[[], list[dict[str, object]]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A fault of the observer's is told, and leans to 'may have written'."""
    shell, observer, said = observed
    shell.run("x = [1]")

    def fail(*_: object) -> None:
        raise OSError("no luck")

    monkeypatch.setattr(observer.names, "look", fail)
    shell.run("y = 2")
    report = said()[-1]["report"]
    assert report["failed"] == "OSError: no luck"  # type: ignore[index]
    assert report["changed"] == ["x", "y"]  # type: ignore[index]
    assert report["bound"] == ["y"]  # type: ignore[index]
    assert report["values"]["x"]["digest"] is None  # type: ignore[index]


def test_a_change_that_was_not_seen_is_told_in_the_end(
    observed: tuple[Shell, Observer, Callable[[], list[dict[str, object]]]],
) -> None:
    """What changed though no cell named it is found when all names are looked at once more."""
    shell, observer, said = observed
    shell.run("x = [1]\nother = [1]")
    shell.user_ns["x"].append(2)  # type: ignore[attr-defined]
    shell.run("y = 2")
    observer.final()
    assert said()[-1]["unseen"] == ["x"]


def test_what_is_different_at_each_look_is_no_unseen_change(
    observed: tuple[Shell, Observer, Callable[[], list[dict[str, object]]]],
) -> None:
    """An object that looks other each time, with nothing between, has not changed unseen."""
    shell, observer, said = observed
    shell.run("import itertools\ncount = itertools.count()")
    shell.run(
        "class Box(dict):\n    default_factory = property(lambda self: next(count))\nb = Box()"
    )
    observer.final()
    assert "b" not in said()[-1]["unseen"]  # type: ignore[operator]


def test_warnings_of_ours_leave_no_trace() -> None:
    """Nothing is shown, no filter stays, and what was shown before is remembered."""
    before = list(warnings.filters)
    registry: dict[object, object] = {}
    with Quietly():
        warnings.warn_explicit("w", UserWarning, "f", 1, registry=registry)
    assert list(warnings.filters) == before
    assert not any("w" in str(key) for key in registry)


def test_streams_are_read_and_not_moved() -> None:
    """Reading a stream's state draws nothing; drawing changes it."""
    assert np.random.mtrand  # numpy loads it when it is asked for
    before = streams.stream_states()
    assert streams.stream_states() == before
    state = random.getstate()
    random.random()  # noqa: S311  (the stream that is meant)
    np.random.random()  # noqa: NPY002  (the stream that is meant)
    after = streams.stream_states()
    assert {name for name in ("random", "numpy") if after[name] != before[name]} == {
        "random",
        "numpy",
    }
    random.setstate(state)


def test_settings_are_compared_by_key() -> None:
    """A kind of setting that came with an import is no change; a key that differs is one."""
    before = {"a": {"x": "1", "y": "2"}}
    after = {"a": {"x": "1", "y": "3", "z": "4"}, "b": {"q": "1"}}
    assert library.changed_settings(before, after) == {"a": ["y", "z"]}
    assert library.changed_settings(after, after) == {}


CHANGES = {
    ("os.environ", "NEW_HERE"): "os.environ['NEW_HERE'] = '1'",
    ("os.cwd", "cwd"): "os.chdir('/')",
    ("sys.path", "path"): "sys.path.append('/x')",
    ("sys", "recursionlimit"): "sys.setrecursionlimit(4321)",
    ("warnings.filters", "filters"): "warnings.simplefilter('ignore')",
    ("numpy.printoptions", "precision"): "np.set_printoptions(precision=3)",
    ("numpy.errstate", "over"): "np.seterr(all='ignore')",
    ("pandas.options", "display.width"): "pd.set_option('display.width', 7)",
    ("sklearn.config", "display"): "sklearn.set_config(display='text')",
    ("matplotlib.rcParams", "font.size"): "mpl.rcParams['font.size'] = 3",
    ("logging", "level"): "logging.getLogger().setLevel(7)",
}


@pytest.fixture(scope="module")
def changes() -> list[dict[str, list[str]]]:
    """What was seen of each change; made in a process of its own."""
    program = (
        "import json, logging, os, sys, warnings\n"
        "import matplotlib as mpl, numpy as np, pandas as pd, sklearn\n"
        "from nbrefine.observer.library import settings, changed_settings\n"
        "for change in json.loads(sys.argv[1]):\n"
        "    before = settings(None)\n    exec(change)\n"
        "    print(json.dumps(changed_settings(before, settings(None))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(list(CHANGES.values()))],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=lambda n: list(CHANGES.values())[n])
def test_settings_are_seen(changes: list[dict[str, list[str]]], number: int) -> None:
    """Whatever is set is told by its kind and key, and nothing else is."""
    kind, key = list(CHANGES)[number]
    assert changes[number].keys() == {kind}
    assert key in changes[number][kind]
