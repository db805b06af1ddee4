"""Steps are named as a data scientist would name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.flow.facts import CellFacts, gather
from nbrefine.refine.naming.naming import name_steps
from nbrefine.refine.segment.verbs import purpose


def facts_of(*sources: str) -> tuple[CellFacts, ...]:
    """Facts of cells from their code alone."""
    cells = tuple(Cell("code", source, index=index) for index, source in enumerate(sources))
    return gather(Notebook(Path("small.ipynb"), cells), None)


@pytest.mark.parametrize(
    ("source", "verb"),
    [
        ("df = pd.read_csv('a.csv')", "load"),
        ("df = df.dropna()", "clean"),
        ("df.dropna()", "explore"),
        ("df.fillna(0, inplace=True)", "clean"),
        ("df.isnull().sum()", "explore"),
        ("df['x'].nunique()", "explore"),
        ("df['ratio'] = df['a'] / df['b']", "features"),
        ("X = pd.get_dummies(df)", "features"),
        ("X_train, X_test, y_train, y_test = train_test_split(X, y)", "split"),
        ("X = df[cols]\ny = df.t\na, b, c, d = train_test_split(X, y)", "split"),
        ("model = RandomForestClassifier()\nmodel.fit(X, y)", "train"),
        ("model.fit(X, y)\nprint(accuracy_score(y, model.predict(X)))\nplt.plot(y)", "train"),
        ("print(accuracy_score(y, p))\nplt.plot(y)", "evaluate"),
        ("both = pd.concat([a, b])\nprint(st.mannwhitneyu(a, b).pvalue)", "test"),
        ("stat, p = ttest_ind(a, b)", "test"),
        ("plt.plot(y)\nplt.show()", "plot"),
        ("plt.plot(y)\nplt.savefig('y.png')", "plot"),
        ("sns.heatmap(df.corr())", "plot"),
        ("df.to_csv('out.csv')", "save"),
        ("import pandas as pd", "setup"),
        ("def f(x):\n    return x", "define"),
    ],
)
def test_a_cell_is_for_what_it_calls(source: str, verb: str) -> None:
    """A fit outranks a score, a score a plot; a look is no cleaning."""
    assert purpose(facts_of(source)[0]).verb == verb


@pytest.mark.parametrize(
    ("source", "shows"),
    [("df", True), ("df.head()", True), ("df.describe()\ndf.info()", True), ("x = df", False)],
)
def test_a_cell_that_only_shows_is_known(source: str, shows: bool) -> None:  # noqa: FBT001  (a case)
    """Looking at something is told from making something."""
    assert purpose(facts_of(source)[0]).shows is shows


def test_the_word_for_a_frame_is_left_out() -> None:
    """A step is about new rows, whatever says that they are in a frame."""
    cells = ("df = pd.read_csv('a.csv')", "df_new = df.dropna()", "x = pd.concat([df, df])")
    cells = (*cells, "old_df = df.drop_duplicates()")
    names = name_steps(facts_of(*cells), [[0], [1], [2], [3]], {})
    assert names == ("load", "clean_new", "features", "clean_old")


def test_steps_that_test_hypotheses_say_so() -> None:
    """One is called by what it does, several by what they do it with."""
    cells = ("df = pd.read_csv('a.csv')", "p_age = ttest_ind(a, b)", "p_pay = ttest_ind(c, d)")
    assert name_steps(facts_of(*cells), [[0], [1, 2]], {}) == ("load", "test_hypotheses")
    assert name_steps(facts_of(*cells), [[0], [1], [2]], {}) == ("load", "test_p_age", "test_p_pay")


def test_a_step_that_loads_is_not_called_imports() -> None:
    """Whatever the heading before its first cell; one that only sets things up is."""
    cells = ("import pandas as pd", "df = pd.read_csv('a.csv')", "print(df)", "print(1)")
    facts = facts_of(*cells)
    assert name_steps(facts, [(0, 1), (2, 3)], {0: "imports", 1: "look"}) == ("load", "look")
    assert name_steps(facts, [(0, 1), (2, 3)], {0: "function"})[0] == "load"
    looks = facts_of(*cells, *["print(df)"] * 20)
    assert name_steps(looks, [tuple(range(24))], {0: "imports"}) == ("explore",)
    core = {0: "core_data_science_libraries"}
    assert name_steps(facts, [(0, 1), (2, 3)], core)[0] == "load"
    assert name_steps(facts, [(0,), (1, 2, 3)], {0: "imports"})[0] == "imports"


def test_a_model_that_is_fitted_and_scored_is_trained() -> None:
    """However many cells score it, as long as these are few for each fit."""
    fit, score = "model = LogisticRegression().fit(X, y)", "print(accuracy_score(y, p))"
    cells = ("df = pd.read_csv('a.csv')", fit, *[score] * 4)
    assert name_steps(facts_of(*cells), [[0], [1, 2, 3, 4, 5]], {}) == ("load", "train")
    cells = (*cells, *[score] * 4)
    assert name_steps(facts_of(*cells), [[0], [*range(1, 10)]], {}) == ("load", "evaluate")


def test_what_is_fitted_to_prepare_trains_nothing() -> None:
    """An imputer and an encoder make features; a model that is fitted beside them is trained."""
    load, look = "df = pd.read_csv('a.csv')", "print(df)"
    encode = "le = LabelEncoder().fit(df.k)\nX = le.transform(df.k)"
    fill = "imputer = SimpleImputer(strategy='mean')\nimputer.fit(X[:, 1:3])"
    train = "le.fit(y)\nclf.fit(X, y)"
    cuts = [(0, 1), (2, 3), (4,)]
    names = name_steps(facts_of(load, look, encode, fill, train), cuts, {})
    assert names == ("load", "features", "train")


def test_what_fetches_loads() -> None:
    """A download is the data, whatever is called."""
    source = "import requests\nr = requests.get('https://example.org/a')\nprint(r)"
    assert purpose(facts_of(source)[0]).verb == "load"


def test_a_verb_that_comes_up_again_takes_its_object() -> None:
    """Two steps that explore are told apart by the columns that they look at, not by numbers."""
    facts = facts_of(
        "df['age'].describe()", "df['age'].value_counts()", "df['fare'].mean()", "df['fare'].max()"
    )
    assert name_steps(facts, [(0, 1), (2, 3)], {}) == ("explore_age", "explore_fare")


def test_two_models_are_told_apart_by_their_classes() -> None:
    """Training is named by what is trained."""
    facts = facts_of("a = RandomForest()\na.fit(X, y)", "b = LogisticRegression()\nb.fit(X, y)")
    names = name_steps(facts, [(0,), (1,)], {})
    assert names == ("train_random_forest", "train_logistic_regression")


def test_the_author_s_names_win() -> None:
    """A name that a heading gives is kept, and nothing else takes it."""
    facts = facts_of("df = pd.read_csv('a.csv')", "model.fit(X, y)", "plt.plot(y)")
    assert name_steps(facts, [(0,), (1,), (2,)], {1: "load"})[1] == "load"
    assert len(set(name_steps(facts, [(0,), (1,), (2,)], {1: "load"}))) == 3


def test_a_loading_step_may_look_at_what_it_loaded() -> None:
    """A few looks do not outweigh the load."""
    facts = facts_of("df = pd.read_csv('a.csv')", "df.head()", "df.info()", "df.describe()")
    assert name_steps(facts, [(0, 1, 2, 3)], {}) == ("load",)


def test_what_is_loaded_first_needs_no_object() -> None:
    """The first load is the data; a later one says what it loads, by its variable or its file."""
    facts = facts_of(
        "df = pd.read_csv('cars.csv')",
        "weather = pd.read_csv('data/w.csv')",
        "data = pd.read_csv('data/holidays.csv')",
    )
    names = name_steps(facts, [(0,), (1,), (2,)], {})
    assert names == ("load", "load_weather", "load_holidays")


def test_data_read_by_the_way_do_not_make_a_step_load() -> None:
    """A step that mostly cleans is called so, though it reads one more file."""
    facts = facts_of(
        "df = pd.read_csv('a.csv')",
        *("df = df.dropna()", "b = pd.read_csv('b.csv')", "df = df.drop_duplicates()"),
        "df = df.fillna(0)",
    )
    assert name_steps(facts, [(0,), (1, 2, 3, 4)], {}) == ("load", "clean")


def test_a_model_is_told_from_what_prepares_its_data() -> None:
    """A scaler and a grid are made on the way; what kind of model it is goes without saying."""
    facts = facts_of(
        "X = StandardScaler().fit_transform(X)\nm = RandomForestClassifier().fit(X, y)",
        "g = GridSearchCV(SVC(), grid)\ng.fit(X, y)",
        "h = XGBRegressor()\nh.fit(X, y)",
    )
    names = name_steps(facts, [(0,), (1,), (2,)], {})
    assert names == ("train_random_forest", "train_svc", "train_xgb")


def test_loops_and_imports_are_no_objects() -> None:
    """A step is not about the variable that its loop runs over, nor about its tools."""
    facts = facts_of(
        "import zlib\nfor zoo in a:\n    age = zoo\n    print(age)",
        "import zmq\nfor zebra in a:\n    fare = zebra\n    print(fare)",
    )
    assert name_steps(facts, [(0,), (1,)], {}) == ("explore_age", "explore_fare")


def test_a_cell_that_imports_and_prints_is_too_little() -> None:
    """Import lines do not make a cell a step, however many there are."""
    imports = "\n".join(f"import module_{number}" for number in range(6))
    assert purpose(facts_of(f"{imports}\nprint(module_1.version)")[0]).trivial
    assert not purpose(facts_of(f"{imports}\ndf = pd.read_csv('a.csv')")[0]).trivial


def test_a_cell_that_lists_a_folder_is_too_little() -> None:
    """As the first cell of many notebooks does; a path that is put together joins no tables."""
    walk = "import os\nfor folder, _, files in os.walk('/kaggle/input'):\n    for file in files:\n"
    walk += "        print(os.path.join(folder, file))\n"
    found = purpose(facts_of(walk)[0])
    assert (found.verb, found.trivial) == ("setup", True)
    assert purpose(facts_of("name = os.path.join(folder, ', '.join(parts))")[0]).verb == "explore"


def test_a_tidy_summary_is_a_look() -> None:
    """A table of groups changes no data, whatever is done to its index."""
    assert purpose(facts_of("t = df.groupby('a').mean().reset_index()")[0]).verb == "explore"
    assert purpose(facts_of("df = df.reset_index()")[0]).verb == "clean"


def test_an_object_is_what_the_cells_of_a_step_share() -> None:
    """What several cells work on names a step, before a column of one and what says little."""
    facts = facts_of(
        "tokens = split(df['text'])\ntmp2 = df['z']",
        "tokens.describe()",
        "speed = df['v'].mean()",
        "speed.describe()",
    )
    assert name_steps(facts, [(0, 1), (2, 3)], {}) == ("explore_tokens", "explore_speed")
