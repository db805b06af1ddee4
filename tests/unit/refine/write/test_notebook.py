"""A step's notebook reads as one that was written by hand, and is the same for the same step."""

from __future__ import annotations

import json
from pathlib import Path

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.recording.formats import Stored
from nbrefine.refine.flow.facts import CellFacts, gather
from nbrefine.refine.flow.recipes import Recipe
from nbrefine.refine.plan.steps import Product, Read, Step
from nbrefine.refine.write.notebook import step_notebook

FRAME = Product("df", "build/load/df.parquet", Stored(("df",), "parquet"))


def notebook_of(*sources: str) -> tuple[tuple[Cell, ...], tuple[CellFacts, ...]]:
    """Cells of a notebook; a text that begins with ``#`` and a blank is markdown."""
    cells = tuple(
        Cell("markdown" if source.startswith("# ") else "code", source, index=index)
        for index, source in enumerate(sources)
    )
    return cells, gather(Notebook(Path("small.ipynb"), cells), None)


def written(step: Step, *sources: str, own: tuple[str, ...] = ()) -> list[str]:
    """Sources of the step's cells."""
    cells, facts = notebook_of(*sources)
    document = json.loads(step_notebook(step, cells, facts, own))
    return ["".join(cell["source"]) for cell in document["cells"]]


def test_a_step_reads_like_a_notebook() -> None:
    """Title, parameters, imports, definitions, reads, the author's cells, writes: in this order."""
    step = Step(
        "train",
        "Train",
        (0,),
        upstream=("load",),
        reads=(Read("load", FRAME, ("df",)),),
        products=(Product("model", "build/train/model.joblib", Stored(("model",), "joblib")),),
        recipes=(
            Recipe(0, 1, 1, "import", "from sklearn.dummy import DummyClassifier"),
            Recipe(1, 1, 2, "function", "def f(x):\n    return x", frozenset({"f"})),
        ),
        params={"seed": 42},
    )
    assert written(step, "model = DummyClassifier(random_state=seed).fit(f(df), df)") == [
        "# Train",
        'upstream = ["load"]\nproduct = None\nseed = 42',
        "import joblib\nimport pandas as pd\nfrom sklearn.dummy import DummyClassifier",
        "def f(x):\n    return x",
        'df = pd.read_parquet(upstream["load"]["df"])',
        "model = DummyClassifier(random_state=seed).fit(f(df), df)",
        'joblib.dump(model, product["model"])',
    ]


def test_the_author_s_cells_keep_their_text_and_origin() -> None:
    """Cells are verbatim, markdown included, and each code cell says where it comes from."""
    cells, facts = notebook_of("# Load the data", "x = 1   # odd  spacing\n", "%matplotlib inline")
    step = Step("load", "Load the data", (0, 1))
    document = json.loads(step_notebook(step, cells, facts))
    own = [cell for cell in document["cells"] if "role" not in cell["metadata"].get("nbrefine", {})]
    assert ["".join(cell["source"]) for cell in own] == [cell.source for cell in cells]
    assert [cell["metadata"].get("nbrefine") for cell in own] == [
        None,
        {"origin": 0},
        {"origin": 1},
    ]


def test_the_author_s_heading_is_the_title() -> None:
    """No title is added where the author has one."""
    assert written(Step("load", "Load", (0,)), "# My data", "x = 1")[1] == "# My data"


def test_attachments_stay_with_their_cell() -> None:
    """An image that markdown shows is where it was."""
    attachments = {"a.png": {"image/png": "iVBORw0KGgo="}}
    cells = (
        Cell("markdown", "# A\n![](attachment:a.png)", attachments=attachments),
        Cell("code", "x = 1", index=1),
    )
    facts = gather(Notebook(Path("small.ipynb"), cells), None)
    document = json.loads(step_notebook(Step("a", "A", (0,)), cells, facts))
    assert [cell.get("attachments") for cell in document["cells"]] == [None, attachments, None]


def test_the_parameters_cell_says_what_the_author_said() -> None:
    """Texts have double quotes, comments stay, and files to watch are for the pipeline to say."""
    step = Step(
        "one",
        "One",
        (0,),
        upstream=("a" * 40, "b" * 40),
        params={"path": "a.csv", "quoted": 'a "b"', "n": 5, "rate": 1e-5},
        comments={"n": "#of rows", "other": "# elsewhere"},
        resources={"a_csv": "a.csv"},
    )
    lines = written(step, "x = 1")[1].split("\n")
    assert lines == [
        "upstream = [",
        f'    "{"a" * 40}",',
        f'    "{"b" * 40}",',
        "]",
        "product = None",
        "resources_ = None",
        "n = 5  # of rows",
        'path = "a.csv"',
        "quoted = 'a \"b\"'",
        "rate = 1e-05",
    ]


def test_imports_stand_in_the_order_of_isort() -> None:
    """The standard library, others, the project's own; parts of one module on one line."""
    statements = (
        *("from helpers import clean", "import pandas as pd", "import json"),
        *("from sklearn.svm import SVC", "from sklearn.svm import LinearSVC"),
    )
    recipes = tuple(
        Recipe(0, line, line, "import", each) for line, each in enumerate(statements, start=1)
    )
    cells = written(Step("one", "One", (0,), recipes=recipes), "x = 1", own=("helpers",))
    assert cells[2] == (
        "import json\n\nimport pandas as pd\nfrom sklearn.svm import SVC, LinearSVC\n\n"
        "from helpers import clean"
    )


def test_imports_of_the_step_s_own_cells_are_not_made_twice() -> None:
    """What the cells import themselves is there when the products are written."""
    step = Step("load", "Load", (0,), products=(FRAME,))
    cells = written(step, "import pandas as pd\ndf = pd.DataFrame()")
    assert not any(cell == "import pandas as pd" for cell in cells)


def test_settings_stand_with_the_imports() -> None:
    """`%matplotlib` comes before the imports, other settings after them."""
    step = Step(
        "plot",
        "Plot",
        (0,),
        recipes=(
            Recipe(0, 1, 1, "setting", "%matplotlib inline"),
            Recipe(0, 2, 2, "import", "import pandas as pd", frozenset({"pd"})),
            Recipe(0, 3, 3, "setting", "pd.options.x = 1", eager=frozenset({"pd"})),
        ),
    )
    cells = written(step, "print(1)")
    assert cells[2] == "%matplotlib inline\nimport pandas as pd\n\npd.options.x = 1"


def test_what_needs_a_value_comes_after_the_read() -> None:
    """A function whose default is a stored value is defined once that is read."""
    step = Step(
        "use",
        "Use",
        (0,),
        upstream=("load",),
        reads=(Read("load", FRAME, ("df",)),),
        recipes=(
            Recipe(
                0,
                1,
                2,
                "function",
                "def f(x=df):\n    return x",
                frozenset({"f"}),
                frozenset({"df"}),
            ),
        ),
    )
    cells = written(step, "f()")
    assert cells.index("def f(x=df):\n    return x") > cells.index(
        'df = pd.read_parquet(upstream["load"]["df"])'
    )


def test_of_a_bundle_only_what_is_wanted_stays() -> None:
    """A name that is stored together with others, but newer elsewhere, is dropped again."""
    bundle = Product("a_and_b", "build/one/a_and_b.pickle", Stored(("a", "b"), "pickle-bundle"))
    step = Step("two", "Two", (0,), upstream=("one",), reads=(Read("one", bundle, ("a",)),))
    read = next(cell for cell in written(step, "print(a)") if "pickle.loads" in cell)
    assert read.startswith("a, b = ")
    assert read.endswith("del b")


def test_a_notebook_with_names_of_ploomber_s_keeps_them() -> None:
    """Ploomber's `upstream` and `product` are taken out of the way of the author's own."""
    step = Step(
        "two",
        "Two",
        (0,),
        upstream=("load",),
        reads=(Read("load", FRAME, ("df",)),),
        hides_ploomber=True,
    )
    cells = written(step, "product = df['a'] * df['b']")
    assert cells[2] == "_upstream = upstream\ndel upstream, product"
    assert 'df = pd.read_parquet(_upstream["load"]["df"])' in cells


def test_the_same_step_is_the_same_bytes() -> None:
    """Nothing in the file depends on chance or time."""
    cells, facts = notebook_of("x = 1")
    step = Step("one", "One", (0,), params={"b": 1, "a": 2})
    assert step_notebook(step, cells, facts) == step_notebook(step, cells, facts)


def test_settings_keep_their_order() -> None:
    """One that goes back and forth ends where it ended; one that needs a name delays the next."""
    use = "plt.style.use({})".format
    back_and_forth = [
        Recipe(number, 1, 1, "setting", use(style)) for number, style in enumerate("aba")
    ]
    step = Step("a", "A", (0,), recipes=tuple(back_and_forth))
    assert use("b") + "\n" + use("a") in written(step, "x = 1")
    assert not any(use("a") + "\n" + use("b") in cell for cell in written(step, "x = 1"))
    named = Recipe(0, 1, 1, "setting", use("style"), eager=frozenset({"style"}))
    plain = Recipe(1, 1, 1, "setting", use("'b'"))
    path = Recipe(2, 1, 1, "setting", "sys.path.append('c')", precedes=True)
    step = Step("a", "A", (0,), recipes=(named, plain, path))
    text = "\n".join(written(step, "x = 1"))
    places = [text.index(each.source) for each in (path, named, plain)]
    assert places == sorted(places)
