"""A fixture is called by what it is for, and once."""

from __future__ import annotations

import pytest

from nbrefine.refine.generated_tests.fixture_names import _renamed


@pytest.mark.parametrize(
    ("files", "renamed"),
    [
        ({"add_1_df.parquet": b"a"}, ["add_df.parquet"]),
        ({"show_1_1_df.parquet": b"a"}, ["show_1_df.parquet"]),
        ({"add_1_df.parquet": b"a", "add_2_df.parquet": b"a"}, ["add_df.parquet"] * 2),
        (
            {"add_1_df.parquet": b"a", "add_2_df.parquet": b"b"},
            ["add_df.parquet", "add_df_2.parquet"],
        ),
        ({"show_1_df.parquet": b"a", "drop_1_flats.parquet": b"a"}, ["flats.parquet"] * 2),
        ({"C_1_fit_df.parquet": b"a", "g_1_df.parquet": b"a"}, ["df.parquet"] * 2),
        ({"f_1_result.parquet": b"a", "g_1_df.parquet": b"a"}, ["df.parquet"] * 2),
        ({"f_1_result.parquet": b"a", "g_1_result.parquet": b"a"}, ["f_result.parquet"] * 2),
    ],
)
def test_what_several_functions_take_is_called_as_they_call_it(
    files: dict[str, bytes], renamed: list[str]
) -> None:
    """Equal contents are one file; no number stands where it tells nothing apart."""
    assert [*_renamed(files).values()] == renamed
