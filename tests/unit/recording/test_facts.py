from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nbrefine.kernels.session import CellError, CellRun
from nbrefine.observer.walk import SCHEME
from nbrefine.recording.causes import FOLLOWS_HASH
from nbrefine.recording.facts import (
    CellRecord,
    Failure,
    PythonFacts,
    Recording,
    ValueFacts,
    WrittenFile,
)
from nbrefine.recording.failure import failure_of
from nbrefine.recording.store import from_json, read_recording, to_json, write_recording
from nbrefine.recording.varying import random_use, varying_cells

VALUE = ValueFacts("pandas.DataFrame", "d1", 10, (2, 3), "DataFrame 2 x 3", sampled=True)
RECORDING = Recording(
    cells=(
        CellRecord(
            0,
            outputs=({"output_type": "stream", "name": "stdout", "text": "é\n"},),
            seconds=1.5,
            bound=frozenset({"b", "a"}),
            values={"a": VALUE},
            aliases=(frozenset({"a", "b"}),),
            files_read=("/x",),
            random={"numpy": "draw"},
            library={"os.environ": ("A",)},
        ),
    ),
    final={"a": VALUE, "g": ValueFacts("builtins.generator", None, 0, opaque="generator")},
    python=PythonFacts("/python", "3.11.9", {"pandas": "3.1.1"}, {"pandas": "pandas"}),
    reruns=((({"output_type": "stream"},),),),
    rerun_finals=({"a": VALUE},),
    failed=Failure(0, 3, "ValueError", "no", ("line",)),
    observed_seconds=2.0,
    plain_seconds=1.0,
    varying=frozenset({0}),
    causes={0: "why"},
    unseen=frozenset({"z"}),
    files={"/y": WrittenFile("s", 3, "0.csv")},
)


def test_a_recording_survives_its_file(tmp_path: Path) -> None:
    """What is read is what was written, to the type; the same recording gives the same bytes."""
    path, again = tmp_path / "a.json", tmp_path / "b.json"
    write_recording(RECORDING, path)
    write_recording(read_recording(path), again)
    assert read_recording(path) == RECORDING
    assert path.read_bytes() == again.read_bytes()


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """A recording of another version, or something else, is not taken for one."""
    document = to_json(RECORDING)
    with pytest.raises(ValueError, match="format"):
        from_json({**document, "format": 0})
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"format": document["format"], "digests": document["digests"]}))
    with pytest.raises(ValueError, match="not a recording"):
        read_recording(path)


def test_digests_made_in_another_way_are_not_compared() -> None:
    """A recording says how its digests were made; without that, or with another way, no proof."""
    document = to_json(RECORDING)
    with pytest.raises(ValueError, match="digested in another way"):
        from_json({**document, "digests": SCHEME + 1})
    del document["digests"]
    with pytest.raises(ValueError, match="digested in another way"):
        from_json(document)


@pytest.mark.parametrize(
    ("traceback", "line"),
    [
        (["ValueError  Traceback", "Cell In[3], line 7, in f()\n 7 x", "File m.py:90\n"], 7),
        (["\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line 2\x1b[39m"], 2),
        (["Cell In [3], line 4"], 4),
        (["Input In [3], in <cell line: 5>()\n      4 y\n----> 5 x"], 5),
        (["<ipython-input-3-ab12> in <module>\n      1 a\n----> 2 b\n"], 2),
        (["Cell In[2], line 9, in g()", "Cell In[3], line 1"], 1),
        (["no place"], None),
    ],
)
def test_the_line_of_a_failure_is_the_cells_own(traceback: list[str], line: int | None) -> None:
    """In every way in which IPython writes it, not a line of a cell or module below."""
    run = CellRun((), CellError("ValueError", "\x1b[31mno\x1b[0m", tuple(traceback)), 0.1, 3)
    failure = failure_of(5, run)
    assert (failure.origin, failure.line, failure.evalue) == (5, line, "no")
    assert not any("\x1b" in text for text in failure.traceback)


def moved(before: str, after: str) -> dict[str, Any]:
    return {"streams_before": {"numpy": before}, "streams": {"numpy": after}}


@pytest.mark.parametrize(
    ("source", "here", "there", "expected"),
    [
        ("x", moved("s", "s"), moved("t", "t"), ({}, False)),
        ("rand()", moved("s", "s2"), moved("t", "t2"), ({"numpy": "draw"}, True)),
        ("rand()", moved("k", "k2"), moved("k", "k2"), ({"numpy": "draw"}, False)),
        ("seed(0)", moved("s", "k"), moved("t", "k"), ({"numpy": "seed"}, False)),
        ("seed(0)", moved("k", "j"), moved("k", "j"), ({"numpy": "both"}, False)),
        ("rand()", moved("s", "s2"), None, ({"numpy": "draw"}, True)),
    ],
)
def test_a_stream_is_seeded_where_two_runs_agree_on_its_state(
    source: str, here: dict[str, Any], there: dict[str, Any] | None, expected: object
) -> None:
    """Whoever seeded it, and however: an unseeded stream stands elsewhere in each process."""
    assert random_use(source, here, there) == expected


def shows(text: str) -> tuple[dict[str, Any], ...]:
    return ({"output_type": "stream", "name": "stdout", "text": text},)


@pytest.mark.parametrize(
    ("observed", "plain", "cause"),
    [
        ("a", ["a", "a"], None),
        ("a", ["b", "c"], "It shows something else in each run."),
        ("a", ["b", "a"], "It shows something else in each run."),
        ("a", ["b", "b"], "It shows something else when it is observed."),
        ("at 10:11:12", ["at 10:11:13", "at 10:11:14"], "It shows the time of day."),
    ],
)
def test_cells_vary_for_a_reason(observed: str, plain: list[str], cause: str | None) -> None:
    """What differs between runs is named with what is known of the cause."""
    records = [CellRecord(0, outputs=shows(observed))]
    causes = varying_cells(records, [[shows(text)] for text in plain])
    assert causes == ({} if cause is None else {0: cause})


def test_what_follows_the_hash_seed_says_so() -> None:
    """Runs agree with the observed one just where they have its seed, which is 0."""
    records = [CellRecord(0, outputs=shows("ab"))]

    def causes(*plain: str, seeds: list[int]) -> dict[int, str]:
        return varying_cells(records, [[shows(text)] for text in plain], seeds)

    assert causes("ba", "ab", seeds=[1, 0]) == {0: FOLLOWS_HASH}
    assert causes("ba", seeds=[1]) != {0: FOLLOWS_HASH}
    assert causes("ba", "aa", seeds=[1, 0]) != {0: FOLLOWS_HASH}
    assert causes("ab", "ab", seeds=[1, 0]) == {}


def test_luck_is_no_excuse() -> None:
    """A cell that draws what nobody seeded varies, even if all runs showed the same."""
    record = CellRecord(0, outputs=shows("a"), random={"numpy": "draw"}, random_unseeded=True)
    assert varying_cells([record], [[shows("a")]]) == {
        0: "It draws from numpy's random stream, which nobody has seeded."
    }
