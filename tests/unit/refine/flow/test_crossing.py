"""What crosses between steps, on small notebooks whose code alone is looked at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.notebook.syntax import to_python
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording, ValueFacts
from nbrefine.refine.flow.crossing import Crossing, plan_crossing
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.flow.flow import Bond, Flow

INT = ValueFacts("builtins.int", "digest", 28)


def flow_of(*sources: str, records: dict[int, CellRecord] | None = None) -> Flow:
    """The flow of a notebook whose run bound all that its code binds."""
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    known = []
    for index, source in enumerate(sources):
        given = (records or {}).get(index, CellRecord(index))
        bound = analyse_cell(to_python(source)).binds - given.removed
        known.append(replace(given, bound=bound | given.bound))
    recording = Recording(tuple(known), {}, PythonFacts("", "3.11"))
    return build_flow(gather(Notebook(Path("small.ipynb"), cells), recording))


def each_alone(flow: Flow) -> Crossing:
    """Every cell as a step of its own."""
    return plan_crossing(flow, [(cell.origin,) for cell in flow.cells])


def test_a_name_comes_from_the_newest_step_that_writes_it() -> None:
    """Of two steps that bind a name the later one gives it."""
    crossing = each_alone(flow_of("a = make(1)", "a = make(2)", "b = make(3)", "print(a)"))
    assert crossing.steps[3].inputs == {"a": 1}
    assert crossing.steps[0].outputs == frozenset()


def test_independent_sections_are_branches() -> None:
    """Two steps that read the same name do not read from each other."""
    crossing = each_alone(flow_of("a = make(1)", "b = a + 1", "c = a + 2", "print(b, c)"))
    assert crossing.steps[1].inputs == {"a": 0}
    assert crossing.steps[2].inputs == {"a": 0}
    assert crossing.steps[3].inputs == {"b": 1, "c": 2}


def test_an_observed_change_is_a_write() -> None:
    """A method that changed its object makes the later step read from the step that called it."""
    changed = {1: CellRecord(1, changed=frozenset({"model"}))}
    crossing = each_alone(
        flow_of("model = make()", "model.fit(1)", "print(model)", records=changed)
    )
    assert crossing.steps[2].inputs == {"model": 1}


def test_a_change_through_an_alias_reaches_both_names() -> None:
    """`b = a` shares the list; a step that appends to `b` gives `a` too."""
    shared = (frozenset({"a", "b"}),)
    records = {
        1: CellRecord(1, bound=frozenset({"b"}), aliases=shared),
        2: CellRecord(2, changed=frozenset({"a", "b"}), aliases=shared),
    }
    crossing = each_alone(flow_of("a = [1]", "b = a", "b.append(2)", "print(a)", records=records))
    assert crossing.steps[3].inputs == {"a": 2}
    assert crossing.steps[2].inputs == {"a": 1, "b": 1}


def test_what_a_function_reads_crosses_to_its_caller() -> None:
    """A global that only a function's body names is needed where the function is called."""
    crossing = each_alone(
        flow_of("rate = make(2)", "def f(x):\n    return x * rate", "print(f(1))")
    )
    step = crossing.steps[2]
    assert step.inputs == {"rate": 0}
    assert [recipe.source for recipe in step.recipes] == ["def f(x):\n    return x * rate"]


def test_functions_that_call_functions_bring_what_those_read() -> None:
    """Definitions are repeated with the definitions that they call, and their globals cross."""
    sources = (
        "rate = make(2)",
        "def f(x):\n    return x * rate",
        "def g(x):\n    return f(x)",
        "g(1)",
    )
    step = each_alone(flow_of(*sources)).steps[3]
    assert step.inputs == {"rate": 0}
    assert [recipe.binds for recipe in step.recipes] == [frozenset({"f"}), frozenset({"g"})]


def test_a_default_that_has_changed_since_joins_the_steps() -> None:
    """A default is read when the function is defined: later its name may mean another value."""
    flow = flow_of("n = make(1)", "def f(x=n):\n    return x", "n = make(2)", "print(f())")
    assert any(bond.first == 1 and bond.last == 3 for bond in each_alone(flow).bonds)


@pytest.mark.parametrize("after", ["n = make(2)", "n.append(2)"])
def test_a_default_that_changes_in_its_own_cell_joins_the_steps(after: str) -> None:
    """What the cell leaves is not what the definition has read."""
    changed = {1: CellRecord(1, changed=frozenset({"n"}))}
    flow = flow_of("n = [1]", f"def f(x=n):\n    return x\n{after}", "f()", records=changed)
    assert any(bond.first == 1 and bond.last == 2 for bond in each_alone(flow).bonds)


def test_a_default_that_is_set_just_before_is_read_again() -> None:
    """A constant and the function that takes it as default may stand in one cell."""
    crossing = each_alone(flow_of("n = make(1)\ndef f(x=n):\n    return x", "print(f())"))
    assert crossing.bonds == ()
    assert crossing.steps[1].inputs == {"n": 0}


def test_a_default_that_has_not_changed_is_read_again() -> None:
    """With its value at hand the definition can be repeated."""
    flow = flow_of("n = make(1)", "def f(x=n):\n    return x", "print(f())")
    crossing = each_alone(flow)
    assert crossing.bonds == ()
    assert crossing.steps[2].inputs == {"n": 0}


def test_a_pass_through_keeps_what_an_untaken_branch_leaves() -> None:
    """A step that may bind a name takes its old value too, to give one of the two."""
    crossing = each_alone(flow_of("a = make(1)\nb = make(0)", "if b:\n    a = 2", "print(a)"))
    assert crossing.steps[1].inputs == {"a": 0, "b": 0}
    assert crossing.steps[2].inputs == {"a": 1}


def test_constants_are_repeated_rather_than_stored() -> None:
    """Numbers and texts that are given names are set again; what is computed crosses."""
    step = each_alone(flow_of("w, h, t = 7, 2.8, 'x'\nn = len(t)", "print(w, t, n)")).steps[1]
    assert step.inputs == {"n": 0}
    assert [recipe.source for recipe in step.recipes] == ["t = 'x'", "w = 7"]


def test_imports_are_repeated_where_they_are_used() -> None:
    """A step imports what it uses, and nothing that is used elsewhere alone."""
    flow = flow_of("import json\nimport math", "print(json.dumps(1))", "print(math.pi)")
    steps = each_alone(flow).steps
    assert [recipe.source for recipe in steps[1].recipes] == ["import json"]
    assert [recipe.source for recipe in steps[2].recipes] == ["import math"]


def test_an_unused_import_without_effect_is_not_repeated() -> None:
    """Importing these does nothing that a step would notice; other modules may do anything."""
    flow = flow_of("import os, sys\nimport numpy as np\nfrom scipy import stats", "x = 1", "x")
    assert plan_crossing(flow, [[0], [1, 2]]).steps[1].recipes == ()


def test_an_unused_import_is_kept_for_its_effect() -> None:
    """An import of which no name is used may be there for what it does."""
    flow = flow_of("from enabling import switch", "a = make(1)", "print(a)")
    for step in each_alone(flow).steps[1:]:
        assert [recipe.source for recipe in step.recipes] == ["from enabling import switch"]


def test_an_unused_import_of_what_draws_is_kept_where_something_is_drawn() -> None:
    """A step of tables alone would not notice it."""
    flow = flow_of(
        "import matplotlib.pyplot as plt\nimport seaborn as sns", "a = make(1)", "sns.show(a)"
    )
    sources = [[each.source for each in step.recipes] for step in each_alone(flow).steps]
    assert sources[1] == []
    assert sources[2] == ["import matplotlib.pyplot as plt", "import seaborn as sns"]


def test_all_imports_of_a_package_s_parts_are_repeated() -> None:
    """`import a.b` and `import a.c` bind one name, and both are needed."""
    flow = flow_of("import os.path\nimport os", "print(os.sep)")
    sources = {recipe.source for recipe in each_alone(flow).steps[1].recipes}
    assert sources == {"import os.path", "import os"}


def test_a_deleted_name_does_not_cross() -> None:
    """After `del` an earlier value is of no account."""
    removed = {1: CellRecord(1, removed=frozenset({"a"}))}
    crossing = each_alone(
        flow_of("a = make(1)", "del a", "a = make(2)", "print(a)", records=removed)
    )
    assert crossing.steps[3].inputs == {"a": 2}


@pytest.mark.parametrize(
    ("sources", "bond"),
    [
        (("1 + 1", "print(_)"), (0, 1)),
        (("a = make(1)", "b = make(2)", "print(globals())"), (0, 2)),
        (
            ("from functools import lru_cache", "@lru_cache\ndef f(x):\n    return x", "f(1)"),
            (1, 2),
        ),
        (("def f():\n    f.n += 1", "f.n = 0", "f()"), (0, 2)),
        (("def f(x, seen=[]):\n    seen.append(x)\n    return seen", "f(1)", "f(2)"), (0, 2)),
    ],
)
def test_state_that_cannot_cross_binds_cells_together(
    sources: tuple[str, ...], bond: tuple[int, int]
) -> None:
    """History, namespaces and definitions with state of their own forbid cuts, with a reason."""
    found = {(each.first, each.last): each for each in flow_of(*sources).bonds}
    assert bond in found
    assert found[bond].reason


def test_a_file_orders_the_steps_that_write_and_read_it() -> None:
    """A step that reads what an earlier one wrote waits for it, without any variable."""
    records = {
        0: CellRecord(0, files_written=("/here/a.csv",)),
        1: CellRecord(1, files_read=("/here/a.csv",)),
    }
    crossing = each_alone(flow_of("save()", "load()", records=records))
    assert crossing.steps[1].inputs == {"<file:/here/a.csv>": 0}


def test_a_file_that_is_written_later_orders_the_steps_that_read_it_before() -> None:
    """They would find what the later one wrote; readers of what nobody writes wait for nobody."""
    records = {
        0: CellRecord(0, files_read=("/here/a.csv", "/here/b.csv")),
        1: CellRecord(1, files_read=("/here/a.csv", "/here/b.csv")),
        2: CellRecord(2, files_written=("/here/a.csv",)),
        3: CellRecord(3, files_read=("/here/b.csv",)),
    }
    crossing = each_alone(flow_of("load()", "load()", "save()", "load()", records=records))
    assert [step.inputs for step in crossing.steps] == [
        {},
        {"<file:/here/a.csv>": 0},
        {"<file:/here/a.csv>": 1},
        {},
    ]


def test_a_stream_that_was_seeded_goes_on_in_the_next_step() -> None:
    """The state of a seeded stream crosses from draw to draw; of an unseeded one it does not."""
    records = {
        0: CellRecord(0, random={"numpy": "seed"}),
        1: CellRecord(1, random={"numpy": "draw"}),
        2: CellRecord(2, random={"numpy": "draw"}),
    }
    crossing = each_alone(flow_of("seed()", "draw()", "draw()", records=records))
    assert crossing.steps[2].inputs == {"<random:numpy>": 1}
    unseeded = {1: records[1], 2: records[2]}
    crossing = each_alone(flow_of("other()", "draw()", "draw()", records=unseeded))
    assert crossing.steps[2].inputs == {}


def test_live_names_are_those_that_a_cut_would_have_to_store() -> None:
    """Imports and functions are repeated, so that they cost a cut nothing."""
    flow = flow_of(
        "import math\na = make(1)\nb = make(2)", "def f(x):\n    return x", "print(f(a), math.pi)"
    )
    assert flow.live(2) == {"a"}


def test_bonds_are_ordered_and_equal_by_content() -> None:
    """Bonds can be collected in a set and sorted, whatever found them."""
    assert sorted({Bond(2, 3, "b"), Bond(0, 1, "a"), Bond(2, 3, "b")}) == [
        Bond(0, 1, "a"),
        Bond(2, 3, "b"),
    ]


def test_built_in_names_never_cross() -> None:
    """By the code alone a method may change what it is given, but never `int` itself."""
    sources = (
        "df = make()\ndef f(x): return int(x)",
        "df = df.astype(int)",
        "print(f(df), int(3))",
    )
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    crossing = each_alone(build_flow(gather(Notebook(Path("small.ipynb"), cells), None)))
    assert crossing.steps[2].inputs == {"df": 1}


def test_a_built_in_name_that_the_notebook_binds_crosses() -> None:
    """It is a variable like any other then."""
    sources = ("list = make()", "list.append(1)", "print(list)")
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    crossing = each_alone(build_flow(gather(Notebook(Path("small.ipynb"), cells), None)))
    assert crossing.steps[2].inputs == {"list": 1}


def test_a_setting_keeps_the_constant_that_it_was_made_with() -> None:
    """Where a name has another value by the time the setting is repeated, its own is written."""
    setup = "import matplotlib.pyplot as plt\nsize = (3, 2)\nplt.rcParams['figure.figsize'] = size"
    crossing = each_alone(flow_of(setup, "size = (6, 1)", "plt.plot(size)", "plt.plot(1)"))
    said = [[each.source for each in step.recipes] for step in crossing.steps]
    repeated = "plt.rcParams['figure.figsize'] = (3, 2)"
    assert said[2] == ["import matplotlib.pyplot as plt", repeated, "size = (6, 1)"]
    assert repeated in said[3]
    assert not crossing.bonds


def test_a_setting_of_a_value_that_has_changed_stays_with_what_follows() -> None:
    """A value that was computed cannot be written out."""
    setup = "import matplotlib.pyplot as plt\nsize = make()\nplt.rcParams['figure.figsize'] = size"
    crossing = each_alone(flow_of(setup, "size = (6, 1)", "plt.plot(size)"))
    assert [(bond.first, bond.last) for bond in crossing.bonds] == [(0, 2)]


@pytest.mark.parametrize(
    ("first", "bound"),
    [
        ("import seaborn as sns; sns.set_theme()", False),
        ("sns = find(); sns.set_theme(); import seaborn as sns", True),
    ],
)
def test_a_setting_may_share_a_line_with_the_import_that_it_needs(
    first: str, *, bound: bool
) -> None:
    """What stands before it on the line has bound what it reads; what stands behind has not."""
    crossing = each_alone(flow_of(f"{first}\nimport numpy", "sns.lineplot(y=numpy.arange(3))"))
    assert bool(crossing.bonds) is bound


@pytest.mark.parametrize(
    ("again", "bound"),
    [
        ("import matplotlib.pyplot as plt", False),
        ("plt = 3\nimport matplotlib.pyplot as plt", False),
        ("import matplotlib.pylab as plt", True),
    ],
)
def test_a_setting_does_not_mind_that_its_module_is_imported_again(
    again: str, *, bound: bool
) -> None:
    """The same import gives the same module, whatever the name stood for meanwhile."""
    crossing = each_alone(
        flow_of("import matplotlib.pyplot as plt\nplt.rc('font', size=14)", again, "plt.plot(x)")
    )
    assert bool(crossing.bonds) is bound
    assert any(recipe.kind == "setting" for recipe in crossing.steps[2].recipes)


def test_what_there_is_one_of_is_asked_for_again_and_told_again() -> None:
    """A logger and its level, IPython and what it was told; nothing of it crosses."""
    setup = "import logging\nlogger = logging.getLogger(__name__)\nlogger.setLevel('INFO')"
    touched = {1: CellRecord(1, changed=frozenset({"logger"}))}
    crossing = each_alone(flow_of(setup, "logger.info('a')", "logger.error('b')", records=touched))
    for step in crossing.steps[1:]:
        assert not step.inputs
        assert [each.source for each in step.recipes] == setup.split("\n")
    telling = "ip = get_ipython()\nip.events.register('post_run_cell', show)"
    crossing = each_alone(flow_of("def show(*_):\n    pass", telling, "ip.user_ns"))
    assert [each.kind for each in crossing.steps[2].recipes] == ["function", "handle", "setting"]
    assert not crossing.bonds


def test_the_future_is_that_of_all_later_cells() -> None:
    """Annotations stay texts, whether a step imports anything else or not."""
    future = "from __future__ import annotations"
    crossing = each_alone(flow_of(f"{future}\nimport json", "x = 1", "def f(a: B) -> C: ..."))
    assert [[each.source for each in step.recipes] for step in crossing.steps[1:]] == [[future]] * 2


def test_who_asks_a_database_waits_for_who_fills_it() -> None:
    """Also where a function asks, and no cell names the connection."""
    opened = {"files_read": ("/n/shop.sqlite",)}
    records = {
        0: CellRecord(0, bound=frozenset({"sqlite3", "conn"}), **opened),
        2: CellRecord(2, files_written=("/n/shop.sqlite",)),
    }
    sources = [
        "import sqlite3\nconn = sqlite3.connect('shop.sqlite')",
        "def ask(q):\n    return read(q, conn)",
        "conn.execute('INSERT INTO t VALUES (1)')\nconn.commit()",
        "ask('SELECT * FROM t')",
    ]
    last = each_alone(flow_of(*sources, records=records)).steps[3]
    assert list(last.inputs.values()) == [2]


def test_what_a_cell_loads_by_the_way_is_imported_where_it_is_used() -> None:
    """A call that draws loads `matplotlib.pyplot`; `numpy.random` is there with its package."""
    records = {
        0: CellRecord(0, bound=frozenset({"mpl", "np"}), imports=("matplotlib", "numpy")),
        1: CellRecord(1, imports=("matplotlib.dates", "matplotlib.pyplot")),
    }
    imports = "import matplotlib as mpl, numpy as np"
    flow = flow_of(imports, "draw()", "mpl.pyplot.plot(np.random.rand(3))", records=records)
    sources = [each.source for each in each_alone(flow).steps[2].recipes]
    assert sources == ["import matplotlib as mpl", "import matplotlib.pyplot", "import numpy as np"]


@pytest.mark.parametrize("database", ["'shop.sqlite'", "f'{1}.db'"])
def test_a_database_is_connected_to_again(database: str) -> None:
    """A file holds what was done; who closes the connection, or asks by it, has one of its own."""
    setup = f"import sqlite3\nconn = sqlite3.connect({database})"
    touched = {1: CellRecord(1, changed=frozenset({"conn"}))}
    flow = flow_of(setup, "read('SELECT 1', conn)", "conn.close()", records=touched)
    crossing = each_alone(flow)
    assert not crossing.bonds
    for step in crossing.steps[1:]:
        assert not step.inputs
        assert [each.source for each in step.recipes] == setup.split("\n")


@pytest.mark.parametrize(
    "connect",
    [
        "sqlite3.connect(':memory:')",
        "sqlite3.connect('')",
        "sqlite3.connect('a.db', isolation_level=None)",
        "create_engine('postgresql://host/shop')",
        "connect('a.db')",
    ],
)
def test_a_connection_is_kept_where_no_other_is_the_same(connect: str) -> None:
    """A database in memory is gone with its process; what is told a connection may matter."""
    setup = f"import sqlite3\nfrom sqlalchemy import create_engine\nconn = {connect}"
    recipes = each_alone(flow_of(setup, "read('SELECT 1', conn)")).steps[1].recipes
    assert "handle" not in {each.kind for each in recipes}
