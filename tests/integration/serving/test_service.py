"""A running service: what it answers, what it refuses, and what it survives."""

from __future__ import annotations

import http.client
import json
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests import shop
from tests.integration.serving.running import Running, service

from nbrefine.features.joins import training_frame
from nbrefine.features.pushing import push
from nbrefine.features.view import ASKED_AT, FeatureView
from nbrefine.serving.manifest import read_manifest
from nbrefine.serving.sealing import read_log, seal

ORDER: dict[str, Any] = {
    "customer": "c1",
    "product": 1,
    "price": 120.5,
    "express": False,
    "ordered_at": "2025-03-20T10:00:00Z",
    "asked_at": "2025-03-20T10:00:00Z",
}


@pytest.fixture(scope="module")
def log_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the running service logs its predictions."""
    return tmp_path_factory.mktemp("log")


@pytest.fixture(scope="module")
def running(shop_service: tuple[Path, Path], log_folder: Path) -> Iterator[Running]:
    """Run a service for all tests that leave it as it was."""
    model, store = shop_service
    with service(model, "--store", str(store), "--log", str(log_folder), "--max-rows", "50") as it:
        yield it


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in ORDER.items() if key != name}


def test_one_row_and_many_get_the_same(running: Running) -> None:
    """A row's answer does not depend on those beside it."""
    status, one = running.ask(ORDER)
    assert status == 200, one
    others = [ORDER | {"price": float(price)} for price in range(10, 400, 40)]
    status, many = running.ask({"rows": [*others, ORDER]})
    assert status == 200
    assert many["rows"][-1] == one["rows"][0]
    assert len({row["probabilities"]["true"] for row in many["rows"]}) > 2


def test_its_examples_are_answered_as_the_model_predicts(
    running: Running, shop_service: tuple[Path, Path]
) -> None:
    """The probability is that of the training frame's row, to the last bit."""
    examples = read_manifest(shop_service[0]).examples
    expected = json.loads((shop_service[0] / "expected.json").read_text())["predictions"]
    _, said = running.ask({"rows": examples})
    found = [[row["probabilities"]["false"], row["probabilities"]["true"]] for row in said["rows"]]
    assert found == expected[:3]


def test_what_training_never_saw_is_told(running: Running) -> None:
    """Unseen, missing in the store and out of range come back as warnings of that row."""
    odd = ORDER | {"customer": "nobody", "price": 9999.0}
    _, said = running.ask({"rows": [ORDER, odd]})
    usual, strange = (row["warnings"] for row in said["rows"])
    assert usual == []
    assert {"kind": "unseen", "column": "customer", "value": "nobody"} in strange
    assert {"kind": "missing", "lookup": "customer", "key": {"customer": "nobody"}} in strange
    assert "price" in [each.get("column") for each in strange if each["kind"] == "out_of_range"]


def test_what_the_declaration_refuses_is_not_answered(running: Running) -> None:
    """A product that nobody sells is a mistake: 422, with the row."""
    status, said = running.ask({"rows": [ORDER, ORDER | {"product": 77}]})
    assert status == 422
    assert said["details"][0]["place"] == ["rows", 1]


BAD = {
    "nothing": b"",
    "no JSON": b"{",
    "not UTF-8": b'{"customer": "\xff"}',
    "a list": [],
    "a list of rows": [ORDER],
    "null": None,
    "a number": 3,
    "a text": "row",
    "no columns": {},
    "no rows": {"rows": []},
    "rows that are none": {"rows": 3},
    "rows of nothing": {"rows": [None]},
    "a missing column": without("price"),
    "a column too much": ORDER | {"colour": "red"},
    "a text for a number": ORDER | {"price": "120.5"},
    "a number for a text": ORDER | {"customer": 5},
    "a float for a whole number": ORDER | {"product": 1.5},
    "a bool for a whole number": ORDER | {"product": True},
    "null where none may be": ORDER | {"product": None},
    "NaN": json.dumps(ORDER | {"price": float("nan")}).encode(),
    "infinity": json.dumps(ORDER | {"price": float("inf")}).encode(),
    "1e400": json.dumps(ORDER).replace("120.5", "1e400").encode(),
    "a huge whole number": ORDER | {"product": 10**30},
    "an instant without a zone": ORDER | {"ordered_at": "2025-03-20T10:00:00"},
    "an instant as a number": ORDER | {"ordered_at": 1742464800},
    "an instant as a numeric text": ORDER | {"ordered_at": "1742464800"},
    "a date that is none": ORDER | {"ordered_at": "2025-02-30T10:00:00Z"},
    "the year 9999": ORDER | {"ordered_at": "9999-12-31T23:59:59Z"},
    "a control character": ORDER | {"customer": "c1\x00"},
    "half of a surrogate": b'{"customer": "\\ud800"}',
    "a long text": ORDER | {"customer": "c" * 2000},
    "a deep nest": b'{"a":' * 3000 + b"1" + b"}" * 3000,
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_bad_bodies_are_the_clients_fault(running: Running, body: object) -> None:
    """Never 500, and what is wrong is said."""
    status, said = running.ask(body)
    assert status == 422, said
    assert said["error"]


def test_code_that_cannot_take_a_row_spoils_no_other(running: Running) -> None:
    """The project's own exception is told; who shares the batch is answered."""
    answers: list[tuple[int, dict[str, Any]]] = []
    bodies = [ORDER | {"price": 2e9}, ORDER, ORDER, ORDER]
    threads = [
        threading.Thread(target=lambda body=body: answers.append(running.ask(body)))
        for body in bodies
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(status for status, _ in answers) == {200: 3, 422: 1}
    (refused,) = [said for status, said in answers if status == 422]
    assert refused["details"][0]["says"] == "ValueError: nobody pays that much"


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ({"rows": [ORDER] * 51}, {}, 413),
        (b" " * (1 << 20) + b"1", {}, 413),
        (ORDER, {"Content_Type": "text/plain"}, 415),
        (ORDER, {"Content_Encoding": "gzip"}, 415),
    ],
)
def test_limits(running: Running, body: object, headers: dict[str, str], expected: int) -> None:
    """Too many rows, too many bytes, and what is not JSON."""
    assert running.ask(body, **headers)[0] == expected


def test_the_pages_around_it(running: Running, shop_service: tuple[Path, Path]) -> None:
    """What made the model, health, metrics, and an OpenAPI page with real examples."""
    status, model = running.get("/model")
    assert (status, model["identity"]) == (200, read_manifest(shop_service[0]).identity)
    assert model["not_flat"] == "", "small batches take the shorter way"
    assert running.get("/health/live") == (200, {"live": True})
    running.ask(ORDER)
    metrics = running.text("/metrics")
    for name in ("requests_total", "request_seconds_bucket", "batch_rows_sum", "rows_queued"):
        assert f"nbrefine_{name}" in metrics
    _, page = running.get("/openapi.json")
    metrics_page = page["paths"]["/metrics"]["get"]["responses"]["200"]
    assert [*metrics_page["content"]] == ["text/plain"]
    body = page["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        assert running.ask(example["value"])[0] == 200
    assert running.get("/nothing")[0] == 404


def test_a_new_store_is_answered_from_at_once(
    running: Running, shop_service: tuple[Path, Path], view: FeatureView
) -> None:
    """A push while it serves: the next answer is from the new version."""
    before = running.ask(ORDER)[1]["store"]
    tables = shop.tables()
    tables["customers"]["city"] = "Rome"
    pushed = push(view, tables, shop_service[1])
    try:
        assert running.ask(ORDER)[1]["store"] == pushed.version != before
    finally:
        push(view, shop.tables(), shop_service[1])
    assert running.ask(ORDER)[1]["store"] == before


def test_the_log_has_what_was_answered(
    running: Running, log_folder: Path, view: FeatureView
) -> None:
    """The request, the features that training would have, the prediction, the warnings."""
    _, said = running.ask(ORDER | {"customer": "nobody"})
    log = read_log(log_folder).set_index("request_id")
    line = log.loc[said["request_id"]]
    assert line["probability.true"] == said["rows"][0]["probabilities"]["true"]
    assert json.loads(line["warnings"]) == said["rows"][0]["warnings"]
    placed = shop.pd.DataFrame([ORDER]).assign(
        ordered_at=lambda o: shop.pd.to_datetime(o["ordered_at"]),
        asked_at=lambda o: shop.pd.to_datetime(o["asked_at"]),
    )
    frame = training_frame(view, placed, shop.tables())
    assert line["feature.stock"] == frame["stock.level"].iloc[0]
    requests = {name.removeprefix("request.") for name in log if name.startswith("request.")}
    assert requests == {*view.request, ASKED_AT}, "what is looked up is in the features"


def test_the_model_comes_back_when_it_is_killed(
    shop_service: tuple[Path, Path], tmp_path: Path
) -> None:
    """Under load: 503 until it is back, the service alive, and the log has every answer."""
    model, store = shop_service
    with service(model, "--store", str(store), "--log", str(tmp_path)) as running:
        answers: list[tuple[int, dict[str, Any]]] = []
        stop = threading.Event()

        def client() -> None:
            while not stop.is_set():
                answers.append(running.ask(ORDER))

        threads = [threading.Thread(target=client) for _ in range(4)]
        for thread in threads:
            thread.start()
        while len(answers) < 20:
            time.sleep(0.05)
        running.model_process().kill()
        time.sleep(0.5)
        running.wait_until_ready()
        enough = len(answers) + 20
        while len(answers) < enough:
            time.sleep(0.05)
        stop.set()
        for thread in threads:
            thread.join()
        statuses = Counter(status for status, _ in answers)
        assert set(statuses) == {200, 503}, statuses
        answered = {said["request_id"] for status, said in answers if status == 200}
    assert answered <= set(read_log(tmp_path)["request_id"])
    seal(tmp_path)
    assert not [*tmp_path.rglob("*.jsonl")]
    assert answered <= set(read_log(tmp_path)["request_id"])


def test_no_request_is_lost_when_it_is_told_to_stop(shop_service: tuple[Path, Path]) -> None:
    """SIGTERM under 16 clients: each that got a connection gets its answer."""
    model, store = shop_service
    lost: list[str] = []
    answered = [0]
    with service(model, "--store", str(store), "--latency-budget", "30") as running:

        def client() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
            headers = {"Content-Type": "application/json"}
            while True:
                try:
                    connection.connect()
                except ConnectionRefusedError:
                    return
                try:
                    for _ in range(1000):
                        connection.request("POST", "/predict", json.dumps(ORDER), headers)
                        answer = connection.getresponse()
                        answer.read()
                        assert answer.status == 200
                        answered[0] += 1
                        if answer.getheader("Connection") == "close":
                            connection.close()
                            return
                except (http.client.HTTPException, OSError) as error:
                    lost.append(repr(error))
                    return

        threads = [threading.Thread(target=client) for _ in range(16)]
        for thread in threads:
            thread.start()
        while answered[0] < 50:
            time.sleep(0.05)
        running.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert running.process.wait(30) == 0
    assert lost == []
