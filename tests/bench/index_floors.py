"""
What an index of the bench chain cannot be faster than: the node's answers thrown away, headers,
rows copied into tables that have nothing but keys, owners kept by the plainest upsert, and logs
decoded and packed without a check.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from struct import Struct
from urllib.parse import urlsplit

import msgspec
import numpy as np
import psycopg

from tests.bench import growth_rows
from tests.bench.index_chain import BLOCKS, TRANSFERS, BenchChain
from tests.bench.index_table import CLIENT, OWNERS
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


def _answer(url: str, body: bytes) -> bytes:
    asked = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=60) as told:
        return bytes(told.read())


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


AT_ONCE = 25_000
"""Rows of a transaction that keeps owners."""

KEYS = {
    "no key": (),
    "primary key": ("primary key (chain_id, block_number, log_index)",),
    "primary key and index by work": (
        "primary key (chain_id, block_number, log_index)",
        "unique (chain_id, contract, token_id, block_number, log_index)",
    ),
}


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of an empty table, packed for COPY."""

    order: bytes
    packed: bytes
    blocks: growth_rows.Ints
    """The block of each row."""

    def write(self, driver: psycopg.Connection[object], first: int, last: int) -> None:
        """Rows `first` to before `last`, within a transaction."""
        width = len(self.packed) // len(self.blocks)
        with driver.cursor().copy(self.order) as writing:
            part = self.packed[first * width : last * width]
            writing.write(b"PGCOPY\n\xff\r\n\0" + bytes(8) + part + b"\xff\xff")


def _rows(driver: psycopg.Connection[object], keys: Sequence[str]) -> _Rows:
    """As many rows as the chain has, of one contract with small ids; the table is made anew."""
    history = growth_rows.History.of(TRANSFERS)
    place = np.arange(TRANSFERS, dtype=np.int64)
    ids = np.zeros((TRANSFERS, 32), dtype=np.uint8)
    ids[:, 24:] = history.token.astype(">i8").view(np.uint8).reshape(-1, 8)
    ours = {"token_id": ids, "contract": np.ones((TRANSFERS, 20), dtype=np.uint8)}
    columns = [
        (name, ours.get(name, values)) for name, values in growth_rows.transfers(history, place)
    ]
    kinds = {"log_index": "int", "chain_id": "bigint", "block_number": "bigint"}
    named = ", ".join(f"{name} {kinds.get(name, 'bytea')}" for name, _ in columns)
    driver.execute("drop table if exists floor")
    driver.execute(f"create table floor ({', '.join([named, *keys])})".encode())
    names = ", ".join(name for name, _ in columns)
    order = f"copy floor ({names}) from stdin with (format binary)".encode()
    return _Rows(order, growth_rows.packed(columns), dict(columns)["block_number"])


def copied(driver: psycopg.Connection[object], keys: Sequence[str]) -> Callable[[], None]:
    """COPY of all rows at once, which are made beforehand."""
    rows = _rows(driver, keys)

    def write() -> None:
        with driver.transaction():
            rows.write(driver, 0, TRANSFERS)

    return write


_OWNERS = b"""
    insert into floor_owners
    select distinct on (contract, token_id) contract, token_id, receiver from floor
    where block_number between %s and %s
    order by contract, token_id, block_number desc, log_index desc
    on conflict (contract, token_id) do update set owner = excluded.owner
"""


def owned(driver: psycopg.Connection[object]) -> Callable[[], None]:
    """COPY of the same rows and the owners after them, in transactions of 25,000 rows."""
    rows = _rows(driver, KEYS["primary key and index by work"])
    driver.execute("drop table if exists floor_owners")
    driver.execute(
        "create table floor_owners (contract bytea, token_id bytea, owner bytea, "
        "primary key (contract, token_id))"
    )

    def write() -> None:
        for first in range(0, TRANSFERS, AT_ONCE):
            last = min(first + AT_ONCE, TRANSFERS)
            blocks = int(rows.blocks[first]), int(rows.blocks[last - 1])
            with driver.transaction():
                rows.write(driver, first, last)
                driver.execute(_OWNERS, blocks)

    return write


class _Log(msgspec.Struct, rename="camel", gc=False):
    address: str
    topics: list[str]
    block_number: str
    transaction_hash: str
    log_index: str


class _Answer(msgspec.Struct, gc=False):
    result: list[_Log]


def decoded(chain: BenchChain) -> Callable[[], None]:
    """What a client cannot do without: typed decoding, and a binary row of each log."""
    answers = [_answer(chain.node.rpc_url, body) for body in logs_bodies(chain, 100)]
    pack = Struct(">hiqiqii20si32si20si20si32s").pack
    cut, decode = bytes.fromhex, msgspec.json.Decoder(_Answer).decode

    def work() -> None:
        for answer in answers:
            for log in decode(answer).result:
                _, sender, receiver, token = log.topics
                pack(
                    *(8, 8, 1, 8, int(log.block_number, 16), 4, int(log.log_index, 16)),
                    *(cut(log.address[2:]), 32, cut(token[2:]), 20, cut(sender[26:])),
                    *(20, cut(receiver[26:]), 32, cut(log.transaction_hash[2:])),
                )

    return work


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
        write = owned(driver)
        with programs.costing() as found[OWNERS]:
            write()
        driver.execute("drop table floor, floor_owners")
    work = decoded(chain)
    with programs.costing() as found[CLIENT]:
        work()
    return found
