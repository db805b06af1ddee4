"""Digests are remembered only for as long as that cannot lie."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nbrefine.files.digest import DigestCache, digest_file

HOUR = 3600 * 10**9


class Counted:
    """Counts how often a file is read."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, path: Path) -> str:
        self.calls += 1
        return digest_file(path)


def cache_at(path: Path, later: int, file: Path | None = None) -> DigestCache:
    """Return a cache whose clock stands so many nanoseconds after the file's last change."""
    stat = path.stat()
    now = max(stat.st_mtime_ns, stat.st_ctime_ns) + later
    return DigestCache(file, clock=lambda: now)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("a")
    return path


def test_a_file_that_stays_is_read_once(data: Path) -> None:
    """An hour after its last change its identity can be trusted."""
    cache, read = cache_at(data, HOUR), Counted()
    assert cache.digest(data, "bytes", read) == cache.digest(data, "bytes", read)
    assert read.calls == 1
    cache.digest(data, "content", read)
    assert read.calls == 2


def test_a_file_that_has_just_changed_is_read_again(data: Path) -> None:
    """A second write within the file system's resolution would not show."""
    cache, read = cache_at(data, 10**6), Counted()
    cache.digest(data, "bytes", read)
    cache.digest(data, "bytes", read)
    assert read.calls == 2


def test_whole_seconds_are_trusted_later(data: Path) -> None:
    """A file system that stamps whole seconds may show two writes as one."""
    os.utime(data, ns=(0, 10 * 10**9))
    stat = data.stat()
    assert stat.st_mtime_ns % 10**9 == 0
    cache, read = DigestCache(None, clock=lambda: stat.st_ctime_ns + 10**9), Counted()
    cache.digest(data, "bytes", read)
    cache.digest(data, "bytes", read)
    assert read.calls == 2


@pytest.mark.parametrize("keep_times", [False, True])
def test_a_new_content_of_the_same_size_is_seen(data: Path, keep_times: bool) -> None:  # noqa: FBT001
    """Also where a program sets the time of the last change back."""
    cache = cache_at(data, HOUR)
    before = cache.digest(data)
    times = data.stat()
    data.write_text("b")
    if keep_times:
        os.utime(data, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert cache.digest(data) != before


def test_another_file_of_the_same_size_and_time_is_seen(data: Path) -> None:
    """One that was moved over it is another inode."""
    cache = cache_at(data, HOUR)
    before = cache.digest(data)
    other = data.with_name("other")
    other.write_text("b")
    os.utime(other, ns=(data.stat().st_atime_ns, data.stat().st_mtime_ns))
    other.replace(data)
    assert cache.digest(data) != before


def test_a_clock_that_was_set_back_remembers_nothing(data: Path) -> None:
    """A file from the future may change without its time moving on."""
    cache, read = cache_at(data, -HOUR), Counted()
    cache.digest(data, "bytes", read)
    cache.digest(data, "bytes", read)
    assert read.calls == 2


def test_what_was_learnt_is_there_for_the_next_process(data: Path) -> None:
    """And what two of them learnt is there for the third."""
    kept, other = data.with_name("digests.json"), data.with_name("other.csv")
    other.write_text("b")
    one, two = cache_at(data, HOUR, kept), cache_at(other, HOUR, kept)
    one.digest(data)
    two.digest(other)
    one.save()
    two.save()
    third, read = cache_at(other, HOUR, kept), Counted()
    assert third.digest(data, "bytes", read) == digest_file(data)
    assert third.digest(other, "bytes", read) == digest_file(other)
    assert read.calls == 0


@pytest.mark.parametrize("content", ["", "{", "[]", '{"bytes:x": 1}', '{"a": [[1], 2]}'])
def test_a_damaged_memory_is_none(data: Path, content: str) -> None:
    """Nothing is raised, and nothing of it counts."""
    kept = data.with_name("digests.json")
    kept.write_text(content)
    assert cache_at(data, HOUR, kept).digest(data) == digest_file(data)


def test_a_memory_that_cannot_be_written_is_done_without(data: Path) -> None:
    """A read-only disk costs a second reading."""
    folder = data.with_name("a file")
    folder.write_text("")
    cache = cache_at(data, HOUR, folder / "digests.json")
    cache.digest(data)
    cache.save()


def test_a_folder_is_its_files_and_their_names(tmp_path: Path) -> None:
    """It is looked through each time: its own times say nothing of its files."""
    folder = tmp_path / "parts"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "0").write_text("1")
    cache = cache_at(folder, HOUR)
    before = cache.digest(folder)
    (folder / "a" / "0").write_text("2")
    changed = cache.digest(folder)
    (folder / "a" / "0").rename(folder / "a" / "1")
    assert len({before, changed, cache.digest(folder)}) == 3


def test_a_file_that_is_being_written_to_is_not_remembered(data: Path) -> None:
    """What was read may be half of it."""

    def write_while_reading(path: Path) -> str:
        found = digest_file(path)
        path.write_text(path.read_text() + "x")
        return found

    cache = cache_at(data, HOUR)
    cache.digest(data, "bytes", write_while_reading)
    assert cache.digest(data) == digest_file(data)
