"""
The clock of a local chain's exchange.

Contracts judge by the time of blocks. On a development node that time can be set forward, to see
an auction end or a price fall; then our own clock is set forward as well and runs on from there, or
pages would speak of a past that the chain has left behind. Elsewhere blocks do not run ahead.
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from api.local.rpc import Node, NodeRefused, NodeSilent

ASK_EVERY_SECONDS = 1.0
DEADLINE_SECONDS = 0.5


def utc_now() -> datetime:
    """The clock of the machine."""
    return datetime.now(UTC)


class ChainClock:
    """The machine's clock, ahead by what the local chain is; asked once a second at most."""

    def __init__(self, url: str, machine: Callable[[], datetime] = utc_now) -> None:
        self._node = Node(url, timeout=DEADLINE_SECONDS)
        self._machine = machine
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._ahead = timedelta(0)

    def __call__(self) -> datetime:
        """The present; never earlier than the newest block."""
        now = self._machine()
        with self._lock:
            if time.monotonic() - self._asked_at >= ASK_EVERY_SECONDS:
                self._asked_at = time.monotonic()
                block_time = self._newest()
                if block_time is not None:
                    self._ahead = max(self._ahead, block_time - now)
            return now + self._ahead

    def _newest(self) -> datetime | None:
        try:
            block = self._node.call("eth_getBlockByNumber", "latest", False)
        except (NodeSilent, NodeRefused):
            return None
        return datetime.fromtimestamp(int(block["timestamp"], 16), UTC)
