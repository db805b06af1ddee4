"""Literals that configure become parameters; coincidences and doubtful cases stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.analysis.scopes import analyse_cell
from nbrefine.notebook.document import Cell, Notebook
from nbrefine.notebook.syntax import to_python
from nbrefine.notebook.text_edits import Edit, apply_edits
from nbrefine.recording.facts import CellRecord, PythonFacts, Recording
from nbrefine.refine.flow.dataflow import build_flow
from nbrefine.refine.flow.facts import gather
from nbrefine.refine.parameterize.parameterize import Parameter, Parameterization, parameterize


def found_in(*sources: str, paths: tuple[str, ...] = ()) -> Parameterization:
    """Parameterize cells whose run showed nothing but what their code says."""
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    records = tuple(
        CellRecord(index, bound=analyse_cell(to_python(source)).binds)
        for index, source in enumerate(sources)
    )
    recording = Recording(records, {}, PythonFacts("", "3.11"))
    facts = gather(Notebook(Path("small.ipynb"), cells), recording)
    return parameterize(facts, build_flow(facts), paths)


def values(found: Parameterization) -> dict[str, object]:
    """Names and values."""
    return {each.name: each.value for each in found.parameters}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("SEED = 42", {"SEED": 42}),
        ("test_size = 0.25", {"test_size": 0.25}),
        ("USE_WEIGHTS = True", {"USE_WEIGHTS": True}),
        ("start_date = '2013-01-01'", {"start_date": "2013-01-01"}),
        ("threshold: float = 0.5  # of the probability", {"threshold": 0.5}),
        ("title = 'Delays by hour'", {}),
        ("_hidden = 3", {}),
        ("API_KEY = 'abc-123'", {}),
        ("PASSWORD = 'letmein'", {}),
        ("point = (1, 2)", {}),
        ("ratio = float('nan')", {}),
        ("product = 3", {}),
        ("len = 3", {}),
    ],
)
def test_constants_that_configure(line: str, expected: dict[str, object]) -> None:
    """A scalar that is assigned once and alone on its line is a parameter, with its type."""
    assert values(found_in(line, "print(1)")) == expected


@pytest.mark.parametrize(
    ("callee", "expected"),
    [
        ("HistGradientBoostingClassifier", "boosting_max_iter"),
        ("LogisticRegression", "logistic_max_iter"),
        ("linear_model.LassoCV", "lasso_max_iter"),
        ("MLPRegressor", "mlp_max_iter"),
        ("XGBRFClassifier", "xgbrf_max_iter"),
        ("fit_curve", "fit_curve_max_iter"),
    ],
)
def test_a_callee_is_called_by_what_tells_it_apart(callee: str, expected: str) -> None:
    """Classifiers and regressors are many; the words that experts use are short."""
    found = values(found_in(f"print({callee}(max_iter=40))", "print(Other(max_iter=50))"))
    assert found == {expected: 40, "other_max_iter": 50}


def test_a_short_name_that_is_taken_gives_way_to_the_long_one() -> None:
    """Two kinds of boosting, or a variable of that name."""
    found = found_in(
        "print(GradientBoostingClassifier(max_depth=3))",
        "print(HistGradientBoostingClassifier(max_depth=4))",
    )
    assert values(found) == {"boosting_max_depth": 3, "hist_gradient_boosting_max_depth": 4}


@pytest.mark.parametrize(
    "sources",
    [
        ("nn = 1", "nn = 2"),
        ("nn = 1\nnn += 1",),
        ("nn = 1", "def f():\n    global nn\n    nn = 3", "f()"),
        ("for nn in range(3): pass", "nn = 1"),
        ("if True:\n    nn = 1",),
        ("nn = 1; print(nn)",),
        ("nn = kk = 1",),
        ("nn = 1", "print(globals())"),
    ],
)
def test_what_may_have_another_value_stays(sources: tuple[str, ...]) -> None:
    """A name that anything else binds, or a line that does more, is left as it is."""
    assert values(found_in(*sources)) == {}


def test_a_constant_leaves_its_cell() -> None:
    """The line goes, since the parameters cell sets the name."""
    source = "import math\nSEED = 42  # for all\nprint(math.pi)"
    assert found_in(source).source(0, source) == "import math\nprint(math.pi)"


def test_one_meaning_is_one_parameter() -> None:
    """The same keyword with the same value in several cells becomes one name in all of them."""
    first, second = "a = split(x, random_state=42)", "m = Forest(n_estimators=100, random_state=42)"
    found = found_in(first, second)
    assert values(found) == {"n_estimators": 100, "random_state": 42}
    assert found.source(0, first) == "a = split(x, random_state=random_state)"
    assert found.source(1, second) == (
        "m = Forest(n_estimators=n_estimators, random_state=random_state)"
    )


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            ("a = Forest(max_depth=3)", "b = GradientBoostingClassifier(max_depth=5)"),
            {"forest_max_depth": 3, "boosting_max_depth": 5},
        ),
        (
            ("ridge = Linear(alpha=0.1)", "lasso = Linear(alpha=0.5)"),
            {"ridge_alpha": 0.1, "lasso_alpha": 0.5},
        ),
        (
            ("m['hgb'] = Boosting(max_iter=9)", "h = Boosting(max_iter=9)", "lr = L(max_iter=5)"),
            {"hgb_max_iter": 9, "lr_max_iter": 5},
        ),
        (
            ("model = LogisticRegression(C=1.0)", "model = LogisticRegression(C=2.0)"),
            {"logistic_C": 1.0},
        ),
        (("a = LogisticRegression(C=1.0)",), {"logistic_C": 1.0}),
        (
            ("test_size = len(x)", "a, b = train_test_split(x, test_size=0.2)"),
            {"split_test_size": 0.2},
        ),
    ],
)
def test_two_meanings_of_a_word_are_told_apart(
    sources: tuple[str, ...], expected: dict[str, object]
) -> None:
    """By what is made or by what is called; where that does not tell, a literal stays."""
    assert values(found_in(*sources)) == expected


@pytest.mark.parametrize(
    "sources",
    [
        ("a = f(max_iter=100, n_estimators=100)",),
        ("ridge = Ridge(alpha=0.5)\nlasso = Lasso(alpha=0.5)",),
        ("a = df.rolling(window=3)\nb = smooth(window=3)",),
    ],
)
def test_a_coincidence_is_not_one_meaning(sources: tuple[str, ...]) -> None:
    """Equal numbers under different keywords, or for different things, stay apart."""
    assert len(values(found_in(*sources))) == 2


def test_a_seed_is_one_wherever_it_is_set() -> None:
    """As an argument with or without a name; equal to a constant that is a seed, it is that one."""
    first, second = "np.random.seed(42)", "m = Forest(random_state=42, max_depth=42)"
    assert values(found_in(first, second)) == {"seed": 42, "random_state": 42, "max_depth": 42}
    found = found_in("SEED = 42  # the answer", first, second, "k = KMeans(random_state=0)")
    assert values(found) == {"SEED": 42, "max_depth": 42, "random_state": 0}
    assert found.source(1, first) == "np.random.seed(SEED)"
    assert found.source(2, second) == "m = Forest(random_state=SEED, max_depth=max_depth)"
    assert next(each.comment for each in found.parameters if each.name == "SEED") == "# the answer"


def test_a_function_with_a_short_name_has_no_long_one() -> None:
    """Where two splits differ, the second keeps its number."""
    sources = (
        "print(train_test_split(x, test_size=0.2))",
        "print(train_test_split(x, test_size=0.3))",
    )
    assert values(found_in(*sources)) == {"split_test_size": 0.2}


def test_seeds_that_differ_are_told_apart_by_their_library() -> None:
    """The second of one library is a coincidence of its cell, and stays."""
    found = found_in("np.random.seed(42)", "torch.manual_seed(7)", "np.random.seed(0)")
    assert values(found) == {"numpy_seed": 42, "torch_seed": 7}
    assert values(found_in("np.random.seed(42)", "np.random.seed(42)")) == {"seed": 42}
    rngs = found_in("left = np.random.default_rng(1)", "right = np.random.default_rng(2)")
    assert values(rngs) == {"left_seed": 1, "right_seed": 2}


def test_a_cell_that_loses_its_last_line_says_where_it_went() -> None:
    """A constant that became a parameter leaves a remark rather than an empty cell."""
    found = found_in("SEED = 42", "print(SEED)")
    assert found.source(0, "SEED = 42").startswith("# ")
    assert "parameters" in found.source(0, "SEED = 42")


def test_a_name_of_the_notebook_is_not_taken() -> None:
    """A parameter never shadows a variable."""
    found = found_in("random_state = make()", "a = Forest(random_state=7)")
    assert values(found) == {"forest_random_state": 7}


def test_pictures_are_not_configured() -> None:
    """How transparent a line is drawn stays in the cell, and so do arguments in functions."""
    assert values(found_in("ax.plot(x, alpha=0.3)\ndf.plot(alpha=0.1)")) == {}
    assert values(found_in("ax1.axvspan(0, 1, alpha=0.3)\ntext(bbox=dict(alpha=0.1))")) == {}
    assert values(found_in("def f():\n    return Forest(max_depth=3)")) == {}


def test_a_path_of_an_input_is_a_parameter() -> None:
    """A text that named a file which the run read."""
    source = "df = pd.read_csv('../data/flights.csv')"
    found = found_in(source, paths=("../data/flights.csv",))
    assert values(found) == {"flights_csv": "../data/flights.csv"}
    assert found.source(0, source) == "df = pd.read_csv(flights_csv)"
    assert values(found_in("Image('a.png')", paths=("a.png",))) == {}


def test_a_long_name_of_a_file_gives_way_to_what_it_is_read_as() -> None:
    """An author would not write it out again."""
    path = "data/Reported guinea worm cases - WHO (2021).csv"
    assert values(found_in(f"cases = pd.read_csv('{path}')", paths=(path,))) == {"cases_csv": path}
    long = "reported_guinea_worm_cases_who_2021_csv"
    assert values(found_in(f"print(pd.read_csv('{path}'))", paths=(path,))) == {long: path}


def test_to_shuffle_is_no_choice_of_a_share() -> None:
    """All rows are drawn; half of them would be a choice."""
    assert values(found_in("df = df.sample(frac=1, random_state=3)")) == {"random_state": 3}
    assert values(found_in("df = df.sample(frac=0.5)")) == {"frac": 0.5}


def test_a_word_is_not_said_twice() -> None:
    """Of what is called as its keyword is, the callee tells."""
    sources = ("cv = cross_val_score(m, x, y, cv=5)", "scores = cross_val_score(m, x, y, cv=10)")
    assert values(found_in(*sources)) == {"cross_val_cv": 5, "scores_cv": 10}


def test_edits_apply_from_the_end() -> None:
    """Edits of one line do not shift each other, and texts of many lines are replaced whole."""
    text = "f(1, 2)\ng('''a\nb''')"
    edits = [Edit(1, 2, 1, 3, "one"), Edit(1, 5, 1, 6, "two"), Edit(2, 2, 3, 4, "text")]
    assert apply_edits(text, edits) == "f(one, two)\ng(text)"


def test_characters_outside_of_ascii_do_not_shift_edits() -> None:
    """Places count characters, not bytes."""
    source = "é = '日本'; a = Forest(max_depth=3)"
    assert found_in(source).source(0, source) == "é = '日本'; a = Forest(max_depth=max_depth)"


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("f(alpha)", True),
        ("f(alpha=alpha)", True),
        ("if alpha == 3:", True),
        ("f'{alpha=}'", True),
        ("f'{alpha=:.2f}'", True),
        ("ax.plot(alpha=0.3)", False),
        ("model.alpha", False),
        ("alphabet", False),
    ],
)
def test_a_step_has_a_parameter_that_its_code_reads(text: str, used: bool) -> None:  # noqa: FBT001
    """Keywords and attributes of the same word are no use of it."""
    assert Parameter("alpha", 0.5, ()).is_used(text) is used
