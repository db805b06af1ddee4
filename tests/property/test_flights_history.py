"""As-of look-ups agree with a loop over all events, whatever the events."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from flights.history import History

MINUTES = st.integers(-50, 50)
KEYS = st.sampled_from(["a", "b", "c", None])
EVENT = st.fixed_dictionaries(
    {"known_at": MINUTES, "one": KEYS, "two": KEYS, "value": st.integers(-9, 9)}
)
ASKED = st.fixed_dictionaries(
    {"asked_at": st.integers(-80, 80), "one": KEYS, "two": st.sampled_from(["a", "b", "z"])}
)
# No deadline: on a busy machine a pause says nothing of the code.
calm = settings(deadline=None, max_examples=60)
BY = st.sampled_from([[], ["one"], ["one", "two"]])


def frame(rows: list[dict], *numbers: str) -> pd.DataFrame:
    columns = [*numbers, "one", "two"]
    types = dict.fromkeys(numbers, "int64") | {"one": "object", "two": "object"}
    return pd.DataFrame(rows, columns=columns).astype(types)


def known(events: list[dict], question: dict, by: list[str]) -> list[dict]:
    """What was known, one event after the other."""
    return [
        event
        for event in events
        if event["known_at"] <= question["asked_at"]
        and all(event[key] is not None and event[key] == question[key] for key in by)
    ]


@calm
@given(
    st.lists(EVENT, max_size=12), st.lists(ASKED, min_size=1, max_size=6), BY, st.integers(1, 60)
)
def test_window(events: list[dict], asked: list[dict], by: list[str], minutes: int) -> None:
    """Counts and sums are those of the events in the window."""
    history = History(frame(events, "known_at", "value"), by)
    count, total = history.window(frame(asked, "asked_at"), "value", minutes)
    for index, question in enumerate(asked):
        inside = [
            event["value"]
            for event in known(events, question, by)
            if event["known_at"] > question["asked_at"] - minutes
        ]
        assert (count[index], total[index]) == (len(inside), sum(inside))


@calm
@given(st.lists(EVENT, max_size=12), st.lists(ASKED, min_size=1, max_size=6), BY)
def test_latest(events: list[dict], asked: list[dict], by: list[str]) -> None:
    """The latest event is the one of the greatest known minute; of equals, the last given."""
    history = History(frame(events, "known_at", "value"), by)
    latest = history.latest(frame(asked, "asked_at"), ["known_at", "value"])
    for index, question in enumerate(asked):
        candidates = known(events, question, by)
        if not candidates:
            assert latest.iloc[index].isna().all()
            continue
        last = max(enumerate(candidates), key=lambda item: (item[1]["known_at"], item[0]))[1]
        assert latest.iloc[index].tolist() == [last["known_at"], last["value"]]


@calm
@given(st.lists(EVENT, max_size=12), st.lists(EVENT, max_size=6), st.lists(ASKED, min_size=1), BY)
def test_later_events_change_nothing(
    events: list[dict], later: list[dict], asked: list[dict], by: list[str]
) -> None:
    """Events that become known after all questions were asked change no answer."""
    end = max(question["asked_at"] for question in asked)
    after = [event | {"known_at": end + 1 + abs(event["known_at"])} for event in later]
    questions = frame(asked, "asked_at")
    before = History(frame(events, "known_at", "value"), by).window(questions, "value", 40)
    with_later = History(frame(events + after, "known_at", "value"), by)
    for one, other in zip(before, with_later.window(questions, "value", 40), strict=True):
        assert np.array_equal(one, other)
