"""
Mined to visible at the head: 200 blocks of 20 transfers, seen from another session by SQL.

The indexer runs in a process of its own, as `vernissage index run` does: by WebSocket, or polling
every 100 ms through a wire on which no WebSocket opens. The clock starts when the node has said
that the block is mined.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
from websockets.sync.client import connect

from api.migrations.run import upgrade
from indexer.bench import alone
from nft.chain.deployments import Deployment, Placed
from nft.database import libpq_url
from nft.types import Address
from tests.bench.index_chain import CONTRACT
from tests.support.servers import Databases, Node, running_anvil
from tests.support.strangers import double
from tests.support.tcp_proxy import passes, wired

MOVES = 20
POLL_SECONDS = 0.1
SEED = 7
CURSOR: LiteralString = "select number from chain_cursors"
FLOOR: LiteralString = "select max(block_number) from floor"


def _pushes_nothing(client: socket.socket, part: bytes) -> bool:
    """A wire that lets no WebSocket be opened."""
    return not part.startswith(b"HTTP/1.1 101") and passes(client, part)


def _follow(database_url: str, rpc_url: str, contract: str) -> None:
    from dataclasses import replace

    from indexer.run import follow, prepare_process

    prepare_process()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    follow(
        database_url,
        [rpc_url],
        replace(_deployment(), registered=(Placed(Address.parse(contract), 1),)),
        stop=stop,
        poll_seconds=POLL_SECONDS,
    )


def _deployment() -> Deployment:
    return alone(31337, 1)


@contextmanager
def _process(work: Callable[..., None], *given: str) -> Iterator[None]:
    making = multiprocessing.get_context("spawn")
    process = making.Process(target=work, args=given)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(20)
        process.kill()


def _see(
    looking: psycopg.Connection[tuple[int]], number: int, query: LiteralString = CURSOR
) -> float:
    """When the block was there."""
    deadline = time.monotonic() + 60
    while True:
        row = looking.execute(query).fetchone()
        if row is not None and row[0] is not None and row[0] >= number:
            return time.perf_counter()
        if time.monotonic() > deadline:
            raise TimeoutError(f"the mirror never showed block {number}")
        time.sleep(0.001)


def latencies(
    databases: Databases, *, push: bool, blocks: int, pauses: tuple[float, float]
) -> list[float]:
    """Milliseconds, ascending."""
    url = databases.make()
    upgrade(url)
    chance, found = random.Random(SEED), []
    with running_anvil("--no-mining") as node, wired(node.rpc_url) as wire:
        contract = _deployed(node)
        wire.break_with(_pushes_nothing)
        with (
            _process(_follow, url, node.rpc_url if push else wire.url, str(contract)),
            psycopg.connect(libpq_url(url), autocommit=True) as looking,
        ):
            _see(looking, 1)
            for _ in range(blocks + 5):
                time.sleep(chance.uniform(*pauses))
                found.append(_mine(node, contract, chance, looking))
    databases.drop(url)
    return sorted(found[5:])


def head_floor(databases: Databases, *, blocks: int, pauses: tuple[float, float]) -> list[float]:
    """
    Milliseconds, ascending, of a reader that checks nothing: pushed head, one `eth_getLogs`, its
    rows copied by one small transaction, and seen.
    """
    url = databases.make()
    chance, found = random.Random(SEED), []
    with (
        running_anvil("--no-mining") as node,
        psycopg.connect(libpq_url(url), autocommit=True) as looking,
    ):
        contract = _deployed(node)
        looking.execute("create table floor (block_number bigint, data text)")
        reading = (libpq_url(url), node.rpc_url, str(contract))
        with _process(_read_only, *reading):
            _see(looking, 0, FLOOR)
            for _ in range(blocks + 5):
                time.sleep(chance.uniform(*pauses))
                found.append(_mine(node, contract, chance, looking, FLOOR))
    databases.drop(url)
    return sorted(found[5:])


def _read_only(database_url: str, rpc_url: str, contract: str) -> None:
    parts = urlsplit(rpc_url)
    node = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    copying = "copy floor from stdin"
    with (
        psycopg.connect(database_url) as driver,
        connect(rpc_url.replace("http", "ws", 1), compression=None, proxy=None) as socket,
    ):
        socket.send(_asked("eth_subscribe", "newHeads"))
        socket.recv()
        driver.execute("insert into floor values (0, '')")
        driver.commit()
        while True:
            head = json.loads(socket.recv())["params"]["result"]
            asked = _asked("eth_getLogs", {"address": contract, "blockHash": head["hash"]})
            node.request("POST", "/", asked, {"Content-Type": "application/json"})
            logs = json.loads(node.getresponse().read())["result"]
            number = int(head["number"], 16)
            with driver.cursor() as cursor, cursor.copy(copying) as rows:
                for log in logs:
                    rows.write_row((number, log["topics"][3]))
            driver.commit()


def _asked(method: str, parameter: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": [parameter]})


def _deployed(node: Node) -> Address:
    abi = double(CONTRACT)
    sent = node.call(
        "eth_sendTransaction",
        {"from": node.accounts()[0], "data": "0x" + abi.creation().hex(), "gas": hex(8_000_000)},
    )
    node.call("evm_mine")
    return Address.parse(node.receipt(sent)["contractAddress"])


def _mine(
    node: Node,
    contract: Address,
    chance: random.Random,
    looking: psycopg.Connection[tuple[int]],
    query: LiteralString = CURSOR,
) -> float:
    moves = [chance.randint(1, 5_000) << 96 | chance.randrange(1_000) for _ in range(MOVES)]
    data = "0x" + double(CONTRACT)["move"].encode(moves).hex()
    sent = {"from": node.accounts()[0], "to": str(contract), "data": data, "gas": hex(8_000_000)}
    node.call("eth_sendTransaction", sent)
    number = int(node.call("eth_blockNumber"), 16) + 1
    node.call("evm_mine")
    mined = time.perf_counter()
    return 1000 * max(0.0, _see(looking, number, query) - mined)
