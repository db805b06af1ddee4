"""Tests that are written pass on the code that they are of, and fail on other code."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from nbrefine.refine.extract.extraction import Moved
from nbrefine.refine.generated_tests.calls import Argument, Call, Outcome, RecordedCall, Value
from nbrefine.refine.generated_tests.write_tests import WrittenTests, write_tests
from nbrefine.transforms.model import Classification, Kind

MODULE = '''\
"""Clean."""


def part(hour, early=7):
    return "early" if hour < early else "late"


def ratio(x, y):
    return x / y if y else float("nan")


def flag(df, limit=15):
    return df.assign(late=df["delay"] > limit)


def fill(df):
    df["delay"] = df["delay"].fillna(0)


class Encoder:
    def __init__(self, col):
        self.col = col

    def fit(self, df):
        self.means_ = df.groupby(self.col)["delay"].mean()
        return self

    def transform(self, df):
        return df[self.col].map(self.means_)
'''
FRAME = pd.DataFrame({"delay": [10.0, 15.0, 16.0], "origin": ["JFK", "EWR", "JFK"]})
RowWise = Classification(Kind.ROW_WISE, None, None, "each row is made of that row alone", "code")
Record = Callable[..., RecordedCall]
Make = Callable[..., Value]
MakeMoved = Callable[..., Moved]


def stored(frame: pd.DataFrame | pd.Series, folder: Path) -> bytes:  # type: ignore[type-arg]
    frame = frame.to_frame() if isinstance(frame, pd.Series) else frame
    frame.to_parquet(folder / "x.parquet")
    return (folder / "x.parquet").read_bytes()


def table(name: str, more: str = "") -> str:
    return f'pd.read_parquet(FIXTURES / "{name}.parquet"){more}'


@pytest.fixture
def records(make_record: Record, make_value: Make, tmp_path: Path) -> list[RecordedCall]:
    """Calls of all that is in the module, as they would be recorded."""
    late = FRAME.assign(late=[False, False, True])
    files = {
        "flag_1_df.parquet": stored(FRAME, tmp_path),
        "flag_1_result.parquet": stored(late, tmp_path),
    }
    facts = {
        "df": {
            "rows": True,
            "index": True,
            "added": ["late"],
            "removed": [],
            "same": ["delay", "origin"],
            "nulls": [],
        }
    }
    flag = make_record(
        "flag",
        {"df": make_value(table("flag_1_df"), "frame"), "limit": make_value("15")},
        Outcome(make_value(table("flag_1_result"), "frame"), facts=facts),
        files=files,
        rows=(3, 90_000),
        masked=("df['origin']",),
    )
    gaps = FRAME.assign(delay=[None, 1.0, 2.0])
    fill = make_record(
        "fill",
        {"df": make_value(table("fill_1_df"), "frame")},
        Outcome(changed=(Argument("df", make_value(table("fill_1_df_after"), "frame")),)),
        files={
            "fill_1_df.parquet": stored(gaps, tmp_path),
            "fill_1_df_after.parquet": stored(gaps.fillna({"delay": 0}), tmp_path),
        },
    )
    parts = [
        make_record(
            "part",
            {"hour": make_value(str(hour)), "early": make_value("7")},
            Outcome(make_value(repr("early" if hour < 7 else "late"))),
        )
        for hour in (8, 6, 7)
    ]
    ratios = [
        make_record(
            "ratio",
            {"x": make_value("1"), "y": make_value(y)},
            Outcome(make_value(result, "float")),
        )
        for y, result in (("3", repr(1 / 3)), ("0", 'float("nan")'))
    ]
    return [flag, fill, *parts, *ratios, encoder(make_value, tmp_path)]


def encoder(make_value: Make, folder: Path) -> RecordedCall:
    means = FRAME.groupby("origin")["delay"].mean()
    df = Argument("df", make_value(table("Encoder_1_fit_df"), "frame"), keyword=True)
    learnt = make_value(
        "Encoder",
        "instance",
        items=(make_value("'origin'"), make_value(table("Encoder_1_means", '["delay"]'), "series")),
        keys=("col", "means_"),
    )
    col = Argument("col", make_value("'origin'"), keyword=True)
    result = make_value(table("Encoder_1_result", '["origin"]'), "series")
    return RecordedCall(
        "Encoder",
        (
            Call("__init__", (col,), Outcome()),
            Call("fit", (df,), Outcome(returns_self=True, learnt=learnt)),
            Call("transform", (df,), Outcome(result)),
        ),
        files={
            "Encoder_1_fit_df.parquet": stored(FRAME, folder),
            "Encoder_1_means.parquet": stored(means, folder),
            "Encoder_1_result.parquet": stored(FRAME["origin"].map(means), folder),
        },
    )


@pytest.fixture
def written(records: list[RecordedCall], make_moved: MakeMoved) -> WrittenTests:
    moved = [make_moved(name) for name in ("part", "ratio", "flag", "fill")]
    moved.append(make_moved("Encoder", "class"))
    return write_tests(records, moved, {"src/shop/cleaning.py": MODULE}, {"flag": RowWise})


def run(
    written: WrittenTests, module: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Run the tests in this process; return those that failed, and how."""
    for path, content in written.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / path).write_bytes(raw)
    code = types.ModuleType("shop.cleaning")
    exec(module, vars(code))  # noqa: S102  (what is tested)
    monkeypatch.setitem(sys.modules, "shop", types.ModuleType("shop"))
    monkeypatch.setitem(sys.modules, "shop.cleaning", code)
    file = folder / "tests" / "test_cleaning.py"
    space = {"__file__": str(file), "__name__": "test_cleaning"}
    exec(compile(file.read_text(), str(file), "exec"), space)  # noqa: S102  (what is tested)
    failed = {}
    for name, test in space.items():
        if not name.startswith("test_"):
            continue
        marks = getattr(test, "pytestmark", [])
        names, rows = marks[0].args if marks else ((), [()])
        for row in rows:
            try:
                test(**dict(zip(names, row, strict=True)))  # type: ignore[operator]
            except AssertionError as error:
                failed[name] = str(error)
    return failed


def test_they_pass_on_the_code_that_was_recorded(
    written: WrittenTests, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first time."""
    assert run(written, MODULE, tmp_path, monkeypatch) == {}
    assert written.missed == ()
    assert written.tests["flag"] == (
        "test_flag",
        "test_flag_keeps_rows_and_columns",
        "test_flag_serves_row_by_row",
    )


@pytest.mark.parametrize(
    ("old", "new", "noticed"),
    [
        ("hour < early", "hour <= early", {"test_part"}),
        ("early=7", "early=6", {"test_part"}),
        ('"late"', '"day"', {"test_part"}),
        ("x / y", "x * y", {"test_ratio"}),
        ('float("nan")', "0.0", {"test_ratio"}),
        ("> limit", ">= limit", {"test_flag"}),
        ("fillna(0)", "fillna(1)", {"test_fill"}),
        (".mean()", ".max()", {"test_encoder"}),
        ("df[self.col].map(self.means_)", "df[self.col]", {"test_encoder"}),
        ("self.col = col", "self.col = 'delay'", {"test_encoder"}),
        (
            'late=df["delay"] > limit',
            'late=df["delay"] > df["delay"].mean()',
            {"test_flag", "test_flag_serves_row_by_row"},
        ),
        (
            "return df.assign(late=",
            "return df.reset_index(drop=True).iloc[1:].assign(late=",
            {"test_flag", "test_flag_keeps_rows_and_columns", "test_flag_serves_row_by_row"},
        ),
        (
            "    return df.assign(",
            "    df['delay'] += 0.5\n    return df.assign(",
            {"test_flag"},
        ),
    ],
)
def test_they_fail_on_other_code(  # noqa: PLR0913, PLR0917  (fixtures)
    written: WrittenTests,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    noticed: set[str],
) -> None:
    """At least those that are of what was changed."""
    assert old in MODULE
    changed = MODULE.replace(old, new, 1)
    try:
        failed = set(run(written, changed, tmp_path, monkeypatch))
    except (KeyError, ValueError):  # the code itself fails
        return
    assert noticed <= failed


def test_what_they_say(written: WrittenTests) -> None:
    """A reader learns what is sampled and what is made up; equal fixtures are one file."""
    text = str(written.files["tests/test_cleaning.py"])
    assert "    # 3 of the 90,000 rows that the notebook passed.\n" in text
    assert '    # Made up, since it looked personal: df["origin"].\n' in text
    assert "from shop.cleaning import Encoder, fill, flag, part, ratio\n" in text
    assert '        (6, "early"),\n        (7, "late"),\n        (8, "late"),\n' in text
    fixtures = [path for path in written.files if path.startswith("tests/fixtures/")]
    assert "tests/fixtures/df.parquet" in fixtures
    assert not any("Encoder_fit_df" in path for path in fixtures)


def test_modules_with_functions_of_one_name(make_record: Record, make_value: Make) -> None:
    """Each has its own file, and its own calls."""
    moved = [
        Moved("part", "function", f"shop.{name}", "n.ipynb", 0, 1) for name in ("early", "late")
    ]
    modules = {f"src/shop/{name}.py": "def part(x):\n    return x\n" for name in ("early", "late")}
    records = [
        make_record(f"shop.{name}:part", {"x": make_value(text)}, Outcome(make_value(text)))
        for name, text in (("early", "1"), ("late", "2"))
    ]
    written = write_tests(records, moved, modules)
    assert written.tests == {"shop.early:part": ("test_part",), "shop.late:part": ("test_part",)}
    assert "result = part(1)" in str(written.files["tests/test_early.py"])
    assert "result = part(2)" in str(written.files["tests/test_late.py"])
    assert "from shop.late import part\n" in str(written.files["tests/test_late.py"])


def test_what_is_called_like_a_test_is_none(
    make_record: Record, make_value: Make, tmp_path: Path
) -> None:
    """As `test_stationarity` is in many notebooks: pytest is not to collect it."""
    moved = [Moved("test_unit", "function", "shop.checks", "n.ipynb", 0, 1)]
    module = "def test_unit(x):\n    return x\n"
    record = make_record("test_unit", {"x": make_value("1")}, Outcome(make_value("1")))
    written = write_tests([record], moved, {"src/shop/checks.py": module})
    for name, text in {"src/shop/checks.py": module, **written.files}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(str(text))
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(pytest_here, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_a_frame_among_further_arguments(make_value: Make, tmp_path: Path) -> None:
    """It has no name, and no property is told of it."""
    frame = make_value(table("stack_1_more0"), "frame")
    facts = {"*0": {"rows": True, "index": True}}
    call = Call("", (Argument("*", frame),), Outcome(frame, facts=facts))
    record = RecordedCall(
        "stack", (call,), files={"stack_1_more0.parquet": stored(FRAME, tmp_path)}
    )
    moved = [Moved("stack", "function", "shop.cleaning", "n.ipynb", 0, 1)]
    module = "def stack(*frames):\n    return frames[0]\n"
    written = write_tests([record], moved, {"src/shop/cleaning.py": module})
    assert written.tests == {"stack": ("test_stack",)}


def test_a_test_can_be_left_out(records: list[RecordedCall], make_moved: MakeMoved) -> None:
    """One that does not pass; a function without another then has none."""
    moved = [make_moved("fill"), make_moved("part")]
    modules = {"src/shop/cleaning.py": MODULE}
    written = write_tests(records, moved, modules, left_out=frozenset({"test_fill"}))
    assert written.tests == {"fill": (), "part": ("test_part",)}
    assert "fill" not in str(written.files["tests/test_cleaning.py"])
    assert not any("fill" in path for path in written.files)
