"""The ledger keeps what was published, whatever happens to its file; at worst it knows nothing."""

from __future__ import annotations

import sqlite3
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbrefine.errors import LedgerError
from nbrefine.pipeline import ledger as ledger_module
from nbrefine.pipeline.ledger import Ledger
from nbrefine.pipeline.ledger_rows import Made, Published, Run
from nbrefine.pipeline.observed import Observed
from nbrefine.pipeline.own_folder import FOLDER


def row(step: str = "load", key: str = "k", content: str = "c") -> Published:
    return Published(
        step=step,
        key=key,
        static={"code": "1", "param:ä": '"ü"'},
        seen={"file:raw.csv": "2"},
        source="s",
        products={"data": Made("out/a.csv", "d", content)},
        observed=Observed(read=("raw.csv",), folders=("raw",), network=True),
        run="r",
        finished=12.5,
        seconds=1.5,
        memory=7,
        how="restored",
        sources={"a.ipynb": "x"},
        declared={"kind": "notebook", "params": {"n": [1, None]}},
    )


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    """All of a row, in a process of its own later."""
    with Ledger(tmp_path) as ledger:
        ledger.publish(row())
        ledger.begin(Run("r", 3.5, {"host": "h", "clean": True}))
    with Ledger(tmp_path) as ledger:
        found = ledger.last("load")
        assert found is not None
        assert found.id == 1
        assert vars(found) == vars(row()) | {"id": 1}
        assert ledger.run("r") == Run("r", 3.5, {"host": "h", "clean": True})
        assert ledger.run("other") is None


def test_the_last_row_counts_and_earlier_ones_are_kept(tmp_path: Path) -> None:
    """Newest first."""
    with Ledger(tmp_path) as ledger:
        for key in ("1", "2", "3"):
            ledger.publish(row(key=key))
        ledger.publish(row("fit", "4"))
        assert [each.key for each in ledger.history("load")] == ["3", "2", "1"]
        assert {name: each.key for name, each in ledger.steps().items()} == {
            "load": "3",
            "fit": "4",
        }
        ledger.forget("load")
        assert ledger.last("load") is None
        assert [*ledger.steps()] == ["fit"]


def test_looking_makes_nothing(tmp_path: Path) -> None:
    """A project that was never built gets no folder by being asked about."""
    with Ledger(tmp_path) as ledger:
        assert ledger.last("load") is None
        assert ledger.steps() == {}
    assert not (tmp_path / FOLDER).exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger's file, with the keys 0 to 19."""
    with Ledger(tmp_path_factory.mktemp("ledger")) as ledger:
        for number in range(20):
            ledger.publish(row(key=str(number)))
    return ledger.file


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    place=st.floats(0, 1, exclude_max=True),
    noise=st.none() | st.binary(min_size=1, max_size=5000),
)
def test_a_damaged_ledger_costs_a_rebuild_at_most(
    tmp_path_factory: pytest.TempPathFactory, whole: Path, place: float, noise: bytes | None
) -> None:
    """Bytes cut off or overwritten: nothing is raised, and no row is made up."""
    damaged = bytearray(whole.read_bytes())
    start = int(place * len(damaged))
    if noise is None:
        del damaged[start:]
    else:
        damaged[start : start + len(noise)] = noise
    root = tmp_path_factory.mktemp("ledger")
    (root / FOLDER).mkdir()
    (root / FOLDER / "ledger.db").write_bytes(damaged)
    with Ledger(root) as ledger:
        found = ledger.last("load")
        assert found is None or found.key in map(str, range(20))
        ledger.publish(row(key="new"))
        last = ledger.last("load")
        assert last is not None
        assert last.key == "new"


@pytest.mark.parametrize("damage", ["{", "[]", '{"step": "load"}', "null", '{"products": 3}'])
def test_a_damaged_row_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    """The database is whole, but what it holds makes no sense."""
    with Ledger(tmp_path) as ledger:
        ledger.publish(row())
    with sqlite3.connect(ledger.file) as connection:
        connection.execute("UPDATE published SET data = ?", (damage,))
    connection.close()
    with Ledger(tmp_path) as ledger:
        assert ledger.last("load") is None
        assert "a row of it is damaged" in ledger.damage


def test_damage_is_said_and_the_file_moved_aside(tmp_path: Path) -> None:
    """Nothing is deleted: somebody may want to look at it."""
    file = tmp_path / FOLDER / "ledger.db"
    file.parent.mkdir()
    file.write_bytes(b"no database" * 100)
    with Ledger(tmp_path) as ledger:
        assert ledger.last("load") is None
        assert "cannot be read: file is not a database" in ledger.damage
        ledger.publish(row())
    assert [*file.parent.glob("ledger.db.damaged-*")]


def test_a_ledger_of_another_version_is_not_misread(tmp_path: Path) -> None:
    """It is moved aside as a damaged one is."""
    with Ledger(tmp_path) as ledger:
        ledger.publish(row())
        file = ledger.file
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with Ledger(tmp_path) as ledger:
        assert ledger.last("load") is None
        assert "it has version 99" in ledger.damage


def _publish_some(root: Path, worker: int) -> None:
    with Ledger(root) as ledger:
        for number in range(15):
            ledger.publish(row(f"step{worker}", str(number)))


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    """Each row of each is there afterwards."""
    with ProcessPoolExecutor(2) as pool:
        [*pool.map(_publish_some, [tmp_path] * 2, range(2))]
    with Ledger(tmp_path) as ledger:
        for worker in range(2):
            assert len(ledger.history(f"step{worker}")) == 15


def test_who_is_kept_waiting_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process holds the ledger."""
    monkeypatch.setattr(ledger_module, "_WAIT", 0.05)
    with Ledger(tmp_path) as ledger:
        ledger.publish(row())
        other = sqlite3.connect(ledger.file)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerError, match="Another process has been writing"):
            ledger.publish(row())
        other.close()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from nbrefine.pipeline.ledger import Ledger
from nbrefine.errors import LedgerError
from tests.unit.pipeline.test_ledger import row
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Ledger(Path({root!r})) as ledger:
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    for number in range(1000):
        try:
            ledger.publish(row(key="full" + str(number)))
        except LedgerError as error:
            print(number, error, error.hint)
            break
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits are of POSIX")
def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    """The row that did not fit is not there; all before it are."""
    import subprocess  # noqa: PLC0415

    with Ledger(tmp_path) as ledger:
        ledger.publish(row(key="before"))
    tests = str(Path(__file__).parents[3])
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK.format(tests=tests, root=str(tmp_path))],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert "cannot be written" in done.stdout
    assert "Free some space" in done.stdout
    written = int(done.stdout.split(" ", 1)[0])
    with Ledger(tmp_path) as ledger:
        keys = [each.key for each in ledger.history("load", limit=10_000)]
    assert keys == [*(f"full{number}" for number in reversed(range(written))), "before"]


def test_a_ledger_that_cannot_be_written_to_can_be_read(tmp_path: Path) -> None:
    """A read-only disk: what is on it is known, and a build says what is wrong."""
    with Ledger(tmp_path) as ledger:
        ledger.publish(row())
    folder = tmp_path / FOLDER
    (folder / "ledger.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        with Ledger(tmp_path) as ledger:
            found = ledger.last("load")
            assert found is not None
            assert found.key == "k"
    finally:
        folder.chmod(0o755)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file is in its place."""
    (tmp_path / FOLDER).write_text("")
    with Ledger(tmp_path) as ledger, pytest.raises(LedgerError, match="cannot be written"):
        ledger.publish(row())


def test_git_does_not_see_it(tmp_path: Path) -> None:
    """A project is not changed by being built."""
    with Ledger(tmp_path) as ledger:
        ledger.publish(row())
    assert (tmp_path / FOLDER / ".gitignore").read_text() == "*\n"


def test_source_texts_are_kept_once_and_never_given_out_changed(tmp_path: Path) -> None:
    """A text that was tampered with is as good as gone."""
    ledger = Ledger(tmp_path)
    digest = ledger.keep(b"x = 1")
    assert ledger.keep(b"x = 1") == digest
    assert ledger.kept(digest) == b"x = 1"
    (file,) = (path for path in (tmp_path / FOLDER / "sources").rglob("*") if path.is_file())
    file.write_bytes(b"x = 2")
    assert ledger.kept(digest) is None
    assert ledger.kept("0" * 64) is None


@given(
    st.builds(
        Observed,
        read=st.lists(st.text()).map(tuple),
        environ=st.lists(st.text()).map(tuple),
        network=st.booleans(),
    )
)
def test_what_was_observed_comes_back(observed: Observed) -> None:
    """Also where a later version has written more."""
    assert Observed.from_json(observed.as_json()) == observed
    assert Observed.from_json(observed.as_json() | {"later": [1]}) == observed
