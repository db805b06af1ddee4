from __future__ import annotations

import gc
import pickle
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from matplotlib.figure import Figure
from scipy import spatial, stats
from sklearn.datasets import load_iris
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier, VotingClassifier
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LinearRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

from nbrefine.observer import arrays, frames
from nbrefine.observer.repair import repairs
from nbrefine.observer.walk import SCHEME

sys.path.insert(0, str(Path(__file__).parent))
from walking import digest, walk

ROWS = 20_000


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": np.arange(float(ROWS)),
            "b": np.arange(float(ROWS)),
            "i": np.arange(ROWS),
            "s": ["x", None] * (ROWS // 2),
            "c": pd.Categorical(["u", "v"] * (ROWS // 2)),
            "n": pd.array([1, None] * (ROWS // 2), dtype="Int64"),
            "t": pd.date_range("2020", periods=ROWS, freq="s"),
        }
    )


def afresh(value: object) -> str:
    """Return a digest that rests on nothing known before."""
    held = dict(frames._HELD)
    frames.forget()
    found = digest(value)
    frames._HELD.clear()
    frames._HELD.update(held)
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.assign(a=f["a"].astype("float32")),
        lambda f: f.rename(columns={"a": "z"}),
        lambda f: f[["b", "a", "i", "s", "c", "n", "t"]],
        lambda f: f.set_axis(range(1, ROWS + 1)),
        lambda f: f.rename_axis("r"),
        lambda f: f.rename_axis("r", axis=1),
        lambda f: f.iloc[::-1],
        lambda f: f.assign(c=f["c"].cat.as_ordered()),
        lambda f: f.assign(c=f["c"].cat.add_categories("w")),
        lambda f: f.assign(t=f["t"].dt.tz_localize("UTC")),
        lambda f: f.assign(s=f["s"].fillna("")),
        lambda f: f.assign(s=f["s"].astype(object)),
        lambda f: f.assign(n=f["n"].fillna(0)),
        lambda f: f.convert_dtypes(),
        lambda f: f.set_index("t"),
        lambda f: f.set_index(["i", "c"]),
    ],
)
def test_a_frame_is_its_values_types_index_and_names(change: Callable[[Any], Any]) -> None:
    """Whatever distinguishes two frames for their user distinguishes their digests."""
    frame = table()
    other = change(frame)
    assert digest(other) != digest(frame)
    assert digest(other) == digest(change(table()))


def test_attributes_of_a_frame_count() -> None:
    """``attrs`` are part of the content."""
    frame = table()
    before = digest(frame)
    frame.attrs["source"] = "x"
    assert digest(frame) != before


def test_the_frequency_of_an_index_counts() -> None:
    """An index of dates with a frequency is another than one without."""
    dates = pd.date_range("2020", periods=3, freq="D")
    assert digest(dates) != digest(pd.DatetimeIndex(list(dates)))


def test_blocks_and_chunks_do_not_count() -> None:
    """How pandas and pyarrow lay a table out in memory is no content."""
    frame = table()
    apart = pd.DataFrame({name: frame[name].copy() for name in frame})
    joined = pd.concat([frame.iloc[:7], frame.iloc[7:]])
    assert digest(frame) == digest(apart) == digest(joined)
    whole = pa.chunked_array([["a", None, "ccc", ""]])
    parts = pa.chunked_array([["a", None], ["ccc"], pa.array(["zz", ""])[1:]])
    assert digest(whole) == digest(parts) != digest(pa.chunked_array([["a", "", "ccc", ""]]))
    numbers = pa.chunked_array([[1, None, 3]])
    assert digest(numbers) == digest(pa.chunked_array([[1, None], [3]]))


@pytest.mark.parametrize(
    "statement",
    [
        "f.loc[5, 'a'] = 9",
        "f.iloc[5, 1] = 9",
        "f['a'] += 1",
        "f.at[3, 'i'] = 7",
        "f.iat[3, 2] = 8",
        "f['s'] = f['s'].str.upper()",
        "f.loc[3, 's'] = 'q'",
        "f.loc[0, 'c'] = 'v'",
        "f.loc[0, 'n'] = 5",
        "f.loc[0, 't'] = pd.Timestamp('1999')",
        "f['a'] = f['a'].mask(f['a'] > 3)",
        "f.fillna({'a': 0, 'n': 7}, inplace=True)",
        "f.update(pd.DataFrame({'a': [77.0]}, index=[4]))",
        "f.eval('a = b * 2 + 1', inplace=True)",
        "f.sort_values('i', ascending=False, inplace=True)",
        "f.insert(0, 'new', 1.0)",
        "f.iloc[2] = f.iloc[3]",
        "f.index = f.index + 1",
        "f.columns = list('qwertyu')",
    ],
)
def test_columns_that_are_known_again_are_unchanged(statement: str) -> None:
    """After each way to write into a frame its digest is what looking at all of it gives."""
    frame = table()
    before = digest(frame)
    assert id(frame) in frames._HELD
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(statement, {"f": frame, "pd": pd})  # noqa: S102  (the test's own statement)
    after = digest(frame)
    assert after == afresh(frame)
    assert after != before


def test_a_frame_that_is_gone_is_let_go() -> None:
    """No frame is kept alive, and nothing is known of it, once the user has let it go."""
    frame = table()
    digest(frame)
    address = id(frame)
    del frame
    gc.collect()
    assert address not in frames._HELD


def test_views_reach_the_array_that_they_show() -> None:
    """A view and its array share an object; a copy and it do not."""
    base = np.zeros((4, 4))
    assert walk(base[1:].T)[1].reached == walk(base)[1].reached
    assert walk(base.copy())[1].reached.isdisjoint(walk(base)[1].reached)


def test_arrays_are_their_values_type_and_shape() -> None:
    """Memory layout is no content; type, shape, mask and fields are."""
    base = np.arange(12).reshape(3, 4)
    assert (
        digest(base)
        == digest(np.asfortranarray(base))
        == digest(np.arange(24)[::2].reshape(3, 4) // 2)
    )
    distinct = [
        base,
        base.T,
        base.astype("i4"),
        base.astype(object),
        np.ma.masked_array(base, base > 3),
        np.rec.fromarrays([base[0]], names="q"),
        base.astype("M8[s]"),
        base.view(np.matrix),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert len({digest(array) for array in distinct}) == len(distinct)
    assert digest(np.float64(1)) != digest(1.0)


def test_large_arrays_are_sampled_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large buffer pieces are looked at, first and last among them, in bounded time."""
    monkeypatch.setattr(arrays, "WHOLE_BYTES", 1000)
    monkeypatch.setattr(arrays, "PIECE_BYTES", 64)
    values = np.zeros(100_000)
    before, walked = walk(values)
    assert walked.sampled
    values[-1] = 1
    assert digest(values) != before
    values[-1], values[0] = 0, 1
    assert digest(values) != before


def test_estimators_are_what_they_have_learnt() -> None:
    """Fitting changes an estimator, predicting does not, and equal fits are equal."""
    x = np.random.default_rng(0).random((60, 3))
    y = x[:, 0] > 0.5
    model = RandomForestClassifier(5, random_state=0)
    unfitted = digest(model)
    fitted = digest(model.fit(x, y))
    model.predict(x)
    assert fitted == digest(model) != unfitted
    assert fitted == digest(RandomForestClassifier(5, random_state=0).fit(x, y))
    assert fitted != digest(RandomForestClassifier(5, random_state=1).fit(x, y))
    assert digest(LinearRegression()) != digest(LinearRegression(positive=True))


def test_generators_are_their_state_and_the_global_one_is_not() -> None:
    """A draw changes a generator; numpy's global one belongs to everybody and is left out."""
    for generator in (np.random.default_rng(1), np.random.RandomState(1)):
        before = digest(generator)
        generator.uniform()
        assert digest(generator) != before
    stream = np.random.mtrand._rand  # type: ignore[attr-defined]
    before = digest({"state": stream})
    np.random.random()  # noqa: NPY002  (the stream that is meant)
    assert digest({"state": stream}) == before


def test_asking_a_group_by_for_something_is_no_change() -> None:
    """A group-by is what it groups and how; what it has computed is a cache."""
    frame = table()
    grouped = frame.groupby("c", observed=True)
    before = digest(grouped)
    grouped["a"].mean()
    assert grouped.ngroups == 2
    assert digest(grouped) == before != digest(frame.groupby("s"))


def test_a_figure_is_opaque_and_its_axes_go_with_it() -> None:
    """A figure's content cannot be told; an axes shares an object with its figure."""
    figure = Figure()
    axes = figure.subplots()
    found, walked = walk(axes)
    assert found is None
    assert walked.reached == walk(figure)[1].reached


def test_digests_are_those_of_the_scheme() -> None:
    """Recordings are read by later versions: who changes a digest raises the scheme's number."""
    plain = [1, 2.5, "text", b"bytes", None, (True, -1), {"a": [1, 2]}, {"b", "a"}, range(3)]
    array = np.arange(6, dtype="int64").reshape(2, 3)
    values = [plain, Counter("abca"), array, np.float32(0.5), pd.DataFrame({"a": array[0]})]
    assert (SCHEME, [digest(value)[:8] for value in values]) == (
        1,
        ["070f614e", "5888808f", "55015394", "f75af104", "150d4ed2"],
    )


def test_a_tree_is_what_it_was_made_of() -> None:
    """Its nodes hold addresses, which a copy has others of."""
    tree = spatial.KDTree(np.arange(12.0).reshape(6, 2))
    assert digest(tree) == digest(pickle.loads(pickle.dumps(tree)))
    assert digest(tree) != digest(spatial.KDTree(np.arange(12.0).reshape(6, 2) + 1))


def test_a_distribution_draws_from_the_global_stream_again() -> None:
    """What is read has a copy of the stream: one line makes it draw from the stream itself."""
    normal, seeded = stats.norm(0, 1), stats.norm(0, 1)
    seeded.random_state = 3
    for value, lines in ((normal, ["it.random_state = None"]), (seeded, [])):
        back = {"it": pickle.loads(pickle.dumps(value))}
        assert repairs(["it"], {"it": value}, back) == lines
        for line in lines:
            exec(line, back)  # noqa: S102  (a line of ours)
        assert digest(back["it"]) == digest(value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: GradientBoostingClassifier(n_estimators=2),
        lambda: MLPClassifier((2,), max_iter=2),
        GaussianProcessClassifier,
        lambda: VotingClassifier([("bayes", GaussianNB())]),
        lambda: RandomForestClassifier(2),
    ],
    ids=["boosting", "network", "process", "voting", "forest"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_model_that_nobody_seeded_is_read_as_it_was_written(
    make: Callable[[], Any], tmp_path: Path
) -> None:
    """Though it holds the global stream, or records with gaps between their fields."""
    rows = np.random.default_rng(0).normal(size=(30, 2))
    target = rows[:, 0] > 0
    model = make().fit(rows, target)
    before = digest(model)
    joblib.dump(model, tmp_path / "model")
    assert digest(joblib.load(tmp_path / "model")) == before
    model.predict(rows)
    assert digest(model) == before
    model.fit(rows + 1, rows[:, 1] > 0)
    assert digest(model) != before


def test_a_stream_that_an_estimator_was_given_is_shared_with_whoever_gave_it() -> None:
    """Its state counts where it is a parameter, and its other holders are told of it."""
    stream = np.random.RandomState(0)
    model = MLPClassifier(random_state=stream)
    before = digest(model)
    assert id(stream) in walk(model)[1].reached
    stream.rand()
    assert digest(model) != before


@pytest.mark.parametrize(
    ("module", "draws"),
    [("statsmodels.base.model", False), ("of_any.library", False), ("__main__", True)],
)
def test_a_distribution_inside_of_a_librarys_object_draws_nothing(
    module: str, *, draws: bool
) -> None:
    """Its stream counts by itself, and in objects of the user's; the stand-ins hold one."""

    class Results:
        def __init__(self, distribution: object) -> None:
            self.test = {"distribution": distribution}

    Results.__module__ = module
    normal = stats.norm(0, 1)
    copied = pickle.loads(pickle.dumps(normal))
    assert (digest(Results(normal)) != digest(Results(copied))) is draws
    assert digest(normal) != digest(copied)
    assert digest([normal]) != digest([copied])
    assert digest(Results(normal)) != digest(Results(stats.norm(0, 2)))


def test_data_sets_and_polynomials_are_read_as_they_were_written() -> None:
    """What pickling adds or leaves out beside their content is none."""
    for value in (load_iris(), np.polynomial.Polynomial([1, 2])):
        assert digest(value) == digest(pickle.loads(pickle.dumps(value)))
    iris = load_iris()
    before = digest(iris)
    iris["more"] = 1
    assert digest(iris) != before
    assert digest(np.polynomial.Polynomial([1, 2])) != digest(np.polynomial.Polynomial([1, 3]))


def test_what_lies_between_the_fields_of_records_is_no_content() -> None:
    """It is whatever was in memory."""
    kind = np.dtype([("small", "u1"), ("large", "f8")], align=True)
    records = np.zeros(3, kind)
    before = digest(records)
    records.view("u1").reshape(3, -1)[:, 1:8] = 7
    assert digest(records) == before
    records["small"][1] = 7
    assert digest(records) != before
