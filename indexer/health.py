"""
What an indexer says of its own work: how long each stage takes, how far the head is, who answers.

Kept in memory, cheap enough to be asked in every pass, and written to `index_health` once a
second by a connection of its own: in the mirror's transaction it would lie when that falls.
"""

from __future__ import annotations

import os
import platform
import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from indexer.facts import HEALTH

STAGES = ("fetch", "decode", "apply", "commit", "prove", "follow")
COUNTERS = ("blocks", "events", "rewinds", "amended", "doubted", "backfill_events")

STAGE_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds in seconds; what took longer falls into one more bucket."""
LATENCY_BOUNDS = (0.002, 0.003, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10)

FOLLOWING_BLOCKS = 32
"""A commit of more blocks than this catches up, and says nothing about latency at the head."""

PUBLISH_SECONDS = 1.0


class Histogram:
    """How often something took how long. Whoever calls holds the lock."""

    __slots__ = ("bounds", "buckets", "seconds")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.seconds += seconds
        self.buckets[bisect_left(self.bounds, seconds)] += 1

    def document(self) -> dict[str, Any]:
        """Sum, count and the count of each bucket, not added up."""
        return {
            "count": sum(self.buckets),
            "seconds": round(self.seconds, 6),
            "buckets": list(self.buckets),
        }


class Stage:
    """One run of a stage, timed by `with`."""

    __slots__ = ("_clock", "_histogram", "_lock", "_started")

    def __init__(
        self, histogram: Histogram, lock: threading.Lock, clock: Callable[[], float]
    ) -> None:
        self._histogram = histogram
        self._lock = lock
        self._clock = clock

    def __enter__(self) -> None:
        self._started = self._clock()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """What failed took its time too."""
        took = self._clock() - self._started
        with self._lock:
            self._histogram.add(took)


class Health:
    """
    The record of one indexer's work on one chain; safe to be written by several threads.

    `endpoints` tells the state of each node that is asked, as `Transport.health()` does.
    """

    def __init__(
        self,
        *,
        endpoints: Callable[[], Iterable[object]] | None = None,
        clock: Callable[[], float] = time.perf_counter,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.instance = f"{platform.node()}:{os.getpid()}"
        self.endpoints = endpoints or (lambda: ())
        self._clock = clock
        self._now = now
        self._since = now()
        self._lock = threading.Lock()
        self._stages = {name: Histogram(STAGE_BOUNDS) for name in STAGES}
        self._counters = dict.fromkeys(COUNTERS, 0)
        self._latency = Histogram(LATENCY_BOUNDS)
        self._newest_latencies: deque[float] = deque(maxlen=512)
        self._waiting: dict[int, float] = {}
        self._head_number: int | None = None
        self._head_seen_at: datetime | None = None
        self._backfills: dict[str, dict[str, int]] = {}
        self._trouble: str | None = None
        self._published_at: float | None = None

    # What happens

    def stage(self, name: str) -> Stage:
        """Time one run of a stage: `with health.stage("fetch"): …`."""
        return Stage(self._stages[name], self._lock, self._clock)

    def count(self, name: str, many: int = 1) -> None:
        """So many more blocks, events, rewinds and so on."""
        with self._lock:
            self._counters[name] += many

    def head_seen(self, number: int) -> None:
        """The header of a head arrived; the first arrival of each height counts."""
        with self._lock:
            if self._head_number is not None and number <= self._head_number:
                return
            self._head_number = number
            self._head_seen_at = self._now()
            if len(self._waiting) < FOLLOWING_BLOCKS:
                self._waiting[number] = self._clock()

    def committed(self, number: int, *, blocks: int, events: int) -> None:
        """A transaction brought the mirror to a block; what waited below it is visible now."""
        now = self._clock()
        with self._lock:
            self._counters["blocks"] += blocks
            self._counters["events"] += events
            for height in [waiting for waiting in self._waiting if waiting <= number]:
                took = now - self._waiting.pop(height)
                if blocks <= FOLLOWING_BLOCKS:
                    self._latency.add(took)
                    self._newest_latencies.append(took)

    def rewound(self, number: int) -> None:
        """The mirror turned back to a block: heights above it are seen anew."""
        with self._lock:
            self._counters["rewinds"] += 1
            self._waiting.clear()
            self._head_number = number

    def backfill(self, contract: str, *, first: int, read_to: int, target: int) -> None:
        """How far the history of a registered contract is read."""
        with self._lock:
            self._backfills[contract] = {"first": first, "read_to": read_to, "target": target}

    def backfill_over(self, contract: str) -> None:
        """Its history is complete, or it was refused."""
        with self._lock:
            self._backfills.pop(contract, None)

    def trouble(self, why: str | None) -> None:
        """What the indexer waits for, in words that carry no key; None when it goes on."""
        with self._lock:
            self._trouble = why

    # What is told of it

    def document(self) -> dict[str, Any]:
        """Everything, as plain JSON."""
        endpoints = [_plain(one) for one in self.endpoints()]
        with self._lock:
            return {
                "since": self._since.isoformat(),
                "stages": {name: one.document() for name, one in self._stages.items()},
                "counters": dict(self._counters),
                "latency": self._latency.document() | _quantiles(self._newest_latencies),
                "head": {
                    "number": self._head_number,
                    "seen_at": self._head_seen_at and self._head_seen_at.isoformat(),
                },
                "backfills": {name: dict(one) for name, one in self._backfills.items()},
                "trouble": self._trouble,
                "endpoints": endpoints,
            }

    def publish(self, connection: Connection, chain_id: int) -> bool:
        """
        Write the record, in a transaction of its own, at most once a second; True when written.

        Inside a transaction of somebody else's nothing is written.
        """
        now = self._clock()
        early = self._published_at is not None and now - self._published_at < PUBLISH_SECONDS
        if early or connection.in_transaction():
            return False
        self._published_at = now
        values = {
            "instance": self.instance,
            "document": self.document(),
            "updated_at": func.clock_timestamp(),
        }
        with connection.begin():
            connection.execute(
                insert(HEALTH)
                .values(chain_id=chain_id, **values)
                .on_conflict_do_update(index_elements=["chain_id"], set_=values)
            )
        return True


def _plain(endpoint: object) -> dict[str, Any]:
    if is_dataclass(endpoint) and not isinstance(endpoint, type):
        return asdict(endpoint)
    if isinstance(endpoint, Mapping):
        return dict(endpoint)
    raise TypeError(f"no state of an endpoint: {type(endpoint).__name__}")


def _quantiles(newest: Sequence[float]) -> dict[str, float | None]:
    """Of the newest 512 heads, in seconds."""
    ordered = sorted(newest)
    if not ordered:
        return {"p50": None, "p99": None}
    last = len(ordered) - 1
    return {
        "p50": round(ordered[last // 2], 6),
        "p99": round(ordered[min(last, len(ordered) * 99 // 100)], 6),
    }
