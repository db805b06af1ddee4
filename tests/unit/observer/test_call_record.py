"""Calls are seen while cells run, and records of them say what the function gives."""

from __future__ import annotations

import ast
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbrefine.observer.call_capture import Capture
from nbrefine.observer.call_effects import effects
from nbrefine.observer.call_masks import Masks
from nbrefine.observer.call_own import Own
from nbrefine.observer.call_record import Recorder
from nbrefine.observer.call_targets import Targets


class Notebook:
    """Cells that run in one space of names while calls of some functions are captured."""

    def __init__(self, folder: Path, *names: str) -> None:
        # A module of that name, as for the notebook, so that its objects can be copied.
        self.space = vars(sys.modules.setdefault("a_notebook", types.ModuleType("a_notebook")))
        self.space.clear()
        self.space.update(__name__="a_notebook", np=np, pd=pd)
        self.capture = Capture(Targets(dict.fromkeys(names, ""), self.space))
        self.folder = folder

    def run(self, *cells: str) -> None:
        for cell in cells:
            self.capture.before_cell(types.SimpleNamespace(raw_cell=cell))
            try:
                exec(compile(cell, f"<{cell[:20]}>", "exec"), self.space)  # noqa: S102  (a cell)
            finally:
                self.capture.after_cell(None)

    def records(self) -> tuple[list[dict[str, Any]], dict[str, str]]:
        own = Own(self.capture.targets, {}, {})
        said = Recorder(self.capture, str(self.folder), own, Masks()).all()
        return said["recorded"], {each["function"]: each["reason"] for each in said["missed"]}

    def get(self, value: dict[str, Any]) -> Any:  # noqa: ANN401  (of any type)
        names = {"FIXTURES": self.folder, "pd": pd, "np": np}
        return eval(value["expression"], names)  # noqa: S307  (what is tested)


def given(record: dict[str, Any], call: int = 0) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in record["calls"][call]["arguments"]}


def test_each_branch_of_a_function_gets_a_call(tmp_path: Path) -> None:
    """Thousands of calls become few: those at the edges, and one for each result."""
    notebook = Notebook(tmp_path, "part")
    notebook.run(
        "def part(h):\n"
        "    if h < 7:\n"
        "        return 'early'\n"
        "    return 'day' if h < 15 else 'evening'",
        "pd.Series(list(range(24)) * 50).map(part)",
    )
    records, missed = notebook.records()
    assert missed == {}
    cases = {
        ast.literal_eval(given(each)["h"]["value"]["expression"]): ast.literal_eval(
            each["calls"][0]["outcome"]["result"]["expression"]
        )
        for each in records
    }
    assert {6, 7, 14, 15} <= set(cases)
    assert all(
        result == ("early" if h < 7 else "day" if h < 15 else "evening")
        for h, result in cases.items()
    )
    assert len(cases) <= 12


def test_the_result_is_what_the_function_gives_on_the_fixture(tmp_path: Path) -> None:
    """Not what it gave on the whole table; and what it reads of the notebook belongs to it."""
    notebook = Notebook(tmp_path, "center")
    notebook.run(
        "scale = 10\ndef center(df):\n    return (df - df.mean()) * scale",
        "df = pd.DataFrame({'a': np.arange(90_000.0) ** 2})\nresult = center(df)\nscale = 20",
    )
    (record,) = notebook.records()[0]
    arguments = given(record)
    assert record["rows"][1] == 90_000
    assert arguments["scale"]["was_global"]
    assert arguments["scale"]["value"]["expression"] == "10"
    df = notebook.get(arguments["df"]["value"])
    expected = notebook.get(record["calls"][0]["outcome"]["result"])
    pd.testing.assert_frame_equal(expected, (df - df.mean()) * 10)
    assert notebook.space["scale"] == 20


def test_a_table_of_many_columns_is_recorded(tmp_path: Path) -> None:
    """Of fewer rows, and pickled: Parquet takes 700 bytes to say that there is a column."""
    notebook = Notebook(tmp_path, "double")
    notebook.run(
        "def double(df):\n    return df * 2",
        "df = pd.DataFrame(np.arange(300.0 * 450).reshape(450, 300)) ** 0.5\ndouble(df)",
    )
    records, missed = notebook.records()
    assert missed == {}
    kept, seen = records[0]["rows"]
    assert seen == 450
    assert notebook.get(given(records[0])["df"]["value"]).shape == (kept, 300)


def test_an_argument_is_kept_as_it_was_before_the_call(tmp_path: Path) -> None:
    """And as it is afterwards, where the function changes it."""
    notebook = Notebook(tmp_path, "fill")
    notebook.run(
        "def fill(d):\n    d['a'] = d['a'].fillna(0)",
        "df = pd.DataFrame({'a': [1.0, None]})\nfill(df)\ndf['a'] = 7",
    )
    (record,) = notebook.records()[0]
    assert notebook.get(given(record)["d"]["value"])["a"].isna().tolist() == [False, True]
    (changed,) = record["calls"][0]["outcome"]["changed"]
    assert changed["name"] == "d"
    assert notebook.get(changed["value"])["a"].tolist() == [1.0, 0.0]
    assert notebook.space["df"]["a"].tolist() == [7, 7]


def test_objects_are_followed_from_their_beginning(tmp_path: Path) -> None:
    """Constructor, then methods; what a method calls itself is its own matter."""
    notebook = Notebook(tmp_path, "Encoder")
    notebook.run(
        "class Encoder:\n"
        "    def __init__(self, col, k=2):\n"
        "        self.col, self.k = col, k\n"
        "    def fit(self, d):\n"
        "        self.rates_ = d.groupby(self.col)['y'].sum() / self._size(d)\n"
        "        return self\n"
        "    def _size(self, d):\n"
        "        return d.groupby(self.col)['y'].size() + self.k\n"
        "    def transform(self, d):\n"
        "        return d[self.col].map(self.rates_)\n",
        "df = pd.DataFrame({'c': ['x', 'y', 'x'], 'y': [1, 0, 1]})\n"
        "encoded = Encoder('c').fit(df).transform(df)",
    )
    (record,) = notebook.records()[0]
    assert [call["method"] for call in record["calls"]] == ["__init__", "fit", "transform"]
    fit = record["calls"][1]["outcome"]
    assert fit["returns_self"]
    assert fit["learnt"]["keys"] == ["col", "k", "rates_"]
    result = notebook.get(record["calls"][2]["outcome"]["result"])
    pd.testing.assert_series_equal(result, notebook.space["encoded"])


def test_what_an_object_holds_is_told_as_each_call_left_it(tmp_path: Path) -> None:
    """Not as the last one did; nor what a method returned that a later one changes."""
    notebook = Notebook(tmp_path, "Job")
    notebook.run(
        "class Job:\n"
        "    def __init__(self):\n"
        "        self.hours, self.log = 0.0, []\n"
        "    def work(self, hours):\n"
        "        self.hours += hours\n"
        "        self.log.append(hours)\n"
        "    def logged(self):\n"
        "        return self.log\n",
        "job = Job()\njob.work(10.0)\nlog = job.logged()\njob.work(20.0)",
    )
    (record,) = notebook.records()[0]
    _, first, logged, second = [call["outcome"] for call in record["calls"]]
    hours = [each["learnt"]["items"][0]["expression"] for each in (first, second)]
    assert hours == ["10.0", "30.0"]
    assert logged["result"]["expression"] == "[10.0]"


def test_a_method_that_is_called_again_keeps_what_it_was_given_before(tmp_path: Path) -> None:
    """Each call has a fixture of its own."""
    notebook = Notebook(tmp_path, "Total")
    notebook.run(
        "class Total:\n"
        "    def __init__(self):\n"
        "        self.sum = 0.0\n"
        "    def add(self, d):\n"
        "        self.sum += float(d['a'].sum())\n",
        "total = Total()\n"
        "total.add(pd.DataFrame({'a': [1.0, 2.0]}))\ntotal.add(pd.DataFrame({'a': [5.0]}))",
    )
    (record,) = notebook.records()[0]
    frames = [notebook.get(given(record, call)["d"]["value"]) for call in (1, 2)]
    assert [frame["a"].tolist() for frame in frames] == [[1.0, 2.0], [5.0]]
    assert len({*record["files"]}) == len(record["files"]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {*record["files"]}


def test_random_numbers(tmp_path: Path) -> None:
    """What depends on the seed says so, and what no seed decides is not recorded."""
    notebook = Notebook(tmp_path, "noise", "entropy", "plain")
    notebook.run(
        "import os\ndef noise(n):\n    return np.random.normal(size=n)",
        "def entropy(n):\n    return os.urandom(n)\ndef plain(n):\n    return n + 1",
        "noise(3); entropy(3); plain(3)",
    )
    records, missed = notebook.records()
    assert {each["function"]: each["seeded"] for each in records} == {"noise": True, "plain": False}
    assert missed == {"entropy": "it gives something else each time"}


@pytest.mark.parametrize(
    ("definition", "call", "reason"),
    [
        ("def f(x):\n    return x", "", "the notebook never calls it"),
        (
            "def f(x):\n    raise KeyError(x)",
            "try:\n    f(1)\nexcept KeyError: pass",
            "it raises KeyError: 1",
        ),
        (
            "def f(d):\n    d.to_parquet('x')",
            "try:\n    f(1)\nexcept AttributeError: pass",
            "it writes files",
        ),
        ("def f(x):\n    return object()", "f(1)", "a object, which no fixture can hold"),
        (
            "def f(x):\n    return 1",
            "f(x for x in [])",
            "`x` is a generator, which cannot be copied",
        ),
        ("f = 3", "", "nothing has its name when the notebook ends"),
        (
            "def f(d):\n    assert len(d) > 5000",
            "f(pd.DataFrame({'a': range(9000)}))",
            "on the rows that were kept it raises AssertionError",
        ),
    ],
)
def test_what_is_not_recorded_says_why(
    tmp_path: Path, definition: str, call: str, reason: str
) -> None:
    """In words for the user."""
    notebook = Notebook(tmp_path, "f")
    notebook.run(definition, call)
    records, missed = notebook.records()
    assert records == []
    assert reason in missed["f"]
    assert list(tmp_path.iterdir()) == []


def test_what_we_keep_of_a_call_is_no_effect_of_the_one_around_it(tmp_path: Path) -> None:
    """Whole arguments go to files, while the function that calls runs."""
    notebook = Notebook(tmp_path / "fixtures", "outer", "inner")
    (tmp_path / "whole").mkdir()
    notebook.capture = Capture(notebook.capture.targets, str(tmp_path / "whole"))
    effects.watch()
    notebook.run("def inner(x):\n    return x + 1\ndef outer(x):\n    return inner(x)", "outer(1)")
    records, missed = notebook.records()
    assert not missed
    assert {each["function"] for each in records} == {"outer", "inner"}
    assert len([*(tmp_path / "whole").iterdir()]) == 2


def test_the_definition_that_ran_last_counts(tmp_path: Path) -> None:
    """Calls of an earlier one say nothing about what moved."""
    notebook = Notebook(tmp_path, "f")
    notebook.run("def f(x):\n    return x", "f(1)", "def f(x):\n    return -x", "f(2)")
    (record,) = notebook.records()[0]
    assert record["calls"][0]["outcome"]["result"]["expression"] == "-2"


def test_personal_columns_are_made_up_before_the_result_is_taken(tmp_path: Path) -> None:
    """So the result has nothing personal either, and fits the arguments."""
    notebook = Notebook(tmp_path, "domains")
    notebook.run(
        "def domains(d):\n    return d['email'].str.split('@').str[1]",
        "domains(pd.DataFrame({'email': ['jane@secret.org', 'joe@example.com']}))",
    )
    (record,) = notebook.records()[0]
    assert record["masked"] == ["d['email']"]
    df = notebook.get(given(record)["d"]["value"])
    result = notebook.get(record["calls"][0]["outcome"]["result"])
    assert result.tolist() == [text.split("@")[1] for text in df["email"]]
    assert not any(b"secret" in path.read_bytes() for path in tmp_path.iterdir())


def test_what_is_drawn_on_axes_that_are_passed(tmp_path: Path) -> None:
    """And on figures that the function makes; the notebook's own figures stay as they are."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    notebook = Notebook(tmp_path, "show")
    notebook.space["plt"] = plt
    notebook.run(
        "def show(ax, y):\n"
        "    ax.plot(y)\n"
        "    ax.set_title('y')\n"
        "    plt.figure().gca().bar([1], y[:1])",
        "fig, ax = plt.subplots()\nshow(ax, [1.0, 4.0])",
    )
    (record,) = notebook.records()[0]
    assert given(record)["ax"]["value"] == {"kind": "axes", "expression": "plt.subplots()[1]"}
    (passed,), (made,) = record["calls"][0]["outcome"]["drawn"]
    assert (passed["title"], passed["lines"]) == ("y", [[1.0, 4.0]])
    assert made["bars"] == [1.0]
    assert len(notebook.space["ax"].lines) == 1
    plt.close("all")


OWN = "def over(df):\n    return df[df['a'] > LIMIT]\n"


@pytest.mark.parametrize(
    ("moved", "source", "reason"),
    [
        ("def over(df, LIMIT):\n    return df[df['a'] > LIMIT]\n", OWN, None),
        ("def over(df, LIMIT):\n    return df[df['a'] > LIMIT]\n", "", None),
        (
            "def over(df, LIMIT):\n    return df[df['a'] >= LIMIT]\n",
            OWN,
            "the notebook's own gives something",
        ),
    ],
)
def test_what_moved_is_compared_with_the_notebooks_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: str, source: str, reason: str | None
) -> None:
    """The notebook's own function says what is expected, with its names bound as arguments say."""
    module = types.ModuleType("a_project")
    exec(moved, vars(module))  # noqa: S102  (as an import would)
    monkeypatch.setitem(sys.modules, "a_project", module)
    notebook = Notebook(tmp_path)
    notebook.capture = Capture(Targets({"over": "a_project"}, notebook.space))
    notebook.run(
        "from a_project import over\nLIMIT = 7",
        "result = over(pd.DataFrame({'a': [6, 7, 8]}), LIMIT=LIMIT)\nLIMIT = 0",
    )
    sources = {"over": source} if source else {}
    own = Own(notebook.capture.targets, sources, {"over": ["LIMIT"]})
    said = Recorder(notebook.capture, str(tmp_path), own, Masks()).all()
    if reason is not None:
        assert reason in said["missed"][0]["reason"]
        return
    (record,) = said["recorded"]
    assert list(given(record)) == ["df", "LIMIT"]
    assert not given(record)["LIMIT"]["was_global"]
    assert notebook.get(record["calls"][0]["outcome"]["result"])["a"].tolist() == [8]
    assert record["lines"] == [2]


def recorded_as_moved(
    folder: Path, monkeypatch: pytest.MonkeyPatch, texts: tuple[str, str, str], *arguments: str
) -> dict[str, Any]:
    """Record what a module has in place of what the notebook had: moved, own, and a cell."""
    moved, source, cell = texts
    module = types.ModuleType("a_project")
    exec(moved, vars(module))  # noqa: S102  (as an import would)
    monkeypatch.setitem(sys.modules, "a_project", module)
    name = ast.parse(moved).body[0].name  # type: ignore[attr-defined]
    notebook = Notebook(folder)
    notebook.capture = Capture(Targets({name: "a_project"}, notebook.space))
    notebook.run(f"from a_project import {name}", cell)
    own = Own(notebook.capture.targets, {name: source}, {name: list(arguments)})
    said = Recorder(notebook.capture, str(folder), own, Masks()).all()
    assert said["missed"] == []
    (record,) = said["recorded"]
    return {**record, "get": notebook.get}


def test_a_constructor_may_take_what_the_methods_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notebook's methods then find what the constructor was given, not what is there later."""
    own = (
        "class Fill:\n"
        "    def __init__(self, col):\n"
        "        self.col = col\n"
        "    def transform(self, d):\n"
        "        return d[self.col].fillna(base)\n"
    )
    moved = own.replace("col):\n", "col, base):\n        self.base = base\n").replace(
        "(base)", "(self.base)"
    )
    cell = "base = 7.0\nFill('a', base).transform(pd.DataFrame({'a': [1.0, None]}))\nbase = 0.0"
    record = recorded_as_moved(tmp_path, monkeypatch, (moved, own, cell), "base")
    result = record["get"](record["calls"][1]["outcome"]["result"])
    assert result.tolist() == [1.0, 7.0]


def test_what_a_function_bound_anew_it_may_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the notebook's own function says `global`, and returns nothing."""
    own = "def add(d):\n    global total\n    total = total + d['a'].sum()\n"
    moved = "def add(d, total):\n    total = total + d['a'].sum()\n    return total\n"
    cell = "total = 1\ntotal = add(pd.DataFrame({'a': [1, 2]}), total=total)"
    record = recorded_as_moved(tmp_path, monkeypatch, (moved, own, cell), "total")
    assert record["calls"][0]["outcome"]["result"]["expression"] == "4"


def test_functions_of_one_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the modules that have them."""
    for name in ("early", "late"):
        module = types.ModuleType(name)
        exec(f"def plot(x):\n    return '{name}', x", vars(module))  # noqa: S102  (an import)
        monkeypatch.setitem(sys.modules, name, module)
    notebook = Notebook(tmp_path)
    targets = Targets({"early:plot": "early", "late:plot": "late"}, notebook.space)
    notebook.capture = Capture(targets)
    notebook.run("from early import plot", "plot(1)", "from late import plot", "plot(2)")
    records, missed = notebook.records()
    assert missed == {}
    results = {
        each["function"]: each["calls"][0]["outcome"]["result"]["expression"] for each in records
    }
    assert results == {"early:plot": "('early', 1)", "late:plot": "('late', 2)"}


def test_watching_is_given_up_where_it_costs_too_much(
    tmp_path: Path,
) -> None:
    """And then it is said that a call may have been missed."""
    notebook = Notebook(tmp_path, "late")
    notebook.capture._cost = 1.0  # what a slow machine would measure, seconds an event
    notebook.run(
        "def late(x):\n    return x\ndef tiny():\n    pass",
        "for _ in range(20_000):\n    tiny()\nlate(1)",
    )
    records, missed = notebook.records()
    assert records == []
    assert "some cells call too much" in missed["late"]
    assert sys.getprofile() is None


def test_a_cell_that_calls_nothing_is_not_watched(tmp_path: Path) -> None:
    """Imports make millions of calls, none of which is wanted."""
    notebook = Notebook(tmp_path, "f")
    seen: list[object] = []
    notebook.space["seen"] = seen
    notebook.run("import sys\nf = sys.getprofile\nseen += [f]")
    assert notebook.capture._events == 0


def test_a_cell_that_imports_a_function_and_calls_others_is_not_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The imports beside it may take long; the cells that follow are watched."""
    (tmp_path / "own_plots.py").write_text("def plot(x):\n    return x\n")
    monkeypatch.syspath_prepend(tmp_path)
    notebook = Notebook(tmp_path)
    notebook.capture = Capture(Targets({"plot": "own_plots"}, notebook.space))
    try:
        notebook.run("from own_plots import plot\nlen([])")
        assert notebook.capture._events == 0
        notebook.run("len([])")
        assert notebook.capture._events > 0
    finally:
        sys.modules.pop("own_plots", None)


def test_imports_beside_a_call_are_not_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They make far more calls than what follows; and they warn of the cell that imports."""
    (tmp_path / "long_import.py").write_text(
        "import warnings\ndef tiny():\n    pass\nfor _ in range(20_000):\n    tiny()\n"
        "warnings.warn('old', FutureWarning, stacklevel=2)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    notebook = Notebook(tmp_path, "f")
    notebook.capture._cost = 1.0  # what a slow machine would measure, seconds an event
    try:
        with pytest.warns(FutureWarning, match="old") as warned:
            notebook.run("def f(x):\n    return x", "import long_import\nf(1)")
    finally:
        sys.modules.pop("long_import", None)
    records, missed = notebook.records()
    assert missed == {}
    assert [given(each)["x"]["value"]["expression"] for each in records] == ["1"]
    assert [each.filename for each in warned] == ["<import long_import\nf>"]


@pytest.mark.parametrize("text", ["", "raise ImportError('broken')"])
def test_what_cannot_be_imported_says_so_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """With a traceback in which nothing stands that is not the notebook's."""
    if text:
        (tmp_path / "cannot_be_imported.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    notebook = Notebook(tmp_path, "f")
    with pytest.raises(ImportError) as caught:
        notebook.run("def f(x):\n    return x", "import cannot_be_imported\nf(1)")
    assert not any("call_capture" in str(each.path) for each in caught.traceback)


def test_of_a_function_called_often_few_calls_are_looked_at(tmp_path: Path) -> None:
    """All of the first ones, then ever fewer: it costs little to see it."""
    notebook = Notebook(tmp_path, "f")
    notebook.run("def f(x):\n    return x")
    notebook.run("for number in range(50_000):\n    f(number)")
    assert 500 <= len(notebook.capture.kept["f"].plain) <= 2000
