"""Known errors are taken out, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from flights.errata import ERRATA, mend
from flights.raw import WEATHER, read_raw, source_folder
from flights.schemas import SCHEMAS

Make = Callable[..., pd.DataFrame]


def test_the_error_is_taken_out_where_it_stands(make_weather: Make) -> None:
    """The value in that row becomes missing; the raw table stays as it was."""
    (erratum,) = ERRATA
    weather = make_weather(
        ["2013-02-12 02:00", "2013-02-12 03:00"], origin=["EWR"] * 2, wind_speed=[20.7, 1048.36058]
    )
    mended, found = mend("weather", weather)
    assert found == [erratum]
    assert mended["wind_speed"].isna().to_list() == [False, True]
    assert weather["wind_speed"].notna().all()


def test_what_is_right_stays(make_weather: Make) -> None:
    """A corrected source, another airport, another table: nothing is taken out."""
    for origin, speed in (("EWR", 10.4), ("JFK", 1048.36058)):
        weather = make_weather(["2013-02-12 03:00"], origin=[origin], wind_speed=[speed])
        mended, found = mend("weather", weather)
        assert found == []
        pd.testing.assert_frame_equal(mended, weather)
    assert mend("planes", pd.DataFrame({"tailnum": ["N1"]}))[1] == []


def test_the_source_has_no_other_error() -> None:
    """With the known error taken out, the source's weather keeps every rule."""
    mended, found = mend("weather", read_raw(WEATHER, source_folder()))
    assert len(found) == 1
    SCHEMAS["weather"].validate(mended, lazy=True)
