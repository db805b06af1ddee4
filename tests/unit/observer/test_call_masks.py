"""Nothing personal gets into a fixture, and what is made up has the shape of what it replaces."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbrefine.observer.call_masks import Masks, personal_text


@pytest.mark.parametrize(
    "text",
    [
        "jane.doe@example.com",
        "+44 20 7946 0958",
        "(212) 555-0143",
        "212-555-0143",
        "4111 1111 1111 1111",
        "4111111111111111",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_what_looks_personal(text: str) -> None:
    """Addresses, phone numbers, card numbers and keys."""
    assert personal_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "JFK",
        "2013-01-01",
        "2013-01-01 05:00:00",
        "N14228",
        "4111111111111112",
        "12:30",
        "a@b",
        "10.5",
    ],
)
def test_what_does_not(text: str) -> None:
    """Dates, codes, and numbers that only look long."""
    assert not personal_text(text)


def test_a_column_of_addresses_is_made_up_in_the_same_shape() -> None:
    """Equal ones stay equal and different ones different, so that groups and joins work."""
    frame = pd.DataFrame({"mail": ["ab@x.org", "cd@x.org", "ab@x.org", None], "n": [1, 2, 3, 4]})
    masked, said = Masks().masked("df", frame.copy())
    assert said == ["df['mail']"]
    values = masked["mail"].tolist()
    assert values[0] == values[2] != values[1]
    assert not {"ab@x.org", "cd@x.org"} & set(values[:3])
    assert [len(each) for each in values[:3]] == [8, 8, 8]
    assert pd.isna(values[3])
    assert masked["n"].tolist() == [1, 2, 3, 4]
    assert masked.dtypes.equals(frame.dtypes)


@pytest.mark.parametrize(
    "label", ["Name", "last_name", "customerName", "Surname", "phone", "E-mail"]
)
def test_columns_are_known_by_their_names(label: str) -> None:
    """`Braund, Mr. Owen` looks like nothing in particular; its column's name says what it is."""
    frame = pd.DataFrame({label: ["Braund, Mr. Owen", "Heikkinen, Miss. Laina"]})
    masked, said = Masks().masked("df", frame.copy())
    assert said == [f"df[{label!r}]"]
    assert masked[label].tolist()[0] != "Braund, Mr. Owen"
    assert masked[label].str.len().tolist() == [16, 22]


@pytest.mark.parametrize(
    "label", ["column_name", "names", "origin", "carrier", "filename", "first"]
)
def test_other_columns_stay(label: str) -> None:
    """A column is not personal for having `name` in its own."""
    frame = pd.DataFrame({label: ["JFK", "EWR"]})
    masked, said = Masks().masked("df", frame.copy())
    assert said == []
    assert masked.equals(frame)


def test_the_same_value_is_masked_alike_everywhere() -> None:
    """A text argument still finds the row that it named."""
    masks = Masks()
    frame, _ = masks.masked("df", pd.DataFrame({"email": ["a.b@x.org", "c.d@x.org"]}))
    text, said = masks.masked("who", "a.b@x.org")
    assert said == ["who"]
    assert frame["email"].tolist()[0] == text


def test_numbers_and_categories() -> None:
    """A phone number may be an integer, and a column of names a category."""
    frame = pd.DataFrame(
        {"phone": [2125550143, 2125550199], "surname": pd.Categorical(["Doe", "Roe"])}
    )
    masked, said = Masks().masked("df", frame.copy())
    assert said == ["df['phone']", "df['surname']"]
    assert masked.dtypes["phone"] == frame.dtypes["phone"]
    assert not set(masked["phone"]) & set(frame["phone"])
    assert not set(masked["surname"]) & {"Doe", "Roe"}
    assert str(masked.dtypes["surname"]) == "category"


def test_what_is_in_containers_and_indexes() -> None:
    """Nothing personal hides in a dict, a list of tables, or an index."""
    frame = pd.DataFrame({"n": [1, 2]}, index=pd.Index(["ab@x.org", "cd@x.org"], name="who"))
    levels = frame.set_index("n", append=True)
    value = {"to": ["ab@x.org", "JFK"], "parts": (frame.copy(), levels), "ab@x.org": 3}
    masked, said = Masks().masked("value", value)
    text = repr(masked) + repr(said)
    assert not any(secret in text for secret in ("ab@x.org", "cd@x.org"))
    assert said
    assert masked["to"][1] == "JFK"
    assert masked["parts"][0].index.name == "who"
    assert masked["parts"][1].index.names == ["who", "n"]
    kinds, _ = Masks().masked("s", pd.Series([1], index=pd.CategoricalIndex(["ab@x.org"])))
    assert kinds.index.dtype == "category"
    assert "ab@x.org" not in repr(kinds)
    # The same address everywhere is the same made-up one.
    assert masked["to"][0] == masked["parts"][0].index[0] == list(masked)[2]


class Kept:
    """An object that keeps texts."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts


def test_objects_that_are_stored_whole() -> None:
    """They cannot be masked inside, so that they are refused."""
    masks = Masks(["s3cretValue"])
    assert masks.inside(Kept("JFK", "jane.doe@example.com"))
    assert masks.inside(Kept("pre-s3cretValue"))
    assert not masks.inside(Kept("JFK"))
    assert masks.inside(Kept(b"jane.doe@example.com"))
    assert masks.inside(Kept(pd.Series(["JFK", "jane.doe@example.com"])))
    assert not masks.inside(bytes(1_000_000))


def test_the_bytes_of_numbers_are_no_addresses() -> None:
    """A fitted forest has millions of them, which spell some by chance."""
    numbers = np.random.default_rng(0).normal(size=1_000_000)
    assert not Masks().inside(Kept(numbers))


def test_credentials_are_masked_wherever_they_are_part_of_a_text() -> None:
    """Of any form, since they are known."""
    text, said = Masks(["wolf9"]).masked("url", "postgresql://ada:wolf9@db/sales")
    assert said == ["url"]
    assert "wolf9" not in text


@pytest.mark.parametrize(
    ("names", "made_up"),
    [
        (["Moton Field", "Jekyll Island Airport", "Packwood"], False),
        (["Delta Air Lines Inc.", "Virgin America", "Envoy Air"], False),
        (["Braund, Mr. Owen Harris", "Heikkinen, Miss. Laina", "Sally Field"], True),
        (["Anna", "Boris", "Hotel Astoria"], True),
    ],
)
def test_names_are_made_up_unless_most_are_of_places_or_firms(
    names: list[str], *, made_up: bool
) -> None:
    frame = pd.DataFrame({"name": names})
    masked, labels = Masks().masked("things", frame.copy())
    assert labels == (["things['name']"] if made_up else [])
    assert masked["name"].tolist() != names if made_up else masked.equals(frame)
