"""Ask all servers the same, in turns, and say what a request costs in CPU time.

It needs the products of the small sample (make sample). A run that was interrupted goes on where
it ended.
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
from benchmarks.serving.environment import PEERS
from benchmarks.serving.figures import Measured, figures, medians, table
from benchmarks.serving.rounds import begin, keep, kept
from benchmarks.serving.servers import SERVERS, Served, Server, running
from benchmarks.serving.stages import stages
from nbrefine.features.declared import load_view
from nbrefine.features.pushing import push
from nbrefine.features.sqlite_store import SqliteStore
from nbrefine.features.tables import read_tables

if TYPE_CHECKING:
    from nbrefine.features.view import FeatureView

PRODUCTS = ROOT / "build" / "ci"
VIEW = "flights.feature_views"
# Connections, rows of a request, and requests of a round.
LOADS = ((1, 1, 30), (16, 1, 96), (1, 100, 8), (16, 100, 16))
LOOKED_UP = ("plane", "airport", "left")
MATTER = ("fastapi", "numpy", "pandas", "scikit-learn", "uvicorn")
_WAKE_WITHIN = 180.0
_MICROSECONDS = 10**6


@click.command(help=__doc__)
@click.option("--rounds", default=5, show_default=True, help="How often each load is sent.")
@click.option(
    "--server", "names", multiple=True, type=click.Choice(SERVERS), help="Only these, not all."
)
@click.option("--anew", is_flag=True, help="Forget what an interrupted run has measured.")
@click.option(
    "--products", type=click.Path(path_type=Path), default=PRODUCTS, help="Of the flights."
)
def main(rounds: int, names: tuple[str, ...], products: Path, *, anew: bool) -> None:
    """Measure, print the table, and write the results."""
    view = load_view(VIEW)
    shared = products / "share_model"
    if not (shared / "model").is_dir():
        raise click.ClickException(f"There is no model in {shared}: run `make sample` first.")
    chosen = [name for name in SERVERS if name in names or not names]
    requests = pd.read_parquet(products / "build_features" / "features.parquet")
    with TemporaryDirectory() as folder:
        served = Served(shared / "model", Path(folder) / "store", Path(folder) / "log")
        push(view, read_tables(shared / "tables", view), served.store)
        lookup3 = _lookup3(view, served.store, requests)
        where = {str(rows): stages(served, rows) for rows in (1, 16)}
        measured = _rounds(served, chosen, _bodies(view, requests), rounds, anew=anew)
    _report(measured, lookup3, where, rounds)


def _rounds(
    served: Served, names: list[str], rows: Rows, rounds: int, *, anew: bool
) -> list[Measured]:
    """Measure the rounds that are not measured yet."""
    asked = {"servers": names, "loads": LOADS}
    done = [] if anew else kept(asked)
    if not done:
        begin(asked)
    if len(done) < rounds:
        with ExitStack() as stack:
            servers = [stack.enter_context(running(name, served)) for name in names]
            for server in servers:
                _wake(server, rows)
            for number in range(len(done), rounds):
                found = []
                for load in LOADS:
                    # In turns, and each first as often as the others.
                    turn = number % len(servers)
                    turns = servers[turn:] + servers[:turn]
                    found += [_measure(server, load, rows) for server in turns]
                keep(found)
                done.append(found)
                click.echo(f"round {number + 1} of {rounds}", err=True)
    return [each for found in done[:rounds] for each in found]


def _report(
    measured: list[Measured], lookup3: float, where: dict[str, dict[str, float]], rounds: int
) -> None:
    found = medians(measured)
    click.echo(table(found))
    click.echo("\nCPU ms of a batch, by stage:")
    for rows, costs in where.items():
        each = ", ".join(f"{name} {cost:.2f}" for name, cost in costs.items())
        click.echo(f"  {rows} rows: {each}")
    said = figures(found, lookup3)
    click.echo("".join(f"\n{name}: {value}" for name, value in said.items()))
    details = [
        {"server": server, "connections": connections, "rows": rows, **numbers}
        for (server, connections, rows), numbers in found.items()
    ]
    path = write_results(
        "serving", said, MATTER, rounds=rounds, loads=details, stages=where, peers=PEERS
    )
    click.echo(f"\nWrote {path.relative_to(ROOT)}.")


def _wake(server: Server, rows: Rows) -> None:
    """Ask until the model answers: some servers listen before it is loaded."""
    began = time.monotonic()
    while True:
        load = send(server.port, server.path, [rows.body(server, 1)], 1)
        if load.statuses == {200: 1}:
            break
        if time.monotonic() - began > _WAKE_WITHIN:
            raise RuntimeError(f"{server.name} answers {load.statuses}")
        time.sleep(1)
    send(server.port, server.path, [rows.body(server, 1) for _ in range(20)], 4)


def _measure(server: Server, load: tuple[int, int, int], rows: Rows) -> Measured:
    connections, count, requests = load
    bodies = [rows.body(server, count) for _ in range(requests)]
    before = server.cpu_seconds()
    sent = send(server.port, server.path, bodies, connections)
    cpu = server.cpu_seconds() - before
    if sent.statuses != {200: requests}:
        raise RuntimeError(f"{server.name} answered {sent.statuses}")
    p50, p95, p99 = np.percentile(sent.latencies, [50, 95, 99]) * 1000
    cost, per_second = cpu / requests * 1000, requests / sent.seconds
    return Measured(server.name, connections, count, cost, p50, p95, p99, per_second)


class Rows:
    """Real requests; each is sent once to a server, then from the beginning."""

    def __init__(self, rows: list[dict[str, object]]) -> None:
        self._rows = rows
        self._places: dict[str, int] = {}

    def body(self, server: Server, count: int) -> bytes:
        """Make the next body for a server."""
        place = self._places.get(server.name, 0)
        self._places[server.name] = place + count
        chosen = [self._rows[(place + n) % len(self._rows)] for n in range(count)]
        return json.dumps({server.rows: chosen}).encode()


def _bodies(view: FeatureView, requests: pd.DataFrame) -> Rows:
    frame = requests[list(view.request)].sample(3000, random_state=0)
    return Rows(json.loads(frame.to_json(orient="records", date_format="iso", date_unit="us")))


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
