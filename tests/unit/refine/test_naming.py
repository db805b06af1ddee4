"""Steps are named as a data scientist would name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.refine.facts import CellFacts, gather
from nbrefine.refine.naming import name_steps
from nbrefine.refine.verbs import purpose


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
        ("plt.plot(y)\nplt.show()", "plot"),
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
