"""The words for what changed between two fingerprints."""

from __future__ import annotations

import pytest

from nbrefine.pipeline.changes import changes
from nbrefine.pipeline.fingerprint import ABSENT, CHANGED_MEANWHILE, SCHEME

SAID = [
    ("code", "1", "2", "`a.ipynb` changed"),
    ("param:threshold", "15", "20", "param `threshold`: 15 -> 20"),
    ("param:threshold", None, "20", "param `threshold` is new: 20"),
    ("param:threshold", "15", None, "param `threshold` was taken out"),
    ("param:token", "sha256:1", "sha256:2", "param `token` changed"),
    ("param:token", None, "sha256:2", "param `token` is new"),
    ("upstream:load.data", "1", "2", "`load` made another `data`"),
    ("upstream:load.data", None, "2", "it builds on `load` now"),
    ("upstream:load.data", "1", None, "it no longer builds on `load`"),
    ("upstream:load", "1", "2", "`load` ran again"),
    ("place:load.data", "out/a.csv", "out/b.csv", "`data` of `load`: out/a.csv -> out/b.csv"),
    ("place:load.data", None, "out/b.csv", "it builds on `load` now"),
    ("file:raw/flights.csv", "1", "2", "`raw/flights.csv` changed"),
    ("file:raw/flights.csv", "1", ABSENT, "`raw/flights.csv` is gone"),
    ("file:raw/flights.csv", ABSENT, "1", "`raw/flights.csv` is there now"),
    ("folder:raw", "1", "2", "folder `raw` lists other files"),
    ("package:pandas", "3.1.0", "3.1.1", "pandas 3.1.0 -> 3.1.1"),
    ("package:pandas", None, "3.1.1", "pandas 3.1.1 is used now"),
    ("python", "3.11.7", "3.12.0", "Python 3.11.7 -> 3.12.0"),
    ("environ:REGION", "1", "2", "environment variable `REGION` changed"),
    ("module:src/m.py:f", "1", "2", "`src/m.py`: `f` changed"),
    ("module:src/m.py", "1", "2", "`src/m.py` changed"),
    ("product:data", "out/a.csv", "out/b.csv", "product `data`: out/a.csv -> out/b.csv"),
    ("option:local_execution", None, "true", "option `local_execution`: none -> true"),
]


@pytest.mark.parametrize(("label", "old", "new", "said"), SAID)
def test_a_change_has_its_words(label: str, old: str | None, new: str | None, said: str) -> None:
    """What it was and what it is, as the user knows them."""
    before = {} if old is None else {label: old}
    after = {} if new is None else {label: new}
    assert changes(before, after, "a.ipynb") == (said,)


def test_many_definitions_of_a_module_are_counted() -> None:
    """Three are named."""
    old = {f"module:m.py:f{i}": "1" for i in range(5)}
    assert changes(old, dict.fromkeys(old, "2"), "a.ipynb") == (
        "`m.py`: `f0`, `f1`, `f2` and 2 more changed",
    )


def test_what_other_code_brings_in_goes_without_saying() -> None:
    """Where the notebook changed, functions that it calls now are no reasons of their own."""
    old, new = {"code": "1", "module:m.py:f": "1"}, {"code": "2", "module:m.py:g": "1"}
    assert changes(old, new, "a.ipynb") == ("`a.ipynb` changed",)
    del old["code"], new["code"]
    assert changes(old, new, "a.ipynb") == ("`m.py`: `f`, `g` changed",)


def test_steps_that_are_about_to_be_made_are_left_out() -> None:
    """What they will have made is not known yet."""
    old, new = {"upstream:load.data": "1", "code": "1"}, {"upstream:load.data": "2", "code": "1"}
    assert changes(old, new, "a.ipynb", unsettled=("load",)) == ()
    assert changes(old, new, "a.ipynb", unsettled=("lo",)) == ("`load` made another `data`",)


def test_an_input_of_which_nobody_knows_the_state_is_said() -> None:
    """It changed while the step ran."""
    (said,) = changes({"file:raw.csv": CHANGED_MEANWHILE}, {}, "a.ipynb")
    assert CHANGED_MEANWHILE in said


def test_fingerprints_of_two_schemes_are_not_compared() -> None:
    """What differs between them says nothing of what the user did."""
    old = {"code": "1", "package:pandas": "3.1.0"}
    (said,) = changes(old, {SCHEME: "1", "code": "2"}, "a.ipynb")
    assert said.startswith("another version of nbrefine")
