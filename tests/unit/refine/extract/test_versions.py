"""The versions of a function that a notebook defines again and again have names of their own."""

from __future__ import annotations

from typing import Any

import pytest
from tests.steps_in_memory import extract_steps, run, sources, step

from nbrefine.refine.extract.versions import name_versions


def versions_of(*notebooks: dict[str, Any], keep: tuple[str, ...] = ()) -> dict[str, Any]:
    """Name the versions in steps that are named ``a``, ``b``, ..."""
    paths = {f"notebooks/{'abc'[i]}.ipynb": each for i, each in enumerate(notebooks)}
    return paths | name_versions(paths, keep)


def test_each_version_has_a_number_and_the_last_its_name() -> None:
    """So that one module has them all, and the calls mean what they meant."""
    cells = [
        part
        for n in range(4)
        for part in (f"def load_x(k):\n    return k + {n}", f"y{n} = [load_x(1), callable(load_x)]")
    ]
    changed = versions_of(step(*cells))["notebooks/a.ipynb"]
    texts = sources(changed)
    assert [texts[number] for number in (0, 1, 6, 7)] == [
        "def load_x_1(k):\n    return k + 0",
        "y0 = [load_x_1(1), callable(load_x_1)]",
        "def load_x(k):\n    return k + 3",
        "y3 = [load_x(1), callable(load_x)]",
    ]
    extraction = extract_steps(changed)
    assert {each.module for each in extraction.moved} == {"late.loading"}
    before = run(step(*cells)).values
    assert run(changed).values["y2"] == before["y2"] == "[3, True]"


def test_a_text_in_which_they_differ_names_them() -> None:
    """Such as the column that each is about; docstrings tell nothing."""
    cells = [
        f"def fill(df):\n    '''Doc {column}.'''\n    return df['{column}'] + df['Id']"
        for column in ("Lot Area", "Alley", "Age")
    ]
    texts = sources(versions_of(step(*cells))["notebooks/a.ipynb"])
    assert [texts[number].partition("(")[0] for number in range(3)] == [
        "def fill_lot_area",
        "def fill_alley",
        "def fill",
    ]


def test_a_step_that_repeats_an_earlier_version_has_its_name() -> None:
    """The last version is that of the last step."""
    one, two = "def f(x):\n    return 1", "def f(x):\n    return 2"
    changed = versions_of(step(one, "f(0)"), step(f"definitions:\n{one}", "a = f(0)", two, "f(1)"))
    texts = sources(changed["notebooks/b.ipynb"])
    assert texts["definitions"].startswith("def f_1(x)")
    assert [texts[0], texts[2]] == ["a = f_1(0)", "f(1)"]


@pytest.mark.parametrize(
    "between",
    [
        "def g():\n    return f(1)",  # looks up a later version when it is called
        "f = sorted",
        "print(eval('f(1)'))",
        "%timeit f(1)",
        "k = lambda f: f",
        "f_1 = 3\nglobals()",
        "@wraps\ndef f(x):\n    return 7",
        "import os\ndel f",
    ],
)
def test_nothing_changes_where_it_is_not_sure_which_version_is_meant(between: str) -> None:
    """Then each stays as it is."""
    steps = step("def f(x):\n    return 1", between, "def f(x):\n    return 2", "f(2)")
    assert versions_of(steps)["notebooks/a.ipynb"] == steps


def test_names_that_stay_stay() -> None:
    """A version that has to stay leaves all of them as they are."""
    steps = step("def f(x):\n    return 1", "f(1)", "def f(x):\n    return 2", "f_1 = f(2)")
    assert versions_of(steps, keep=("f",))["notebooks/a.ipynb"] == steps
    texts = sources(versions_of(steps)["notebooks/a.ipynb"])
    assert texts[1] == "f_2(1)", "a name that is taken is not given again"
