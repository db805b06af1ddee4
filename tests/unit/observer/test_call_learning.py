"""A transformer is tried on all that its function was first called with."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from nbrefine.observer import call_learning, call_replay
from nbrefine.observer.call_learning import Learning
from nbrefine.observer.call_targets import Targets

if TYPE_CHECKING:
    from pathlib import Path

FRAME = pd.DataFrame({"age": [1.0, None, 5.0, 6.0]})
FILL = "def fill(df):\n    df['age'] = df['age'].fillna(df['age'].{statistic}())\n    return df\n"
CLASS = """\
class Fill:
    def fit(self, df):
        self.age_ = df["age"].median()
        return self

    def transform(self, df):
        return df.assign(age=df["age"].fillna(self.age_))
"""


def learning(folder: Path, statistic: str, source: str = CLASS) -> Learning:
    """Return what has taken the frame of a call of a function that fills with a statistic."""
    module = types.ModuleType("a_notebook")
    exec(FILL.format(statistic=statistic), vars(module))  # noqa: S102  (the function)
    targets = Targets({"fill": ""}, vars(module))
    taken = Learning({"fill": {"name": "Fill", "source": source}}, targets, str(folder))
    frame = FRAME.copy()
    taken.take("fill", [("df", frame, False)])
    frame.loc[:] = 0  # what the notebook does with it afterwards
    taken.take("fill", [("df", frame, False)])
    taken.take("other", [("df", frame, False)])
    return taken


def test_the_rows_that_are_the_same_are_counted(tmp_path: Path) -> None:
    assert learning(tmp_path, "median").proved() == {"fill": {"rows": 4}}


@pytest.mark.parametrize(
    ("statistic", "source", "why"),
    [
        ("mean", CLASS, "on the notebook's data it gives something else"),
        ("median", "from nowhere import nothing", "ModuleNotFoundError: No module named 'nowhere'"),
        ("median", CLASS.replace("self.age_)", "self.age_ + 1e-9)"), "something else"),
        ("median", CLASS.replace("df.assign", "df.assig"), "AttributeError"),
    ],
    ids=["another statistic", "no module", "other digits", "it fails"],
)
def test_it_is_said_why_not(statistic: str, source: str, why: str, tmp_path: Path) -> None:
    assert why in learning(tmp_path, statistic, source).proved()["fill"]["why"]


def test_what_takes_too_long_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of all functions come after it."""
    monkeypatch.setattr(call_replay, "SECONDS", 1)
    slow = CLASS.replace("        return self\n", "        while True: pass\n")
    assert learning(tmp_path, "median", slow).proved()["fill"]["why"].startswith("Late")


def test_what_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_learning, "_MOST_BYTES", 8)
    assert "cannot be kept" in learning(tmp_path, "median").proved()["fill"]["why"]
    assert not [*tmp_path.iterdir()]
