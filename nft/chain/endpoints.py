"""
One node behind a URL: asking it in bytes, and what we think of it.

URLs carry keys, so that only hosts are ever named. What may be thought of a node: it failed (and
is benched for longer each time), it asked us to wait, it was doubted, it speaks for another
chain, or it was proved to lie (and is quarantined).
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from nft.chain import rpc
from nft.chain.connections import Answer, Connections, NotHttp, TooLong
from nft.chain.errors import AnswerTooLarge, NodeRefused, RangeRefused, RateLimited, translate
from nft.errors import ChainUnreachable, ExchangeError

State = Literal["healthy", "benched", "quarantined", "wrong_chain"]

LONGEST_RETRY_AFTER = 600
LATENCY_WEIGHT = 0.2
REASONS_KEPT = 50


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """How a node does, for metrics and `/status`."""

    name: str
    state: State
    height: int | None
    """The newest head it told."""
    lag_blocks: int
    """Blocks behind the highest head that any node told."""
    latency_ms: float | None
    outstanding: int
    requests: int
    failures: int
    rate_limited: int
    lies: int
    """Lies that were proved."""
    doubts: int
    doubts_by_reason: Mapping[str, int]
    last_error: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How nodes are treated; one set for all of a chain."""

    per_second: float | None = None
    """Requests a second to one node, members of a batch counted; None: no limit."""
    bench_seconds: float = 2.0
    """For the first failure; doubled for each further one."""
    longest_bench_seconds: float = 30.0
    doubt_seconds: float = 2.0
    wrong_chain_seconds: float = 60.0
    quarantine_seconds: float = 300.0
    longest_wait_seconds: float = 1.0
    """For a node that asked us to wait, when there is no other; else the caller is told."""
    most_lag_blocks: int = 5
    """Behind the highest head told; of a node further back the head is asked last."""


class Budget:
    """How many requests a second a node is asked at most; None: as many as we like."""

    def __init__(self, per_second: float | None) -> None:
        self.per_second = per_second
        self._free_at = 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next request may go."""
        return max(0.0, self._free_at - now) if self.per_second else 0.0

    def spend(self, count: int, now: float) -> None:
        """Count requests that go now."""
        if self.per_second:
            self._free_at = max(self._free_at, now) + count / self.per_second


@dataclass(eq=False)
class Endpoint:
    """One node, and what we think of it. Counters are changed under the transport's lock."""

    url: str
    name: str = ""
    """Host and port: what may stand in a log."""
    budget: Budget = field(default_factory=lambda: Budget(None))
    is_proven: bool = False
    """Whether it has said that it speaks for our chain since its last failure."""
    is_wrong_chain: bool = False
    is_probed: bool = False
    """Whether somebody is asking right now if it is back."""
    benched_until: float = 0.0
    doubted_until: float = 0.0
    limited_until: float = 0.0
    lagging_until: float = 0.0
    quarantined_until: float = 0.0
    failures: int = 0
    """Failures in a row."""
    limits: int = 0
    """Refusals for rate in a row."""
    outstanding: int = 0
    height: int | None = None
    latency: float | None = None
    requests: int = 0
    failed: int = 0
    rate_limited: int = 0
    lies: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    last_error: str = ""

    def __post_init__(self) -> None:
        self.name = self.name or name_of(self.url)
        self._connections = Connections(self.url)

    def post_bytes(self, body: bytes, *, seconds: float) -> bytes:
        """
        The node's answer to a JSON-RPC request, as it came.

        Raises `ChainUnreachable` (`RateLimited`), or what an HTTP refusal says in our words.
        """
        try:
            answer = self._connections.post(body, seconds=seconds)
        except TooLong as error:
            raise AnswerTooLarge(self.name) from error
        except (NotHttp, TimeoutError) as error:
            raise ChainUnreachable(f"{self.name}: {error}") from error
        except (OSError, ValueError) as error:
            raise ChainUnreachable(f"{self.name}: {type(error).__name__}") from error
        if answer.status // 100 == 2:
            return answer.body
        raise self._refusal(answer)

    def chain_id(self, *, seconds: float) -> int:
        """The chain that the node speaks for."""
        answer: Any = rpc.answers(
            self.name, self.post_bytes(rpc.body([("eth_chainId", [])]), seconds=seconds), 1
        )[0]
        try:
            return int(str(answer["result"]), 16)
        except (KeyError, ValueError) as error:
            raise ChainUnreachable(f"{self.name} does not tell its chain id") from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._connections.close()

    def state(self, now: float) -> State:
        """In one word."""
        if self.is_wrong_chain:
            return "wrong_chain"
        if now < self.quarantined_until:
            return "quarantined"
        until = max(self.benched_until, self.doubted_until, self.limited_until)
        is_failing = self.failures > 0 and not self.is_proven
        return "benched" if is_failing or now < until else "healthy"

    def waits(self, now: float) -> float:
        """Seconds for which it may not be asked at all."""
        return max(0.0, self.limited_until - now, self.budget.wait(now))

    def benched(self, now: float) -> float:
        """Seconds for which others are asked first."""
        return max(0.0, self.benched_until - now, self.doubted_until - now)

    def is_usable(self, now: float) -> bool:
        """Whether it may be asked at once."""
        return self.is_proven and not self.waits(now) and not self.benched(now)

    def rank(self, now: float, slow: float) -> tuple[Any, ...]:
        """Where it stands among others: the least is asked first, equals in the order given."""
        latency = slow if self.latency is None else self.latency
        return (
            self.waits(now),
            self.benched(now),
            self.is_probed or not self.is_proven,
            now < self.lagging_until,
            self.outstanding,
            latency > slow,
        )

    def took(self, seconds: float) -> None:
        """An answer came after so long."""
        if self.latency is None:
            self.latency = seconds
        else:
            self.latency += LATENCY_WEIGHT * (seconds - self.latency)

    def doubted(self, why: str) -> None:
        """Count a contradiction; numbers and hashes do not make a reason of their own."""
        reason = re.sub(r"0x[0-9a-fA-F]+|\d+", "#", why)[:120]
        known = reason in self.doubts or len(self.doubts) < REASONS_KEPT
        self.doubts[reason if known else "other"] += 1

    def health(self, now: float, best: int | None) -> EndpointHealth:
        """A snapshot, against the best height of all."""
        lag = max(0, best - self.height) if best is not None and self.height is not None else 0
        return EndpointHealth(
            name=self.name,
            state=self.state(now),
            height=self.height,
            lag_blocks=lag,
            latency_ms=None if self.latency is None else round(1000 * self.latency, 3),
            outstanding=self.outstanding,
            requests=self.requests,
            failures=self.failed,
            rate_limited=self.rate_limited,
            lies=self.lies,
            doubts=self.doubts.total(),
            doubts_by_reason=dict(self.doubts),
            last_error=self.last_error,
        )

    def _refusal(self, answer: Answer) -> ExchangeError:
        """An HTTP status in words; some nodes put a JSON-RPC error under a 4xx."""
        if answer.status == 429:
            return RateLimited(self.name, retry_seconds(answer.retry_after))
        document = rpc.decoded(answer.body)
        if isinstance(document, dict) and isinstance(document.get("error"), dict):
            told = translate(document["error"])
            if answer.status < 500 or not isinstance(told, NodeRefused):
                return told
        if answer.status == 413:
            return RangeRefused(f"{self.name}: HTTP 413")
        if answer.status in (400, 406, 415, 422):
            return NodeRefused(answer.status, f"{self.name}: HTTP {answer.status}")
        return ChainUnreachable(f"{self.name}: HTTP {answer.status}")


def retry_seconds(text: str) -> int | None:
    """What a `Retry-After` asks for, seconds or a date; None where it says nothing we can read."""
    if text.isdigit():
        return min(int(text), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    left = (at.astimezone(UTC) - datetime.fromtimestamp(time.time(), UTC)).total_seconds()
    return max(0, min(int(left) + 1, LONGEST_RETRY_AFTER))


def name_of(url: str) -> str:
    """Host and port of a URL, without its keys."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def is_socket(url: str) -> bool:
    """Whether a URL is a WebSocket's."""
    return urlsplit(url).scheme in ("ws", "wss")


def socket_forms(urls: Sequence[str]) -> list[str]:
    """Where heads may be pushed: the sockets named, else the nodes' own URLs as sockets."""
    named = [url for url in urls if is_socket(url)]
    return named or ["ws" + url.removeprefix("http") for url in urls if url.startswith("http")]


def endpoints_of(urls: Sequence[str], limits: Limits) -> list[Endpoint]:
    """
    A node for each URL; two accounts with one provider are two nodes.

    Requests never go over a WebSocket: where only sockets are named, the same address is asked
    by HTTP.
    """
    chosen = [url for url in urls if not is_socket(url)]
    made: list[Endpoint] = []
    for url in chosen or ["http" + url.removeprefix("ws") for url in urls]:
        endpoint = Endpoint(url, budget=Budget(limits.per_second))
        count = sum(one.name.partition("#")[0] == endpoint.name for one in made)
        if count:
            endpoint.name += f"#{count + 1}"
        made.append(endpoint)
    return made
