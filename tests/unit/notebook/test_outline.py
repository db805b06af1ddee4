"""Headings, tags and the names that are made of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.notebook.document import Cell, Notebook
from nbrefine.notebook.outline import outline
from nbrefine.notebook.step_names import step_name, step_names


def headings(source: str, kind: str = "markdown") -> list[tuple[int, str]]:
    notebook = Notebook(Path("a.ipynb"), (Cell(kind, source),))
    return [(each.level, each.title) for each in outline(notebook).headings]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Load", [(1, "Load")]),
        ("text\n\n### Load ###\nmore", [(3, "Load")]),
        ("##Load", [(2, "Load")]),
        ("Load\n====", [(1, "Load")]),
        ("Load the data\n---", [(2, "Load the data")]),
        ("<h2 id='x'>Load <b>all</b></h2>", [(2, "Load all")]),
        ("<H3>\n  Load\n</H3>", [(3, "Load")]),
        ("# A\n## B\n# C", [(1, "A"), (2, "B"), (1, "C")]),
        ("## [Load](x.html) `df` **now** <a id='a'></a>", [(2, "Load df now")]),
        ("## Étude des données:", [(2, "Étude des données")]),
        ("## snake_case &amp; more", [(2, "snake_case & more")]),
        ("**Load the data**", [(6, "Load the data")]),
        ("```\n# not a heading\n```\n# A", [(1, "A")]),
        ("<!-- # no -->\ntext", []),
        ("a | b\n--- | ---\n1 | 2", []),
        ("- item\n---", []),
        ("\n---\n", []),
        ("####### seven", []),
        ("#", []),
        ("some **bold** text", []),
    ],
)
def test_headings_in_markdown(source: str, expected: list[tuple[int, str]]) -> None:
    """Headings are found in each form that Jupyter shows as one, and nowhere else."""
    assert headings(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Load data\nx = 1", [(6, "Load data")]),
        ("# 1. Load data\nx = 1", [(6, "1. Load data")]),
        ("# --- dates ---\nx = 1", [(5, "dates")]),
        ("#### Train\nx = 1", [(5, "Train")]),
        ("##########\n# Train it\n##########\nx = 1", [(5, "Train it")]),
        ("# ===== Plots =====", [(5, "Plots")]),
        ("# the package itself does not import here\nx = 1", []),
        ("# Load data.\nx = 1", []),
        ("# A long explanation of why this cell is as it is\nx = 1", []),
        ("# First line of two\n# that explain\nx = 1", []),
        ("# df = Load(x)\nx = 1", []),
        ("# %matplotlib inline", []),
        ("# TODO Load data", []),
        ("x = 1\n# Load data", []),
        ("", []),
    ],
)
def test_comments_that_are_headings(source: str, expected: list[tuple[int, str]]) -> None:
    """A comment counts as a heading where it opens a code cell and reads like a title."""
    assert headings(source, "code") == expected


def test_cells_and_tags() -> None:
    """Headings and tags are told with the cells that hold them."""
    cells = (
        Cell("markdown", "# A", index=0),
        Cell("code", "# Load data\nx = 1", tags=("hide", "step:Load it!"), index=1),
        Cell("code", "x", tags=("step:",), index=2),
    )
    found = outline(Notebook(Path("a.ipynb"), cells))
    assert [(each.cell, each.is_comment) for each in found.headings] == [(0, False), (1, True)]
    assert found.tagged == ((1, "load_it"),)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Load the data", "load_the_data"),
        ("The data", "data"),
        ("Étude des données", "etude_des_donnees"),
        ("Größe & Maß", "grosse_mass"),
        ("Загрузка данных", "zagruzka_dannykh"),
        ("Ανάλυση", "analysi"),
        ("数据清洗", "data_clean"),
        ("モデルの評価", "model_no_evaluate"),
        ("훈련", "hunryeon"),
        ("🚀 Train!", "train"),
        ("1.2 Load", "load"),
        ("3) Clean", "clean"),
        ("Step 4: Train", "train"),
        ("Solución Ejercicio 2 — Preparar y escalar", "preparar_y_escalar"),
        ("Solution of exercise 5: Silhouettes", "silhouettes"),
        ("Method 2: Fill with a Specific Value", "fill_specific_value"),
        ("Model 2", "model_2"),
        ("Model question 3 results", "model_question_3_results"),
        ("Part II - EDA", "eda"),
        ("Schritt 2 Modell", "modell"),
        ("A. Setup", "setup"),
        ("Step 3", "step_3"),
        ("2013 flights", "flights_2013"),
        ("3D plots", "plots_3d"),
        ("I think so", "i_think_so"),
        ("Vitamin C", "vitamin_c"),
        ("What's the carrier's delay", "what_the_carrier_delay"),
        ("L'analyse", "analyse"),
        ("Import", "import_step"),
        ("Parameters", "parameters_step"),
        ("`df` and **X**", "df_and_x"),
        ("\N{PACKAGE} SECTION 1: Setup & Dependencies", "setup_dependencies"),
        ("Separate features (X) and target (y)", "separate_features_and_target"),
        ("Split the data (70% train, 30% test)", "split_the_data"),
        ("Missing values (part ii)", "missing_values"),
        ("Best Decision Tree vs Random Forest", "best_decision_tree"),
        ("Evolution of species during the monitoring period", "evolution_species"),
        ("Apply the ICE framework to prioritize hypotheses", "apply_ice_framework"),
        ("Exploratory data analysis of customer churn data", "exploratory_data_analysis"),
        ("Part II - A/B Test", "ab_test"),
        ("Carry out exploratory data analysis", "exploratory_data_analysis"),
        ("Open the data file and study its columns", "open_data_file"),
        ("Analyse des facteurs cognitifs par diagnostic", "analyse_facteurs_cognitifs"),
        ("Plot a scatter chart of the number of orders per user", "plot_scatter_chart"),
        ("Select subsets according to taxa of species", "select_subsets_taxa_species"),
        ("2013", "step_2013"),
        ("漢字", ""),
        ("", ""),
    ],
)
def test_step_name(title: str, name: str) -> None:
    """A title in any language gives a readable name, without its numbering."""
    assert step_name(title) == name


def test_step_names_are_unique() -> None:
    """Titles that say the same are counted; those that say nothing go by their position."""
    assert step_names(["Plot", "Plot", "Plot 2", "漢字"]) == (
        "plot",
        "plot_2",
        "plot_2_2",
        "step_4",
    )


def test_titles_that_begin_alike_are_told_apart_by_more_words() -> None:
    """A phrase is left out only where the name is another one without it."""
    titles = [
        "Prediction of house prices using linear regression",
        "Prediction of house prices using random forests",
    ]
    assert step_names(titles) == (
        "prediction_house_prices_linear",
        "prediction_house_prices_random",
    )


@given(st.lists(st.text(max_size=60), max_size=6))
def test_step_names_are_always_usable(titles: list[str]) -> None:
    """Whatever the titles, each name is an identifier in ASCII, short, and there once."""
    names = step_names(titles)
    assert len(set(names)) == len(titles)
    assert all(name.isascii() and name.isidentifier() and len(name) <= 45 for name in names)


@given(st.text())
def test_any_markdown_is_read(source: str) -> None:
    """No text breaks the search for headings, and none of those found is empty."""
    assert all(title and 1 <= level <= 6 for level, title in headings(source))
    assert all(title and 1 <= level <= 6 for level, title in headings(source, "code"))
