"""
One contract indexed from scratch, and what that cost: `vernissage index bench`.

The engine, its checks and its tables are those of the real mirror; only the tables are others, in
a schema that is dropped at the end. The contract is treated as a registered one, whose history
tells nothing to the outbox.
"""

from __future__ import annotations

import hashlib
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from indexer import registry
from indexer.cursor import Cursor
from indexer.health import Health
from indexer.mirror import Ways
from indexer.rebuild import side_schema
from indexer.run import catch_up
from nft.chain.deployments import OURS, Deployment, Placed
from nft.chain.protocol import Chain
from nft.database import driver
from nft.types import Address


@dataclass(frozen=True, slots=True)
class Bench:
    """What indexing took; CPU and memory are of this process alone."""

    first_block: int
    last_block: int
    events: int
    tokens: int
    seconds: float
    cpu_seconds: float
    peak_memory_bytes: int
    stages: dict[str, float]
    """Seconds of each stage, of all its threads together: they add up to more than `seconds`."""
    owners_sha256: str

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "first_block": str(self.first_block),
            "last_block": str(self.last_block),
            "events": self.events,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 4),
            "events_per_second": round(self.events / self.seconds, 1) if self.seconds else 0.0,
            "cpu_seconds": round(self.cpu_seconds, 4),
            "peak_memory_bytes": self.peak_memory_bytes,
            "stages": {name: round(seconds, 4) for name, seconds in self.stages.items()},
            "owners_sha256": self.owners_sha256,
        }


def bench(
    connection: Connection,
    chain: Chain,
    contract: Address,
    *,
    first_block: int,
    may_load: bool = True,
    moved: Callable[[Cursor, int], None] = lambda cursor, events: None,
) -> Bench:
    """
    Index a contract from `first_block` to the head, into tables of this run's own.

    With `may_load` a long history is loaded in bulk, as the follower does at its first start;
    else tokens and cursor are kept current in every transaction.
    """
    chain_id, health = chain.chain_id, Health()
    ways = Ways(health=health, may_load=may_load, moved=moved)
    with side_schema(connection, f"chain_bench_{os.getpid()}"):
        _join(connection, chain_id, contract, first_block, chain.head().number)
        started, cpu = time.perf_counter(), time.process_time()
        mirror = catch_up(connection, chain, alone(chain_id, first_block), ways)
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
        peak = peak_memory_bytes()
        events, tokens, digest = _owners(connection, contract)
    stages: dict[str, Any] = health.document()["stages"]
    return Bench(
        first_block=first_block,
        last_block=mirror.cursor.number if mirror.cursor else first_block - 1,
        events=events,
        tokens=tokens,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        peak_memory_bytes=peak,
        stages={name: one["seconds"] for name, one in stages.items() if one["count"]},
        owners_sha256=digest,
    )


def alone(chain_id: int, first_block: int) -> Deployment:
    """A deployment without contracts of ours: at their addresses nothing ever spoke."""
    silent = {
        name: Placed(Address(bytes([*b"silent".rjust(19, b"\0"), number])), first_block)
        for number, name in enumerate(OURS)
    }
    return Deployment(chain_id=chain_id, **silent)  # type: ignore[arg-type]


def peak_memory_bytes() -> int:
    """The most that this process ever held; elsewhere than on Linux, its parent may count in."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _join(
    connection: Connection, chain_id: int, contract: Address, first_block: int, head: int
) -> None:
    """Registered, and listened to from the first block on: what a rebuild makes of it."""
    with connection.begin():
        registry.register(connection, chain_id, contract)
        registry.set_first_block(connection, chain_id, contract, first_block, None)
        registry.join(connection, chain_id, contract, head)
        registry.complete(connection, chain_id, contract)


def _owners(connection: Connection, contract: Address) -> tuple[int, int, str]:
    """Transfers, tokens, and SHA-256 over token id and owner, ascending, burned ones left out."""
    hashed = hashlib.sha256()
    with connection.begin():
        connection.execute(text("set local statement_timeout = 0"))
        events, tokens = connection.execute(
            text(
                "select (select count(*) from chain_transfers where contract = :contract), "
                "(select count(*) from chain_tokens where contract = :contract)"
            ),
            {"contract": bytes(contract)},
        ).one()
        with driver(connection).cursor(name="owners") as reading:
            reading.execute(
                "select token_id, owner from chain_tokens where contract = %s and owner <> %s "
                "order by token_id",
                [bytes(contract), bytes(20)],
            )
            for token_id, owner in reading:
                hashed.update(token_id + owner)
    return int(events), int(tokens), hashed.hexdigest()
