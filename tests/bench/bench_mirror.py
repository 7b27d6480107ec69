"""
Mint to visible: from the node's receipt of a mint to the row seen from another connection.

A fresh anvil and PostgreSQL, the indexer in a process of its own with its default poll, mints
one at a time at random moments. `sent` counts from handing the transaction in, `mined` from the
moment the receipt was there.

    python -m tests.bench.bench_mirror          # a table; with JSON=1 one line of JSON
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from api.migrations.run import upgrade
from nft.chain.deployments import Deployment
from nft.database import libpq_url
from tests.chain.conftest import Market
from tests.support.follow import indexer
from tests.support.servers import (
    Databases,
    deploy_contracts,
    running_anvil,
    running_postgres,
    server_url,
)

MINTS = 200
SEED = 7


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, ascending."""

    values: tuple[float, ...]

    def at(self, percent: int) -> float:
        """A percentile."""
        return round(self.values[min(len(self.values) * percent // 100, len(self.values) - 1)], 1)

    def as_json(self) -> dict[str, float]:
        """The three that count."""
        return {"p50_ms": self.at(50), "p99_ms": self.at(99), "max_ms": round(self.values[-1], 1)}


def measure(mints: int = MINTS) -> dict[str, Any]:
    """Mint `mints` works and time each."""
    with running_postgres() as server, running_anvil() as node:
        url = Databases(server_url(server)).make()
        upgrade(url)
        market = Market(node, Deployment.from_json(deploy_contracts(node).deployment()))
        with (
            indexer(market.deployment, url, node.rpc_url),
            psycopg.connect(libpq_url(url), autocommit=True) as looking,
        ):
            _see(looking, market.mint())  # The indexer is up.
            return {"mints": mints, "seed": SEED, **_time(looking, market, mints)}


def _time(
    looking: psycopg.Connection[tuple[object, ...]], market: Market, mints: int
) -> dict[str, dict[str, float]]:
    chance, pause = random.Random(SEED), threading.Event()
    sent, mined = [], []
    for _ in range(mints):
        pause.wait(chance.uniform(0.02, 0.15))
        started = time.perf_counter()
        token = market.mint()
        receipt = time.perf_counter()
        _see(looking, token)
        seen = time.perf_counter()
        sent.append(1000 * (seen - started))
        mined.append(1000 * (seen - receipt))
    return {
        "sent_to_visible": Latency(tuple(sorted(sent))).as_json(),
        "mined_to_visible": Latency(tuple(sorted(mined))).as_json(),
    }


def _see(looking: psycopg.Connection[tuple[object, ...]], token: int) -> None:
    """Wait until the token's row is there."""
    deadline = time.monotonic() + 30
    query = "select 1 from chain_tokens where token_id = %s"
    while looking.execute(query, [token.to_bytes(32, "big")]).fetchone() is None:
        if time.monotonic() > deadline:
            raise TimeoutError("the mirror never showed the work")
        time.sleep(0.001)


def main() -> int:
    """Measure and print."""
    found = measure(int(os.environ.get("MINTS", MINTS)))
    if os.environ.get("JSON") == "1":
        sys.stdout.write(json.dumps(found) + "\n")
        return 0
    for name in ("sent_to_visible", "mined_to_visible"):
        sys.stdout.write(f"{name:18} {found[name]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
