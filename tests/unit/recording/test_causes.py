"""Each cell that varies is named with the cause, as far as the code or the runs tell it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from nbrefine.notebook.document import Cell
from nbrefine.recording.facts import CellRecord, ValueFacts
from nbrefine.recording.hints import find_hints
from nbrefine.recording.varying import random_use, varying_cells


def causes(
    *cells: tuple[str, str], draws: Sequence[int] = (), same: Sequence[str] = ()
) -> dict[int, str]:
    """Say why cells vary.

    Each is given by its source, and by what it shows: something else in each run if that ends in
    a question mark. All names that it assigns end with another value in each run, except `same`.
    """
    known = [Cell("code", source, index=number) for number, (source, _) in enumerate(cells)]
    hints = find_hints(known)
    records, runs, names = [], [[], [], []], {}  # type: ignore[var-annotated]
    for origin, (source, shows) in enumerate(cells):
        bound = frozenset(part.split(" = ")[0] for part in source.split("\n") if " = " in part)
        names |= dict.fromkeys(bound, 0)
        for number, run in enumerate(runs):
            text = shows.replace("?", str(number))
            run.append(({"output_type": "stream", "name": "stdout", "text": text},))
        drawn = origin in draws
        use = {"numpy": "draw"} if drawn else {}
        records.append(
            CellRecord(origin, runs[0][-1], bound=bound, random=use, random_unseeded=drawn)
        )
    ends = [
        {name: ValueFacts("int", "d" if name in same else f"d{run}", 8) for name in names}
        for run in range(3)
    ]
    return varying_cells(records, runs[1:], [1, 0], hints, ends)


THREADS = "It works in several threads or processes, and which ends first is chance"
STREAM = "It draws from numpy's random stream, which nobody has seeded"


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("np.random.rand()", f"{STREAM}."),
        ("train_test_split(X)", f"{STREAM}: `train_test_split` has no `random_state`."),
        (
            "RandomForestClassifier().fit(X, y)",
            f"{STREAM}: `RandomForestClassifier` has no `random_state`.",
        ),
        ("sns.barplot(x=x)", f"{STREAM}: `sns.barplot` has no seed."),
        ("train_test_split(X, random_state=0)", f"{STREAM}."),
    ],
)
def test_a_draw_is_named_with_what_lacks_a_seed(source: str, cause: str) -> None:
    """Where the call could have been given one."""
    assert causes((source, ""), draws=[0]) == {0: cause}


def test_a_stream_that_the_cell_seeds_is_not_blamed() -> None:
    """Only the one that nobody seeded."""
    use = {"numpy": "seed", "random": "draw"}
    record = CellRecord(0, random=use, random_unseeded=True)
    said = "It draws from Python's random stream, which nobody has seeded."
    assert varying_cells([record], []) == {0: said}


def test_a_model_that_was_made_above_is_named_where_it_is_fitted() -> None:
    """With the cell in which the seed is missing; a function that draws likewise."""
    made = ("model = KMeans(3)", "")
    said = {1: f"{STREAM}: `KMeans` in cell 1 has no `random_state`."}
    assert causes(made, ("model.fit(X)", ""), draws=[1]) == said
    split = ("def split(X):\n    return train_test_split(X)", "")
    said = {2: f"{STREAM}: `train_test_split` in cell 1 has no `random_state`."}
    assert causes(split, ("other = 1", ""), ("split(X)", ""), draws=[2]) == said


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("print(time.time())", "It asks the clock (`time.time`)."),
        ("import uuid\nprint(uuid.uuid4())", "It makes a new identifier (`uuid4`)."),
        ("requests.get('https://a.org')", "It asks the network (`requests.get`)."),
        ("!date", "It runs another program, which answers something else each time."),
        ("print(np.empty(3))", "It shows memory that nothing was written to (`np.empty`)."),
        (
            "with ThreadPoolExecutor() as pool:\n    pool.map(print, x)",
            f"{THREADS} (`ThreadPoolExecutor`).",
        ),
        ("print(x)", "It shows something else in each run."),
    ],
)
def test_what_else_varies_is_told_by_the_code(source: str, cause: str) -> None:
    """Where the runs have shown that the cell varies, and only there."""
    assert causes((source, "?")) == {0: cause}
    assert causes((source, "")) == {}


def test_who_uses_what_varies_is_told_since_when() -> None:
    """Through cells that show nothing; names that end the same in all runs lead nowhere."""
    cells = [
        ("a = train_test_split(X)\nsize = len(a)", ""),
        ("c = a + 1", ""),
        ("print(c)", "?"),
        ("print(size)", "?"),
        ("c = 1", ""),
        ("print(c)", "?"),
    ]
    found = causes(*cells, draws=[0], same=["size"])
    assert found[2] == "It uses `c`, which varies because of cell 1."
    assert found[3] == found[5] == "It shows something else in each run."
    assert set(found) == {0, 2, 3, 5}


def test_what_was_fetched_above_is_not_why_a_cell_varies() -> None:
    """A function that fetches is; what varies comes before the functions of other cells."""
    split = ("train = train_test_split(df)", "")
    fetched = ("df = pd.read_csv('https://a.org/b.csv')", "")
    assert causes(fetched, split, ("print(df, train)", "?"), draws=[1])[2] == (
        "It uses `train`, which varies because of cell 2."
    )
    assert causes(fetched, ("print(df)", "?")) == {1: "It shows something else in each run."}
    define = ("def load():\n    return requests.get('https://a.org')", "")
    assert causes(define, ("load()", "?")) == {1: "It asks the network (`requests.get`)."}
    assert causes(("start = time.time()", ""), ("print(start)", "?")) == {
        1: "It asks the clock (`time.time`)."
    }


@pytest.mark.parametrize("source", ["x = = 1", "%%bash\nls", "x = '\0'", ""])
def test_what_is_no_python_gives_no_hints(source: str) -> None:
    """Nor does it stop a recording."""
    (hints,) = find_hints([Cell("code", source, index=4)])
    assert (hints.number, hints.imports) == (5, False)


def test_what_a_library_draws_while_it_is_imported_is_no_draw() -> None:
    """It names things by that, and nothing of the notebook's hangs on it."""
    before, after = {"numpy": "s"}, {"numpy": "t"}
    here = {"streams_before": before, "streams": after, "imports": ["lib"]}
    there = {"streams_before": {"numpy": "u"}, "streams": {"numpy": "v"}}
    assert find_hints([Cell("code", "import lib\nfrom lib import f", index=0)])[0].imports
    assert not find_hints([Cell("code", "import lib\nlib.f()", index=0)])[0].imports
    assert random_use("import lib", here, there, imports=True) == ({"numpy": "draw"}, False)
    assert random_use("import lib\nlib.f()", here, there) == ({"numpy": "draw"}, True)


@pytest.mark.parametrize(
    ("source", "draws"),
    [
        ("import lib\nnp.random.seed(3)", False),
        ("import lib\nX = make(n_samples=3, random_state=0)\ndf.sample(2)", False),
        ("from numpy.random import default_rng\nrng = default_rng(0)", False),
        ("import lib, random\nx = random.random()", True),
        ("from random import shuffle\nimport lib\nshuffle(x)", True),
        ("import lib\nfrom random import *\nx = randint(1, 2)", True),
    ],
)
def test_only_who_speaks_of_pythons_stream_draws_from_it_beside_an_import(
    source: str, *, draws: bool
) -> None:
    """Libraries draw from it while they are imported, to name things; numpy's is another."""
    here = {"streams_before": {"random": "s"}, "streams": {"random": "t"}, "imports": ["lib"]}
    there = {"streams_before": {"random": "u"}, "streams": {"random": "v"}}
    assert random_use(source, here, there)[1] is draws
