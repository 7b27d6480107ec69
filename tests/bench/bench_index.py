"""
How fast a chain is mirrored: the table of the issue, each row beside a floor of the same run.

    python -m tests.bench.bench_index             # ARGS of `make bench-index`: --json, --blocks N

The chain is that of `index_chain`; node, database (which syncs to disk) and indexer share the
machine. Backfills are `vernissage index bench` in a process of its own and must end with the
owners that the history has. Blocks at the head come every 0.2 to 0.5 s.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from api.migrations.run import upgrade
from indexer.bench import alone
from indexer.full_proof import prove_all
from indexer.run import catch_up, connected
from nft.chain.client import Web3Chain
from nft.chain.deployments import Placed
from nft.database import libpq_url
from tests.bench.index_chain import BenchChain, running_chain
from tests.bench.index_floors import Programs, floors
from tests.bench.index_heads import latencies
from tests.support.servers import ROOT, Databases, running_postgres, server_url

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
PAUSES = (0.2, 0.5)
FLOOR_OF_READING = "logs thrown away, 100 blocks a request, 1 connection"
FLOOR_OF_WRITING = "rows copied, primary key and index by work"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    what: str
    target: float
    measured: float
    unit: str
    is_at_least: bool = False
    floor: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the target is reached."""
        return self.measured >= self.target if self.is_at_least else self.measured < self.target

    def line(self) -> str:
        """For people."""
        sign = ">=" if self.is_at_least else "<"
        floor = f"{self.floor:>12,.1f}{self.measured / self.floor:>8.2f}" if self.floor else ""
        mark = "yes" if self.is_met else "NO"
        return (
            f"{self.what:<44}{f'{sign} {self.target:,.0f}':>12}{self.measured:>12,.1f} "
            f"{self.unit:<9}{mark:>4}{floor}"
        )


def backfill(chain: BenchChain, programs: Programs, url: str, *words: str) -> dict[str, Any]:
    """`vernissage index bench`, with the CPU of the other programs."""
    command = [sys.executable, "-m", "api.cli", "index", "bench", "--json", "--from-block", "1"]
    command += ["--rpc", chain.node.rpc_url, "--contract", str(chain.contract), *words]
    environment = {**os.environ, "DATABASE_URL": libpq_url(url)}
    with programs.costing() as cost:
        finished = subprocess.run(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
        )
    found: dict[str, Any] = json.loads(finished.stdout)
    if found["owners_sha256"] != chain.digest:
        raise RuntimeError("the owners are not those of the chain")
    return {**found, "node_cpu_seconds": cost.node, "postgres_cpu_seconds": cost.postgres}


def proof(chain: BenchChain, url: str) -> dict[str, Any]:
    """The whole chain mirrored, and then proven from nothing."""
    upgrade(url)
    contract = Placed(chain.contract, 1)
    deployment = replace(alone(31337, 1), registered=(contract,))
    door = Web3Chain(31337, [chain.node.rpc_url])
    with connected(url) as connection:
        catch_up(connection, door, deployment)
        started = time.perf_counter()
        found = prove_all(connection, door, deployment)
        seconds = time.perf_counter() - started
    if found.differences:
        raise RuntimeError(f"the proof found differences: {found.differences[:3]}")
    return {"seconds": seconds, "blocks": found.blocks, "logs": found.logs, **found.seconds}


def measure(blocks: int, runs: int) -> dict[str, Any]:
    """Everything."""
    with running_postgres(DURABLE) as server, running_chain() as chain:
        databases = Databases(server_url(server))
        assert server.child is not None
        programs = Programs(node=chain.node.pid, postgres=server.child.pid)
        url = databases.make()
        found: dict[str, Any] = {
            "floors": {
                name: asdict(cost) for name, cost in floors(chain, programs, libpq_url(url)).items()
            },
            "steady": _median(backfill(chain, programs, url, "--steady") for _ in range(runs)),
            "bulk": _median(backfill(chain, programs, url) for _ in range(runs)),
            "proof": proof(chain, databases.make()),
        }
        found["websocket_ms"] = latencies(databases, push=True, blocks=blocks, pauses=PAUSES)
        found["polling_ms"] = latencies(databases, push=False, blocks=blocks, pauses=PAUSES)
    return found


def _median(runs: Iterator[dict[str, Any]]) -> dict[str, Any]:
    found = sorted(runs, key=lambda one: float(one["seconds"]))
    return found[len(found) // 2]


def _at(values: list[float], percent: int) -> float:
    return values[min(len(values) * percent // 100, len(values) - 1)]


def table(found: dict[str, Any]) -> list[Row]:
    """The issue's."""
    events, steady, bulk = found["steady"]["events"], found["steady"], found["bulk"]
    reading = events / found["floors"][FLOOR_OF_READING]["seconds"]
    writing = events / found["floors"][FLOOR_OF_WRITING]["seconds"]
    push, poll = found["websocket_ms"], found["polling_ms"]
    rate = "events_per_second"
    return [
        Row(
            "backfill, owners current in every batch",
            60_000,
            steady[rate],
            "events/s",
            True,
            reading,
        ),
        Row("first bulk load", 100_000, bulk[rate], "events/s", True, writing),
        Row("CPU of the indexer per event", 8, 1e6 * steady["cpu_seconds"] / events, "us"),
        Row("  the same, bulk", 8, 1e6 * bulk["cpu_seconds"] / events, "us"),
        Row("peak memory", 200, steady["peak_memory_bytes"] / 1e6, "MB"),
        Row("  the same, bulk", 200, bulk["peak_memory_bytes"] / 1e6, "MB"),
        Row("mined to visible, WebSocket, p50", 10, _at(push, 50), "ms"),
        Row("mined to visible, WebSocket, p99", 50, _at(push, 99), "ms"),
        Row("mined to visible, polling 100 ms, p99", 150, _at(poll, 99), "ms"),
        Row("full proof of the chain", 5, found["proof"]["seconds"], "s"),
    ]


def main() -> int:
    """Measure and print; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description="The speed of the mirror.")
    parser.add_argument("--json", action="store_true", help="one object in place of the table")
    parser.add_argument("--blocks", type=int, default=200, help="blocks at the head")
    parser.add_argument("--runs", type=int, default=3, help="backfills, of which the median counts")
    given = parser.parse_args()
    found = measure(given.blocks, given.runs)
    rows = table(found)
    if given.json:
        print(json.dumps({**found, "table": [asdict(row) | {"met": row.is_met} for row in rows]}))
        return 0
    print(f"{'floors of this run':<66}{'s':>7}{'node':>7}{'pg':>7}{'client':>8}")
    for name, cost in found["floors"].items():
        parts = "".join(f"{cost[part]:>7.2f}" for part in ("seconds", "node", "postgres"))
        print(f"{name:<66}{parts}{cost['client']:>8.2f}")
    print(f"\n{'':<44}{'target':>12}{'measured':>12} {'':<9}{'met':>4}{'floor':>12}{'ratio':>8}")
    for row in rows:
        print(row.line())
    for name in ("steady", "bulk"):
        one = found[name]
        print(
            f"{name}: CPU s node {one['node_cpu_seconds']:.2f} + postgres "
            f"{one['postgres_cpu_seconds']:.2f} + indexer {one['cpu_seconds']:.2f}; {one['stages']}"
        )
    return 0 if all(row.is_met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
