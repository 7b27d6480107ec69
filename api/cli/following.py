"""
`vernissage index run`: every chain in a thread of its own, none of which can stop another.

A node that is down is waited for by its own chain alone. A chain that turned below finality
stands still, says so at `/status`, and the others go on; the process tells it by its exit code
when it ends.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from indexer.mirror import ReorgBelowFinality
from indexer.run import follow
from nft.chain.deployments import Deployment

log = structlog.get_logger(__name__)

STOP_SECONDS = 8.0
"""How long the threads have to end, before the process ends without them."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A chain, its nodes, and what `follow` has to know of it besides."""

    deployment: Deployment
    rpc_urls: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)


def follow_all(database_url: str, chains: Sequence[Followed], stop: threading.Event) -> int:
    """
    Follow them until `stop` is set, or until none is left; returns how many failed.

    Waits in short steps, because a signal is only heard between them.
    """
    failed: list[int] = []

    def follow_one(one: Followed) -> None:
        chain_id = one.deployment.chain_id
        try:
            follow(database_url, one.rpc_urls, one.deployment, stop=stop, **one.options)
        except ReorgBelowFinality as error:
            failed.append(chain_id)
            log.error("chain stands still", chain_id=chain_id, why=str(error))
        except BaseException:
            failed.append(chain_id)
            log.exception("indexer of a chain ended", chain_id=chain_id)

    threads = [threading.Thread(target=follow_one, args=(one,), daemon=True) for one in chains]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and not stop.wait(0.25):
        pass
    for thread in threads:
        thread.join(timeout=STOP_SECONDS)
    return len(failed)


def stop_on_signals() -> threading.Event:
    """Set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def saved_block(path: Path | None) -> Callable[[], int | None] | None:
    """What a local node has on disk: nothing above it is final."""
    if path is None:
        return None

    def read() -> int | None:
        try:
            return int(json.loads(path.read_bytes())["number"])
        except (OSError, ValueError, KeyError):
            return 0

    return read
