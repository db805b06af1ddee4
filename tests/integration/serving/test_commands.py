"""The commands around serving: what they say, and how they end when something is wrong."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests import shop

from nbrefine.cli import check, store
from nbrefine.errors import NbrefineError, OnlineStoreError
from nbrefine.features.tables import write_tables
from nbrefine.features.view import FeatureView

VIEW = "shop.feature_views"
PROJECT = str(shop.SRC.parent)


def serve(*arguments: object) -> tuple[int, str]:
    """Run ``nbrefine serve`` where it cannot start."""
    done = subprocess.run(
        [sys.executable, "-m", "nbrefine", "serve", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def products(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the shop's pipeline would make: tables, orders, labels."""
    folder = tmp_path_factory.mktemp("products of the shop")
    write_tables(shop.tables(), folder / "tables")
    placed = shop.orders(400)
    placed.to_parquet(folder / "orders.parquet")
    shop.returned(placed).to_frame("returned").to_parquet(folder / "labels.parquet")
    return folder


def invoke(command: object, *arguments: object) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(command, [*map(str, arguments)])  # type: ignore[arg-type]


def test_push_and_show(products: Path, tmp_path: Path, view: FeatureView) -> None:
    """What was pushed is told, and shown again."""
    arguments = ("push", products / "tables", "--view", VIEW, "--store", tmp_path, "-C", PROJECT)
    said = invoke(store.command, *arguments)
    assert said.exit_code == 0, said.output
    found = re.search(r"version (\w+), 3 tables, ([\d,]+) rows, known up to 2025-", said.output)
    assert found
    shown = json.loads(invoke(store.command, "show", tmp_path).output)
    assert shown["version"] == found[1]
    assert shown["view"] == view.module
    late = invoke(store.command, *arguments, "--since", "2025-04-01T00:00Z")
    assert sum(json.loads((tmp_path / "current.json").read_text())["rows"].values()) < sum(
        shown["rows"].values()
    )
    assert late.exit_code == 0


@pytest.mark.parametrize("since", ["yesterday", "2025-04-01"])
def test_since_must_be_an_instant(products: Path, tmp_path: Path, since: str) -> None:
    """A day without a time zone is no instant."""
    said = invoke(
        store.command,
        *("push", products / "tables", "--view", VIEW, "--store", tmp_path),
        *("--since", since, "-C", PROJECT),
    )
    assert isinstance(said.exception, NbrefineError)
    assert since in said.exception.message


def test_the_proofs_hold_for_the_shop(products: Path) -> None:
    """Each command says what it proved, and exits with 0."""
    common = ("--view", VIEW, "--requests", products / "orders.parquet", "-C", PROJECT)
    common = (*common, "--tables", products / "tables")
    said = invoke(check.command, "serving", *common, "--rows", 10)
    assert said.exit_code == 0, said.output
    assert "10 requests made one by one equal the batch" in said.output
    labels = ("--labels", f"{products / 'labels.parquet'}:returned")
    said = invoke(check.command, "leakage", *common, *labels)
    assert said.exit_code == 0, said.output
    assert "taken on trust: customer is timeless" in said.output
    assert "no feature of" in said.output


def test_a_leak_fails_the_check(products: Path, tmp_path: Path) -> None:
    """The outcome among the request's columns: exit code 1, and the feature's name."""
    placed = shop.pd.read_parquet(products / "orders.parquet")
    outcome = shop.pd.read_parquet(products / "labels.parquet")["returned"]
    placed.assign(price=outcome * 100.0).to_parquet(tmp_path / "orders.parquet")
    said = invoke(
        check.command,
        *("leakage", "--view", VIEW, "--requests", tmp_path / "orders.parquet", "-C", PROJECT),
        *("--tables", products / "tables", "--json"),
        *("--labels", f"{products / 'labels.parquet'}:returned"),
    )
    assert said.exit_code == 1
    assert [leak["what"] for leak in json.loads(said.output)["leaks"]] == ["price"]


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ("nothing.parquet:returned", "cannot be read"),
        ("{}/labels.parquet:x", "no column 'x'"),
        ("labels.parquet", "does not say the file and its column"),
    ],
)
def test_labels_that_are_not_there(products: Path, labels: str, says: str) -> None:
    """The file or the column is named."""
    said = invoke(
        check.command,
        *("leakage", "--view", VIEW, "--requests", products / "orders.parquet", "-C", PROJECT),
        *("--tables", products / "tables", "--labels", labels.format(products)),
    )
    assert isinstance(said.exception, NbrefineError)
    assert says in said.exception.message


def test_a_port_in_use(shop_service: tuple[Path, Path]) -> None:
    """It is said before the model is loaded."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, said = serve(shop_service[0], "--store", shop_service[1], "--port", port)
    assert code == 2
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use" in said
    assert "hint: Choose another port" in said


def test_a_tampered_model(model_copy: Path, shop_service: tuple[Path, Path]) -> None:
    """The file that was changed is the place of the error."""
    (model_copy / "contract.json").write_text("{}")
    code, said = serve(model_copy, "--store", shop_service[1], "--port", 0)
    assert code == 2
    assert "error[NBE521]: The model is not as it was written: contract.json was changed" in said


def test_a_store_that_is_missing(shop_service: tuple[Path, Path], tmp_path: Path) -> None:
    """What the process of the model finds is told as if it were found here."""
    code, said = serve(shop_service[0], "--store", tmp_path / "none", "--port", 0)
    assert code == 2
    assert said.startswith("error[NBE511]: There is no online store in")
    assert "hint: Run: nbrefine store push" in said


def test_a_store_that_is_too_old(shop_service: tuple[Path, Path], tmp_path: Path) -> None:
    """An hour is allowed, it was pushed last year."""
    old = Path(shutil.copytree(shop_service[1], tmp_path / "old"))
    pointer = json.loads((old / "current.json").read_text())
    pointer["pushed_at"] = "2025-01-01T00:00:00+00:00"
    (old / "current.json").write_text(json.dumps(pointer))
    code, said = serve(shop_service[0], "--store", old, "--port", 0, "--max-store-age", 1)
    assert code == 2
    assert f"error[{OnlineStoreError.code}]: The online store was pushed" in said
    assert "3600 s are allowed" in said
