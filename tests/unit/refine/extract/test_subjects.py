"""A definition goes to the module that its name, its calls and its step tell of."""

from __future__ import annotations

import pytest
from tests.steps_in_memory import extract_steps, step

RATE = """\
class Rate:
    def fit(self, x):
        return self

    def transform(self, x):
        return x"""
LONG = "\n".join(f"    x = x + {number}" for number in range(4))


@pytest.mark.parametrize(
    ("source", "module"),
    [
        (f"def load_sales(x):\n{LONG}\n    return x", "loading"),
        (f"def clean_text(x):\n{LONG}\n    return x", "cleaning"),
        (f"def sample_rows(x):\n{LONG}\n    return x", "cleaning"),
        (f"def add_ratio(x):\n{LONG}\n    return x", "features"),
        (f"def is_late(x):\n{LONG}\n    return x", "features"),
        (f"def plot_rate(x):\n{LONG}\n    return x", "plots"),
        (f"def train_forest(x):\n{LONG}\n    return x", "modeling"),
        (f"def eval_gini(x):\n{LONG}\n    return x", "evaluation"),
        (f"def rmse(x):\n{LONG}\n    return x", "evaluation"),
        (RATE, "features"),
        (f"def thing(x):\n{LONG}\n    return x.plot()", "plots"),
        (f"def sum_fare_by_class(x):\n{LONG}\n    return x.reset_index()", "summaries"),
        (f"def make_pie(ax, x):\n{LONG}\n    return ax.pie(x)", "plots"),
        (f"def thing(x):\n{LONG}\n    return x", "calculations"),
        ("class Thing:\n    size = 1", "classes"),
    ],
)  # fmt: skip
def test_each_has_its_subject(source: str, module: str) -> None:
    """The name of a function says most, then what it calls."""
    extraction = extract_steps(step(source))
    assert [each.module for each in extraction.moved] == [f"late.{module}"]


def test_a_short_function_has_no_module_for_itself() -> None:
    """It goes to the one that uses it."""
    short = "def clean_one(x):\n    return x"
    long = f"def train_forest(x):\n{LONG}\n    return clean_one(x)"
    extraction = extract_steps(step(short, long))
    assert {each.module for each in extraction.moved} == {"late.modeling"}


def test_modules_do_not_import_each_other() -> None:
    """What would be a circle is one module."""
    one = f"def load_one(x, n):\n{LONG}\n    return n and plot_one(x, n - 1)"
    two = f"def plot_one(x, n):\n{LONG}\n    return n and load_one(x, n - 1)"
    extraction = extract_steps(step(one, two))
    assert len({each.module for each in extraction.moved}) == 1


def test_earlier_versions_are_in_numbered_modules() -> None:
    """The last one is where it belongs; those before count backwards."""
    cells = [part for n in range(4) for part in (f"def load_x():\n    return {n}", "load_x()")]
    extraction = extract_steps(step(*cells))
    assert [each.module for each in extraction.moved] == [
        "late.earlier_loading_3",
        "late.earlier_loading_2",
        "late.earlier_loading",
        "late.loading",
    ]
    texts = [*extraction.modules.values()]
    assert sum("Earlier versions. Load the data." in text for text in texts) == 3
