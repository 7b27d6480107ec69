"""
The chain that indexers are measured on: 200,000 transfers of one ERC-721 contract in 2,401 blocks.

Anvil; a tenth of the blocks have no events; 79,835 mints, the rest moves
among 5,000 holders; forty logs a transaction. Seeded, times included, so that every making has the
same block hashes. What is made is kept below `~/.cache/vernissage/bench` by the hash of its recipe
(VERNISSAGE_BENCH_CACHE names another folder).

    python -m tests.bench.index_chain       # make it, if need be; print where it lies
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nft.types import Address
from tests.support.servers import Node, running_anvil
from tests.support.strangers import double

SEED = 7
BLOCKS = 2_401
EMPTY_BLOCKS = 240
TRANSFERS = 200_000
MINTS = 79_835
HOLDERS = 5_000
LOGS_PER_TRANSACTION = 40
GENESIS_TIME = 1_700_000_000
BLOCK_SECONDS = 12
CONTRACT = "CrowdToken"
FIRST_BLOCK = 1
SPREAD = 0xC8BA5FD2B6A7D9B1D1F5A49E3A7C2C5F1E6D0B
"""The contract's factor from a holder's number to an address."""

CACHE = Path(
    os.environ.get("VERNISSAGE_BENCH_CACHE") or Path.home() / ".cache" / "vernissage" / "bench"
)

Transaction = bytes
"""Words for `move`, one after the other."""


@dataclass(frozen=True, slots=True)
class BenchChain:
    """The chain, running."""

    node: Node
    contract: Address
    digest: str
    """SHA-256 over token id and owner, as `vernissage index bench` gives it."""


def holder(number: int) -> bytes:
    """A holder's address, as the contract computes it."""
    return (number * SPREAD % 2**160).to_bytes(20, "big")


def transactions() -> Iterator[Transaction]:
    """The whole history, forty moves at a time."""
    chance = random.Random(SEED)
    mints = {0, *chance.sample(range(1, TRANSFERS), MINTS - 1)}
    words, born = [], 0
    for place in range(TRANSFERS):
        if place in mints:
            token, born = born, born + 1
        else:
            token = chance.randrange(born)
        receiver = chance.randint(1, HOLDERS)
        words.append(receiver.to_bytes(20, "big") + token.to_bytes(12, "big"))
        if len(words) == LOGS_PER_TRANSACTION:
            yield b"".join(words)
            words.clear()


def blocks() -> list[list[Transaction]]:
    """Transactions by block; the first block is the contract's creation and not among them."""
    chance = random.Random(SEED + 1)
    made: list[list[Transaction]] = [[] for _ in range(BLOCKS - 1)]
    full = sorted(chance.sample(range(BLOCKS - 1), BLOCKS - 1 - EMPTY_BLOCKS))
    count = TRANSFERS // LOGS_PER_TRANSACTION
    extra = sorted([*full, *full, *chance.sample(full, count - 2 * len(full))])
    for number, transaction in zip(extra, transactions(), strict=True):
        made[number].append(transaction)
    return made


def owners_digest() -> str:
    """What the owners must be at the end."""
    owners: dict[bytes, int] = {}
    for words in transactions():
        for start in range(0, len(words), 32):
            token, receiver = words[start + 20 : start + 32], words[start : start + 20]
            owners[token] = int.from_bytes(receiver, "big")
    hashed = hashlib.sha256()
    for token in sorted(owners):
        hashed.update(token.rjust(32, b"\0") + holder(owners[token]))
    return hashed.hexdigest()


def _post(node: Node, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
    """Many calls in one request."""
    body = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
        for number, (method, params) in enumerate(calls)
    ]
    request = urllib.request.Request(
        node.rpc_url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        found = json.load(answer)
    for one in found:
        if "error" in one:
            raise RuntimeError(one["error"])
    return [one["result"] for one in sorted(found, key=lambda one: one["id"])]


def _sending(sender: str, nonce: int, data: bytes, to: str | None) -> tuple[str, list[Any]]:
    fields = {
        "from": sender,
        "nonce": hex(nonce),
        "gas": hex(8_000_000),
        "gasPrice": hex(10**9),
    }
    return "eth_sendTransaction", [
        {**fields, "data": "0x" + data.hex(), **({"to": to} if to else {})}
    ]


def make(node: Node) -> Address:
    """Play the history on an empty node that mines when told to."""
    abi, sender = double(CONTRACT), node.accounts()[0]
    selector = abi["move"].encode([])[:4]
    node.call("anvil_setBlockTimestampInterval", BLOCK_SECONDS)
    (created,) = _post(node, [_sending(sender, 0, abi.creation(), None)])
    node.call("evm_mine")
    contract = Address.parse(node.receipt(created)["contractAddress"])
    nonce = 1
    for one in blocks():
        calls = list[tuple[str, list[Any]]]()
        for words in one:
            length = len(words) // 32
            data = selector + (32).to_bytes(32, "big") + length.to_bytes(32, "big") + words
            calls.append(_sending(sender, nonce, data, str(contract)))
            nonce += 1
        if calls:
            _post(node, calls)
        node.call("evm_mine")  # Not in the same request, whose members a node may reorder.
    return contract


def _recipe() -> str:
    facts = {
        "code": double(CONTRACT).creation().hex(),
        "numbers": [SEED, BLOCKS, EMPTY_BLOCKS, TRANSFERS, MINTS, HOLDERS, LOGS_PER_TRANSACTION],
        "times": [GENESIS_TIME, BLOCK_SECONDS],
        "version": 2,
    }
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def _made() -> Path:
    """The folder of the chain's state, which is made when it is not there."""
    folder = CACHE / _recipe()
    if (folder / "chain.json").exists():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
        making = Path(unfinished) / "made"
        making.mkdir()
        options = (
            "--no-mining",
            "--timestamp",
            str(GENESIS_TIME),
            "--base-fee",
            "0",
            "--prune-history",
        )
        with running_anvil(*options, "--dump-state", str(making / "state.json")) as node:
            contract = make(node)
            about = {"contract": str(contract), "digest": owners_digest()}
            _check(node, contract)
            (making / "chain.json").write_text(json.dumps(about))
        with contextlib.suppress(FileExistsError):
            making.rename(folder)
    return folder


def _check(node: Node, contract: Address) -> None:
    head = int(node.call("eth_blockNumber"), 16)
    logs = node.call(
        "eth_getLogs", {"address": str(contract), "fromBlock": "0x1", "toBlock": hex(head)}
    )
    if head != BLOCKS or len(logs) != TRANSFERS:
        raise RuntimeError(f"{len(logs)} logs in {head} blocks were made")


@contextlib.contextmanager
def running_chain(*options: str) -> Iterator[BenchChain]:
    """The chain on a node of its own, which mines when told to unless `options` say otherwise."""
    folder = _made()
    about = json.loads((folder / "chain.json").read_text())
    chosen = options or ("--no-mining",)
    with running_anvil("--load-state", str(folder / "state.json"), *chosen) as node:
        yield BenchChain(node, Address.parse(about["contract"]), about["digest"])


def main() -> int:
    """Make it and say where it is."""
    started = time.perf_counter()
    folder = _made()
    made = time.perf_counter()
    with running_chain() as chain:
        _check(chain.node, chain.contract)
    loaded = time.perf_counter()
    print(f"{folder}: made in {made - started:.1f} s, loaded and checked in {loaded - made:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
