"""The online store: versions, swaps, and what is said of a store that cannot be used."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pytest
from tests import shop

from nbrefine.errors import OnlineStoreError
from nbrefine.features.online import look_up
from nbrefine.features.pushing import push
from nbrefine.features.requests import canonical_requests
from nbrefine.features.sqlite_store import SqliteStore, pointer_of
from nbrefine.features.view import FeatureView


def city_of(view: FeatureView, store: SqliteStore) -> str:
    """Ask the store where the customer of an order lives."""
    order = canonical_requests(view, shop.orders(1).assign(customer="c0"))
    return str(look_up(view, order, store.snapshot()).frame["customer.city"].iloc[0])


def test_the_same_tables_are_the_same_version(view: FeatureView, tmp_path: Path) -> None:
    """A version is its content; to push it again is to say that it is still true."""
    first = push(view, shop.tables(), tmp_path)
    before = pointer_of(tmp_path)
    assert push(view, shop.tables(), tmp_path) == first
    assert pointer_of(tmp_path)["version"] == before["version"]
    assert pointer_of(tmp_path)["pushed_at"] > before["pushed_at"]


def test_a_new_version_is_seen_whole_by_the_next_who_asks(
    view: FeatureView, tmp_path: Path
) -> None:
    """Who holds the old one still reads it, whoever asks anew reads the new one."""
    tables = shop.tables()
    push(view, tables, tmp_path)
    store = SqliteStore(tmp_path, view)
    old = store.snapshot()
    assert city_of(view, store) == "Oslo"
    tables["customers"]["city"] = "Rome"
    new = push(view, tables, tmp_path)
    order = canonical_requests(view, shop.orders(1).assign(customer="c0"))
    assert look_up(view, order, old).frame["customer.city"].iloc[0] == "Oslo"
    assert city_of(view, store) == "Rome"
    assert store.snapshot().version == new.version != old.version


def test_each_thread_reads_by_itself(view: FeatureView, tmp_path: Path) -> None:
    """SQLite's connections belong to a thread; all threads get the same answers."""
    push(view, shop.tables(), tmp_path)
    store = SqliteStore(tmp_path, view)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(city_of(view, store))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["Oslo"] * 4


def test_what_is_missing_and_what_is_stale_are_told_apart(
    view: FeatureView, tmp_path: Path
) -> None:
    """A customer nobody knows is missing; stock that was counted long ago is stale."""
    push(view, shop.tables(), tmp_path)
    placed = shop.orders(3).assign(customer=["c1", "nobody", None])
    placed.loc[2, "asked_at"] = shop.START + shop.pd.Timedelta(days=900)
    snapshot = SqliteStore(tmp_path, view).snapshot()
    found = look_up(view, canonical_requests(view, placed), snapshot)
    assert found.missing["customer"].tolist() == [False, True, True]
    assert found.stale["stock"][2]
    assert "returns" not in found.missing


def test_a_changed_store_is_refused(view: FeatureView, tmp_path: Path) -> None:
    """A byte that changed since the push is noticed when the store is opened."""
    pushed = push(view, shop.tables(), tmp_path)
    file = tmp_path / "versions" / f"{pushed.version}.sqlite"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(OnlineStoreError, match="was changed since it was pushed"):
        SqliteStore(tmp_path, view)


def test_a_store_that_is_not_there(view: FeatureView, tmp_path: Path) -> None:
    """The hint says how to fill it."""
    with pytest.raises(OnlineStoreError, match="no online store") as raised:
        SqliteStore(tmp_path / "none", view)
    assert "nbrefine store push" in raised.value.hint


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 3, "pushed_at": "today"}'])
def test_a_pointer_that_says_nothing(view: FeatureView, tmp_path: Path, text: str) -> None:
    """A damaged pointer is told by its place."""
    push(view, shop.tables(), tmp_path)
    (tmp_path / "current.json").write_text(text)
    with pytest.raises(OnlineStoreError, match="which version") as raised:
        SqliteStore(tmp_path, view)
    assert "current.json" in str(raised.value.where)


def test_a_store_for_another_declaration(view: FeatureView, tmp_path: Path) -> None:
    """A column that the view has gained is named."""
    push(view, shop.tables(), tmp_path)
    first = dataclasses.replace(view.lookups[0], columns=("city", "street"))
    changed = dataclasses.replace(view, lookups=(first, *view.lookups[1:]))
    with pytest.raises(OnlineStoreError, match="columns 'street'"):
        SqliteStore(tmp_path, changed)


def test_a_file_of_another_push_may_go_meanwhile(view: FeatureView, tmp_path: Path) -> None:
    """It is renamed while this push looks for what is old; that is no reason to fail."""
    push(view, shop.tables(), tmp_path)
    gone = tmp_path / "versions" / ".push.other.sqlite"
    gone.symlink_to(tmp_path / "renamed")  # listed, and not there
    assert push(view, shop.tables(), tmp_path).version == pointer_of(tmp_path)["version"]


def test_old_versions_are_removed_when_they_are_old(view: FeatureView, tmp_path: Path) -> None:
    """The version before stays; the one before that goes, unless it was just written."""
    tables = shop.tables()
    versions = []
    for city in ("Rome", "Kiel", "Bern"):
        tables["customers"]["city"] = city
        versions.append(push(view, tables, tmp_path).version)
    first = tmp_path / "versions" / f"{versions[0]}.sqlite"
    assert first.exists()
    shop.age(first)
    push(view, tables, tmp_path)
    assert not first.exists()
    assert (tmp_path / "versions" / f"{versions[1]}.sqlite").exists()
