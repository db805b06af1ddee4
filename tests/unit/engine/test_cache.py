"""The cache gives back what was put in, or nothing."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbrefine.engine.cache import Cache
from nbrefine.pipeline.fingerprint import Fingerprint
from nbrefine.pipeline.observed import Observed


class Named(Fingerprint):
    """A fingerprint whose key is chosen."""

    def __init__(self, key: str) -> None:
        super().__init__({})
        self.__dict__["key"] = key


def put(folder: Path, key: str, content: bytes, most: int = 10**9) -> Cache:
    cache = Cache(folder / "cache", most)
    (folder / "product").write_bytes(content)
    files = {"build/product": folder / "product"}
    cache.put(Named(key), files, Observed(), {"seconds": 1})
    return cache


def restore(cache: Cache, folder: Path, key: str) -> bytes | None:
    place = folder / "restored" / "product"
    return place.read_bytes() if cache.restore(key, {"build/product": place}) else None


@given(content=st.binary(max_size=200), key=st.from_regex(r"[0-9a-f]{4}", fullmatch=True))
def test_what_was_put_in_comes_back(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, key: str
) -> None:
    """Any content comes back by its key, byte for byte, and with its note."""
    folder = tmp_path_factory.mktemp("cache")
    cache = put(folder, key, content)
    assert restore(cache, folder, key) == content
    entry = cache.get(key)
    assert entry is not None
    assert entry.note == {"seconds": 1}


def test_an_unknown_key_restores_nothing(tmp_path: Path) -> None:
    """A fingerprint that never ran is a miss."""
    assert restore(put(tmp_path, "aa", b"x"), tmp_path, "bb") is None


@pytest.mark.parametrize("damage", [b"", b"y", b"xx"])
def test_a_damaged_blob_is_a_miss(tmp_path: Path, damage: bytes) -> None:
    """Content that is not what its name says is never given out, and is removed."""
    cache = put(tmp_path, "aa", b"x")
    blob = next((tmp_path / "cache" / "blobs").iterdir())
    blob.write_bytes(damage)
    assert restore(cache, tmp_path, "aa") is None
    assert not blob.exists()


def test_a_damaged_entry_is_a_miss(tmp_path: Path) -> None:
    """Half an entry is none."""
    cache = put(tmp_path, "aa", b"x")
    entry = next((tmp_path / "cache" / "entries").iterdir())
    entry.write_text(entry.read_text()[:10])
    assert restore(cache, tmp_path, "aa") is None


def test_other_products_than_those_kept_are_a_miss(tmp_path: Path) -> None:
    """A step that declares another product now is run, not restored in part."""
    cache = put(tmp_path, "aa", b"x")
    assert not cache.restore("aa", {"build/other": tmp_path / "other"})


def test_pruning_keeps_what_was_used_last(tmp_path: Path) -> None:
    """Of two entries only one fits; the one that was restored last stays."""
    put(tmp_path, "old", b"1" * 80)
    cache = put(tmp_path, "new", b"2" * 80, most=100)
    entries = tmp_path / "cache" / "entries"
    os.utime(entries / "new.json", (1, 1))
    for blob in (tmp_path / "cache" / "blobs").iterdir():
        os.utime(blob, (1, 1))
    assert restore(cache, tmp_path, "old") == b"1" * 80
    assert cache.prune() == 1
    assert restore(cache, tmp_path, "new") is None
    assert restore(cache, tmp_path, "old") == b"1" * 80
    assert len([*(tmp_path / "cache" / "blobs").iterdir()]) == 1


def _write_and_read(folder: Path, worker: int) -> list[bool]:
    own = folder / str(worker)
    own.mkdir()
    cache = Cache(folder / "cache", 5000)
    found = []
    for number in range(30):
        content = bytes([number % 7]) * 500
        (own / "product").write_bytes(content)
        cache.put(Named(f"k{number % 7}"), {"p": own / "product"}, Observed(), {})
        if number % 5 == 0:
            cache.prune()
        if cache.restore(f"k{number % 7}", {"p": own / "back"}):
            found.append((own / "back").read_bytes() == content)
    return found


def test_many_processes_share_a_cache(tmp_path: Path) -> None:
    """Processes that write, prune and restore at once never see anything but whole content."""
    with ProcessPoolExecutor(2) as pool:
        results = [*pool.map(_write_and_read, [tmp_path] * 4, range(4))]
    assert all(all(found) and found for found in results)


def test_what_a_run_used_is_found_by_what_is_known_before_it(tmp_path: Path) -> None:
    """A second machine learns from the static key which further inputs to look at."""
    fingerprint = Fingerprint({"code": "1"}, {"file:raw.csv": "2"})
    used = Observed(read=("raw.csv",), environ=("HOME",), network=True)
    cache = Cache(tmp_path / "cache")
    (tmp_path / "product").write_text("x")
    cache.put(fingerprint, {"p": tmp_path / "product"}, used, {})
    assert [*cache.observed(fingerprint.static_key)] == [used]
    assert [*cache.observed("other")] == []
    assert cache.has(fingerprint.key)
    assert not cache.has("other")
