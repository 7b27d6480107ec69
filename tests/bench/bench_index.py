"""
How fast a chain is mirrored: the table of the issue, each row beside a floor of the same run.

    python -m tests.bench.bench_index             # ARGS of `make bench-index`: --json, --blocks N

Each target stands twice: as it is, and scaled to the floors of this machine (`index_table`).

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
from dataclasses import asdict, replace
from typing import Any

from api.migrations.run import upgrade
from indexer.bench import alone
from indexer.full_proof import prove_all
from indexer.run import catch_up, connected, prepare_process
from nft.chain.client import Web3Chain
from nft.chain.deployments import Placed
from nft.database import libpq_url
from tests.bench.index_chain import BenchChain, running_chain
from tests.bench.index_floors import Programs, floors
from tests.bench.index_heads import head_floor, latencies
from tests.bench.index_table import HEADING, seconds_of, table
from tests.support.servers import ROOT, Databases, running_postgres, server_url

DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
PAUSES = (0.2, 0.5)


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
        prepare_process()  # As `vernissage index prove` does.
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
        found["head_floor_ms"] = head_floor(databases, blocks=blocks, pauses=PAUSES)
        found["websocket_ms"] = latencies(databases, push=True, blocks=blocks, pauses=PAUSES)
        found["polling_ms"] = latencies(databases, push=False, blocks=blocks, pauses=PAUSES)
    return found


def _median(runs: Iterator[dict[str, Any]]) -> dict[str, Any]:
    found = sorted(runs, key=lambda one: float(one["seconds"]))
    return found[len(found) // 2]


def main() -> int:
    """Measure and print; 1 when a target is missed that this machine could reach."""
    parser = argparse.ArgumentParser(description="The speed of the mirror.")
    parser.add_argument("--json", action="store_true", help="one object in place of the table")
    parser.add_argument("--blocks", type=int, default=200, help="blocks at the head")
    parser.add_argument("--runs", type=int, default=3, help="backfills, of which the median counts")
    given = parser.parse_args()
    found = measure(given.blocks, given.runs)
    rows, seconds = table(found), seconds_of(found)
    if given.json:
        print(json.dumps({**found, "table": [row.document(seconds) for row in rows]}))
        return 0
    print(f"{'floors of this run':<66}{'s':>7}{'node':>7}{'pg':>7}{'client':>8}")
    for name, cost in found["floors"].items():
        parts = "".join(f"{cost[part]:>7.2f}" for part in ("seconds", "node", "postgres"))
        print(f"{name:<66}{parts}{cost['client']:>8.2f}")
    print(f"\n{HEADING}")
    for row in rows:
        print(row.line(seconds))
    for name in ("steady", "bulk"):
        one = found[name]
        print(
            f"{name}: CPU s node {one['node_cpu_seconds']:.2f} + postgres "
            f"{one['postgres_cpu_seconds']:.2f} + indexer {one['cpu_seconds']:.2f}; {one['stages']}"
        )
    return 0 if all(row.is_met(row.scaled(seconds)) for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
