"""As-of look-ups: only what was known, only of the key that was asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from flights.history import History

EVENTS = pd.DataFrame(
    {
        "known_at": [10, 20, 30, 20, 25],
        "key": ["a", "a", "a", "b", None],
        "value": [1, 2, 4, 100, 1000],
    }
)


def ask(*questions: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(questions, columns=["key", "asked_at"])


def test_window_ends_when_asked_and_starts_after_its_length() -> None:
    """An event of the minute of asking counts, one exactly a window's length old does not."""
    asked = ask(("a", 9), ("a", 10), ("a", 19), ("a", 20), ("a", 30), ("a", 99))
    count, total = History(EVENTS, ["key"]).window(asked, "value", 10)
    assert count.tolist() == [0, 1, 1, 1, 1, 0]
    assert total.tolist() == [0, 1, 1, 2, 4, 0]


def test_keys_do_not_mix() -> None:
    """Each key has its own history; unknown and missing keys have none."""
    asked = ask(("b", 1000), ("z", 1000), ("a", 1000)).astype({"key": "object"})
    asked.loc[3] = [None, 1000]
    count, total = History(EVENTS, ["key"]).window(asked, "value", 10**6)
    assert count.tolist() == [1, 0, 3, 0]
    assert total.tolist() == [100, 0, 7, 0]


def test_without_a_key_all_events_are_one_history() -> None:
    """Events that have no key count there too."""
    count, total = History(EVENTS).window(ask(("x", 25)), "value", 10)
    assert (count.tolist(), total.tolist()) == ([3], [1102])


def test_latest_takes_the_last_known_event() -> None:
    """Of events of the same minute the last one given; missing where none was known."""
    events = pd.concat([EVENTS, pd.DataFrame({"known_at": [20], "key": ["a"], "value": [3]})])
    found = History(events, ["key"]).latest(ask(("a", 25), ("a", 5), ("b", 20)), ["value"])
    assert found["value"].tolist()[0] == 3
    assert np.isnan(found["value"][1])
    assert found["value"][2] == 100


def test_no_events_at_all() -> None:
    """An empty table knows nothing, and says so in every look-up."""
    history = History(EVENTS.head(0), ["key"])
    count, total = history.window(ask(("a", 10)), "value", 10)
    assert (count.tolist(), total.tolist()) == ([0], [0])
    assert history.latest(ask(("a", 10)), ["value"])["value"].isna().all()


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_only_whole_numbers_are_summed(value: float) -> None:
    """Sums of fractions would depend, in the last digit, on events that are not known yet."""
    history = History(EVENTS.assign(value=value), ["key"])
    with pytest.raises(ValueError, match="'value' must hold whole numbers"):
        history.window(ask(("a", 10)), "value", 10)
