"""The files of a step are called as its parameters call them."""

from __future__ import annotations

from nbrefine.refine.sources import named


def test_a_file_has_one_name() -> None:
    """That of the parameter, else its own; two files of one name are told apart."""
    paths = ("data/a.csv", "b/a.csv", "Export of all (2021).csv", "src/late/__init__.py")
    assert named(paths, {"Export of all (2021).csv": "flats_csv"}) == {
        "a_csv": "data/a.csv",
        "a_csv_": "b/a.csv",
        "flats_csv": "Export of all (2021).csv",
        "late_py": "src/late/__init__.py",
    }
