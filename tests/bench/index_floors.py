"""
What an index of the bench chain cannot be faster than: the node's answers thrown away, headers,
and the rows copied into tables that have nothing but keys.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
import psycopg

from tests.bench import growth_rows
from tests.bench.index_chain import BLOCKS, TRANSFERS, BenchChain
from tests.bench.processes import cpu_seconds


@dataclass(slots=True)
class Cost:
    """Wall seconds, and CPU seconds of each program."""

    seconds: float = 0.0
    node: float = 0.0
    postgres: float = 0.0
    client: float = 0.0


@dataclass(frozen=True, slots=True)
class Programs:
    """Whose CPU is counted."""

    node: int
    postgres: int

    @contextmanager
    def costing(self) -> Iterator[Cost]:
        """Filled in when the work within is over."""
        cost = Cost()
        node, postgres = cpu_seconds(self.node), cpu_seconds(self.postgres)
        client, started = time.process_time(), time.perf_counter()
        yield cost
        cost.seconds = time.perf_counter() - started
        cost.client = time.process_time() - client
        cost.node = cpu_seconds(self.node) - node
        cost.postgres = cpu_seconds(self.postgres) - postgres


def ask(url: str, bodies: Sequence[bytes], connections: int) -> None:
    """Send every body, and throw the answers away."""
    parts = urlsplit(url)

    def work(share: Sequence[bytes]) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        for body in share:
            connection.request("POST", "/", body, {"Content-Type": "application/json"})
            connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(connections) as pool:
        list(pool.map(work, [bodies[start::connections] for start in range(connections)]))


def logs_bodies(chain: BenchChain, blocks: int) -> list[bytes]:
    """`eth_getLogs` over the whole chain, so many blocks a request."""
    return [
        json.dumps(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "method": "eth_getLogs",
                "params": [
                    {
                        "address": str(chain.contract),
                        "fromBlock": hex(first),
                        "toBlock": hex(min(BLOCKS, first + blocks - 1)),
                    }
                ],
            }
        ).encode()
        for first in range(1, BLOCKS + 1, blocks)
    ]


def headers_bodies(at_once: int) -> list[bytes]:
    """Every header, so many a batch."""
    return [
        json.dumps(
            [
                {
                    "jsonrpc": "2.0",
                    "id": number,
                    "method": "eth_getBlockByNumber",
                    "params": [hex(number), False],
                }
                for number in range(first, min(BLOCKS + 1, first + at_once))
            ]
        ).encode()
        for first in range(0, BLOCKS + 1, at_once)
    ]


KEYS = {
    "no key": (),
    "primary key": ("primary key (chain_id, block_number, log_index)",),
    "primary key and index by work": (
        "primary key (chain_id, block_number, log_index)",
        "unique (chain_id, contract, token_id, block_number, log_index)",
    ),
}


def copied(driver: psycopg.Connection[object], keys: Sequence[str]) -> Callable[[], None]:
    """COPY of as many rows at once, of one contract with small ids; made beforehand."""
    history = growth_rows.History.of(TRANSFERS)
    place = np.arange(TRANSFERS, dtype=np.int64)
    ids = np.zeros((TRANSFERS, 32), dtype=np.uint8)
    ids[:, 24:] = history.token.astype(">i8").view(np.uint8).reshape(-1, 8)
    ours = {"token_id": ids, "contract": np.ones((TRANSFERS, 20), dtype=np.uint8)}
    made = growth_rows.transfers(history, place)
    columns = [(name, ours.get(name, values)) for name, values in made]
    kinds = {"log_index": "int", "chain_id": "bigint", "block_number": "bigint"}
    named = ", ".join(f"{name} {kinds.get(name, 'bytea')}" for name, _ in columns)
    driver.execute("drop table if exists floor")
    driver.execute(f"create table floor ({', '.join([named, *keys])})".encode())
    packed = growth_rows.packed(columns)
    names = ", ".join(name for name, _ in columns)

    def write() -> None:
        query = f"copy floor ({names}) from stdin with (format binary)"
        with driver.transaction(), driver.cursor().copy(query.encode()) as writing:
            writing.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + packed + b"\xff\xff")

    return write


def floors(chain: BenchChain, programs: Programs, database_url: str) -> dict[str, Cost]:
    """Everything, by what it is."""
    found: dict[str, Cost] = {}
    for blocks in (10, 100, 1_000):
        bodies = logs_bodies(chain, blocks)
        for connections in (1, 2):
            name = f"logs thrown away, {blocks:,} blocks a request, {connections} connection"
            with programs.costing() as found[name]:
                ask(chain.node.rpc_url, bodies, connections)
    headers = headers_bodies(100)
    with programs.costing() as found["headers, 100 a batch"]:
        ask(chain.node.rpc_url, headers, 1)
    with psycopg.connect(database_url, autocommit=True) as driver:
        for name, keys in KEYS.items():
            write = copied(driver, keys)
            with programs.costing() as found[f"rows copied, {name}"]:
                write()
        driver.execute("drop table floor")
    return found
