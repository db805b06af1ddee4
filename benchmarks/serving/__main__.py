"""Ask both servers the same, in turns, and say what a request costs in CPU time.

It needs the products of the small sample: make sample.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
import numpy as np
import pandas as pd

from benchmarks.results import ROOT, write_results
from benchmarks.serving.client import send
from benchmarks.serving.figures import Measured, figures, medians, table
from benchmarks.serving.servers import SERVERS, Server, running
from nbrefine.features.declared import load_view
from nbrefine.features.pushing import push
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.features.tables import read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbrefine.features.view import FeatureView

PRODUCTS = ROOT / "build" / "ci"
VIEW = "flights.feature_views"
# Connections, rows of a request, and requests of a round.
LOADS = ((1, 1, 30), (16, 1, 160), (1, 100, 10), (16, 100, 16))
LOOKED_UP = ("plane", "airport", "left")
MATTER = ("fastapi", "numpy", "pandas", "scikit-learn", "uvicorn")
_MICROSECONDS = 10**6


@click.command(help=__doc__)
@click.option("--rounds", default=5, show_default=True, help="How often each load is sent.")
@click.option(
    "--products", type=click.Path(path_type=Path), default=PRODUCTS, help="Of the flights."
)
def main(rounds: int, products: Path) -> None:
    """Measure, print the table, and write the results."""
    view = load_view(VIEW)
    shared = products / "share_model"
    if not (shared / "model").is_dir():
        raise click.ClickException(f"There is no model in {shared}: run `make sample` first.")
    requests = pd.read_parquet(products / "build_features" / "features.parquet")
    with TemporaryDirectory() as folder, ExitStack() as stack:
        store, log = Path(folder) / "store", Path(folder) / "log"
        push(view, read_tables(shared / "tables", view), store)
        lookup3 = _lookup3(view, store, requests)
        servers = [
            stack.enter_context(running(name, shared / "model", store, log)) for name in SERVERS
        ]
        bodies = _bodies(view, requests)
        for server in servers:
            send(server.port, [next(bodies[1]) for _ in range(30)], 4)
        measured = []
        for number in range(rounds):
            for connections, rows, count in LOADS:
                sent = [next(bodies[rows]) for _ in range(count)]
                # In turns, and each first as often as the other.
                turns = servers[:: 1 if number % 2 else -1]
                measured += [_measure(server, connections, rows, sent) for server in turns]
            click.echo(f"round {number + 1} of {rounds}", err=True)
    found = medians(measured)
    click.echo(table(found))
    said = figures(found, lookup3)
    click.echo("".join(f"\n{name}: {value}" for name, value in said.items()))
    details = [
        {"server": server, "connections": connections, "rows": rows, **numbers}
        for (server, connections, rows), numbers in found.items()
    ]
    path = write_results("serving", said, MATTER, rounds=rounds, loads=details)
    click.echo(f"\nWrote {path.relative_to(ROOT)}.")


def _measure(server: Server, connections: int, rows: int, bodies: list[bytes]) -> Measured:
    before = server.cpu_seconds()
    load = send(server.port, bodies, connections)
    cpu = server.cpu_seconds() - before
    if load.statuses != {200: len(bodies)}:
        raise RuntimeError(f"{server.name} answered {load.statuses}")
    p50, p95, p99 = np.percentile(load.latencies, [50, 95, 99]) * 1000
    per_second = len(bodies) / load.seconds
    cost = cpu / len(bodies) * 1000
    return Measured(server.name, connections, rows, cost, p50, p95, p99, per_second)


def _bodies(view: FeatureView, requests: pd.DataFrame) -> dict[int, Iterator[bytes]]:
    """Make bodies of real requests: each row is sent once, then from the beginning."""
    frame = requests[list(view.request)].sample(3000, random_state=0)
    rows = json.loads(frame.to_json(orient="records", date_format="iso", date_unit="us"))
    return {count: _bodies_of(rows, count) for count in {rows for _, rows, _ in LOADS}}


def _bodies_of(rows: list[dict[str, object]], count: int) -> Iterator[bytes]:
    place = 0
    while True:
        chosen = [rows[(place + n) % len(rows)] for n in range(count)]
        place += count
        yield json.dumps({"rows": chosen}).encode()


def _lookup3(view: FeatureView, store: Path, requests: pd.DataFrame) -> float:
    """Measure the CPU milliseconds of three look-ups for one request."""
    snapshot = SqliteStore(store, view).snapshot()
    relations = [each.relation for each in view.lookups if each.name in LOOKED_UP]
    asked = requests.dropna(subset=["tailnum"]).sample(500, random_state=1)
    times = asked["scheduled_departure"].map(pd.Timestamp.timestamp) * _MICROSECONDS
    keys = [
        [
            (*row, int(time)) if relation.known_at else tuple(row)
            for row, time in zip(asked[list(relation.key)].to_numpy(object), times, strict=True)
        ]
        for relation in relations
    ]
    costs = []
    for _ in range(7):
        began = time.process_time()
        for row in range(len(asked)):
            for relation, asked_keys in zip(relations, keys, strict=True):
                snapshot.look_up(relation, [asked_keys[row]])
        costs.append((time.process_time() - began) / len(asked) * 1000)
    return float(np.median(costs))


if __name__ == "__main__":
    main()
