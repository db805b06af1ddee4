"""What was measured, as a table and as the figures that are agreed on."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Measured:
    """One round of requests.

    Parameters
    ----------
    server
        Which one.
    connections, rows
        How many at a time, and of how many rows each.
    cpu_ms
        CPU milliseconds a request, of all the server's processes.
    p50, p95, p99
        Latencies in milliseconds.
    throughput
        Requests a second.
    """

    server: str
    connections: int
    rows: int
    cpu_ms: float
    p50: float
    p95: float
    p99: float
    throughput: float


_COLUMNS = ("cpu_ms", "p50", "p95", "p99", "throughput")


def medians(rounds: Sequence[Measured]) -> dict[tuple[str, int, int], dict[str, float]]:
    """Take the median of each figure over the rounds, by server, connections and rows."""
    kinds = dict.fromkeys((each.server, each.connections, each.rows) for each in rounds)
    return {
        kind: {
            column: median(
                getattr(each, column)
                for each in rounds
                if (each.server, each.connections, each.rows) == kind
            )
            for column in _COLUMNS
        }
        for kind in kinds
    }


def table(found: Mapping[tuple[str, int, int], Mapping[str, float]]) -> str:
    """Write the medians as a table in Markdown."""
    head = "| server | connections | rows | CPU ms/request | p50 ms | p95 | p99 | requests/s |"
    lines = [head, "| --- |" + " ---: |" * 7]
    for (server, connections, rows), figures in found.items():
        numbers = " | ".join(f"{figures[column]:.2f}" for column in _COLUMNS)
        lines.append(f"| {server} | {connections} | {rows} | {numbers} |")
    return "\n".join(lines)


def figures(
    found: Mapping[tuple[str, int, int], Mapping[str, float]], lookup3: float
) -> dict[str, float]:
    """Work out the ratios that are agreed on, for requests of one row.

    Parameters
    ----------
    found
        The medians.
    lookup3
        CPU milliseconds of three look-ups.

    Returns
    -------
    dict of str to float
        By name.
    """
    names = dict.fromkeys(server for server, _, _ in found)

    def ratio(connections: int, column: str, other: str) -> float:
        ours, theirs = (found[server, connections, 1][column] for server in ("nbrefine", other))
        return round(ours / theirs, 3)

    said: dict[str, float] = {}
    for other in names:
        if other != "nbrefine" and "nbrefine" in names:
            said[f"conn16.cpu_over_{other}"] = ratio(16, "cpu_ms", other)
            said[f"conn16.throughput_over_{other}"] = ratio(16, "throughput", other)
            said[f"conn1.cpu_over_{other}"] = ratio(1, "cpu_ms", other)
            said[f"conn1.p99_over_{other}"] = ratio(1, "p99", other)
    return said | {"lookup3.cpu_ms": round(lookup3, 4)}
