"""What users read when something is wrong."""

from __future__ import annotations

import pickle

import pytest

from nbrefine import errors
from nbrefine.errors import NbrefineError, Place, did_you_mean, format_error


def all_errors(kind: type[NbrefineError] = NbrefineError) -> list[type[NbrefineError]]:
    return [kind] + [leaf for child in kind.__subclasses__() for leaf in all_errors(child)]


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_message_place_and_hint_are_printed_and_survive_a_process(
    kind: type[NbrefineError],
) -> None:
    """Whatever crosses a process border is printed as it was raised."""
    error = kind("the column is gone", where=Place("a.ipynb", line=7, cell=3), hint="put it back")
    expected = (
        f"error[{kind.code}]: the column is gone\n  --> a.ipynb:cell 3:line 7\n  hint: put it back"
    )
    assert format_error(error) == expected
    assert format_error(pickle.loads(pickle.dumps(error))) == expected


def test_codes_are_unique_and_exit_codes_tell_input_from_failure() -> None:
    """A code names one kind of error; 2 stands for the user's input, 1 for the rest."""
    kinds = all_errors()
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind.exit_code == 2 for kind in kinds if issubclass(kind, errors.InputError))
    assert all(kind.exit_code == 1 for kind in kinds if not issubclass(kind, errors.InputError))


def test_only_what_is_known_is_printed() -> None:
    """An error without place and hint is one line."""
    assert format_error(NbrefineError("no")) == "error[NBE000]: no"


def test_place_shows_what_there_is() -> None:
    """A file alone is a place too."""
    assert str(Place("pipeline.yaml")) == "pipeline.yaml"
    assert str(Place("pipeline.yaml", line=4)) == "pipeline.yaml:line 4"


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("trian", ["train", "clean"], "Did you mean 'train'?"),
        ("fit-a", ["fit-1", "fit-2"], "Did you mean 'fit-2' or 'fit-1'?"),
        ("zzz", ["train", "clean"], "Known are: clean, train."),
        ("zzz", [], ""),
    ],
)
def test_did_you_mean(name: str, known: list[str], sentence: str) -> None:
    """A misspelt name is answered by the nearest, or by all that there are."""
    assert did_you_mean(name, known) == sentence
