"""
JSON-RPC over HTTP to one node or several: a deadline on every call, failover between nodes.

The node with the least to do is asked. One that does not answer, or asks us to wait, is benched
for a while, longer each time, and the next one is asked within the same deadline. A node that was
proved to lie is not asked at all until its quarantine ends, if there is another.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

import structlog

from nft.chain import quorum, rpc
from nft.chain.endpoints import (
    Endpoint,
    EndpointHealth,
    Limits,
    endpoints_of,
    name_of,
    socket_forms,
)
from nft.chain.errors import AnswerInconsistent, AnswerTooLarge, RateLimited, shortened
from nft.chain.rpc import Request
from nft.errors import ChainMismatch, ChainUnreachable, ExchangeError

__all__ = ["Endpoint", "EndpointHealth", "Limits", "Request", "Transport"]

T = TypeVar("T")

SHORTEST_TRY_SECONDS = 0.05
PROBE_SECONDS = 2.0
LATEST = "latest"

log = structlog.get_logger(__name__)


class _Lagging(ChainUnreachable):
    """A head behind that of another node."""

    def __init__(self, endpoint: Endpoint, height: int, answer: Any) -> None:
        self.height = height
        self.answer = answer
        super().__init__(f"{endpoint.name} lags at block {height}")


class Transport:
    """Several nodes of one chain behind one method. Any thread may ask."""

    def __init__(
        self,
        chain_id: int,
        urls: Sequence[str],
        *,
        deadline_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
    ) -> None:
        if not urls:
            raise ChainUnreachable(f"no URL of a node of chain {chain_id} is set")
        self.chain_id = chain_id
        self.deadline_seconds = deadline_seconds
        self.limits = limits or Limits()
        self._clock = clock
        self._endpoints = endpoints_of(urls, self.limits)
        self._sockets = socket_forms(urls)
        self._lock = threading.Lock()
        self._local = threading.local()

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The nodes, in the order given."""
        return self._endpoints

    @property
    def best_height(self) -> int | None:
        """The highest head that a node not in quarantine has told."""
        now = self._clock()
        told = [
            one.height
            for one in self._endpoints
            if one.height is not None and now >= one.quarantined_until and not one.is_wrong_chain
        ]
        return max(told, default=None)

    def health(self) -> list[EndpointHealth]:
        """How each node does."""
        now, best = self._clock(), self.best_height
        return [endpoint.health(now, best) for endpoint in self._endpoints]

    # Asking

    def ask(self, *requests: Request) -> list[Any]:
        """
        The answers' JSON-RPC objects, `result` or `error` each, all of one node.

        Raises `ChainUnreachable` when the deadline passes or every node failed.
        """

        def read(endpoint: Endpoint, raw: bytes) -> list[Any]:
            told: list[Any] = rpc.answers(endpoint.name, raw, len(requests))
            for (method, params), answer in zip(requests, told, strict=True):
                if method == "eth_getBlockByNumber" and params[0] == LATEST:
                    self._note_head(endpoint, answer, told)
            return told

        return self._ask(rpc.body(requests), read, len(requests))[0]

    def ask_bytes(
        self,
        body: bytes,
        *,
        sticky: Endpoint | None = None,
        weight: int = 1,
        seconds: float | None = None,
    ) -> tuple[bytes, Endpoint]:
        """
        The raw answer to a JSON-RPC body, single or batch, and who gave it.

        `sticky` is asked first while it is well; `weight` is the number of members. Members may
        be in another order, missing or refused: that is for the caller to see. Raises as `ask`.
        """

        def read(endpoint: Endpoint, raw: bytes) -> bytes:
            if raw[:64].lstrip()[:1] not in (b"{", b"["):
                raise ChainUnreachable(f"{endpoint.name}: not a JSON-RPC answer")
            return raw

        return self._ask(body, read, weight, sticky=sticky, seconds=seconds)

    @property
    def sockets(self) -> Sequence[str]:
        """Where heads may be pushed, as URLs."""
        return self._sockets

    @property
    def answered_last(self) -> Endpoint:
        """Who answered this thread last."""
        last: Endpoint | None = getattr(self._local, "answered", None)
        return last or self._pick(set(), None) or self._endpoints[0]

    def named_by(self, url: str) -> str:
        """The name of the node at a socket's URL."""
        host = name_of(url)
        return next((one.name for one in self._endpoints if one.name == host), host)

    def saw_head(self, name: str, number: int) -> None:
        """Somebody who reads raw answers, or a subscription, met a node's head."""
        for endpoint in self._endpoints:
            if endpoint.name == name:
                endpoint.height = number

    def quorum(self, number: int) -> quorum.Verdict:
        """What the nodes say of the hash of a height; the odd one out is benched."""
        now = self._clock()
        asked = [one for one in self._endpoints if not one.waits(now) and self._may_speak(one)]
        verdict = quorum.poll(number, asked, lambda one, sent: self._ask_this(one, sent))
        for endpoint in verdict.odd:
            self.doubt(f"another hash for block {number} than the majority", endpoint)
            endpoint.doubted_until = self._clock() + self.limits.longest_bench_seconds
        return verdict

    def probe(self) -> None:
        """Ask every node for chain and head at once: who answers is back, and heights are known."""
        now = self._clock()
        asked = [one for one in self._endpoints if not one.waits(now)]
        if asked:
            with ThreadPoolExecutor(len(asked), thread_name_prefix="probe") as pool:
                list(pool.map(self._probe, asked))

    # Blame

    def doubt(self, why: str, endpoint: Endpoint | None = None) -> None:
        """A node contradicted itself, the one that this thread asked last: ask another next."""
        blamed = endpoint or self.answered_last
        with self._lock:
            blamed.doubted(why)
            if len(self._endpoints) > 1:
                blamed.doubted_until = self._clock() + self.limits.doubt_seconds
        log.warning("node doubted", node=blamed.name, why=why, doubts=blamed.doubts.total())

    def prove_lie(self, endpoint: Endpoint, why: str) -> None:
        """What a node said was proved false: it is not asked until its quarantine ends."""
        with self._lock:
            endpoint.lies += 1
            endpoint.last_error = shortened(why)
            endpoint.height = None
            if len(self._endpoints) > 1:
                endpoint.quarantined_until = self._clock() + self.limits.quarantine_seconds
        log.error("node lied", node=endpoint.name, why=why, lies=endpoint.lies)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        for endpoint in self._endpoints:
            endpoint.close()

    # One call

    def _ask(
        self,
        body: bytes,
        read: Callable[[Endpoint, bytes], T],
        weight: int,
        *,
        sticky: Endpoint | None = None,
        seconds: float | None = None,
    ) -> tuple[T, Endpoint]:
        ends_at = self._clock() + (seconds or self.deadline_seconds)
        failure: ExchangeError | None = None
        lagging: list[tuple[_Lagging, Endpoint]] = []
        tried: set[Endpoint] = set()
        while (endpoint := self._pick(tried, sticky)) is not None:
            if ends_at - self._clock() < SHORTEST_TRY_SECONDS:
                break
            tried.add(endpoint)
            try:
                answer = self._try(endpoint, body, read, weight, ends_at)
            except _Lagging as error:
                lagging.append((error, endpoint))
            except (ChainUnreachable, ChainMismatch, AnswerInconsistent, AnswerTooLarge) as error:
                failure = error
                self._failed(endpoint, error)
            else:
                self._local.answered = endpoint
                return answer, endpoint
        if lagging:
            best, endpoint = max(lagging, key=lambda one: one[0].height)
            self._local.answered = endpoint
            return best.answer, endpoint
        raise failure or self._nobody()

    def _try(
        self,
        endpoint: Endpoint,
        body: bytes,
        read: Callable[[Endpoint, bytes], T],
        weight: int,
        ends_at: float,
    ) -> T:
        self._wait(endpoint, weight, ends_at)
        with self._lock:
            endpoint.outstanding += 1
            endpoint.requests += weight
        try:
            self._prove(endpoint, seconds=self._share(ends_at))
            started = self._clock()
            raw = endpoint.post_bytes(body, seconds=self._share(ends_at))
            rpc.check_rate(raw)
            answer = read(endpoint, raw)
        finally:
            with self._lock:
                endpoint.outstanding -= 1
        if endpoint.failures:
            log.info("node is back", node=endpoint.name, after_failures=endpoint.failures)
        endpoint.took(self._clock() - started)
        endpoint.failures = endpoint.limits = 0
        return answer

    def _share(self, ends_at: float) -> float:
        """A node that hangs leaves time for another one."""
        left = ends_at - self._clock()
        share = left if len(self._endpoints) == 1 else min(left, self.deadline_seconds / 2)
        return max(share, SHORTEST_TRY_SECONDS)

    def _wait(self, endpoint: Endpoint, weight: int, ends_at: float) -> None:
        """Until the node may be asked. Raises `RateLimited` if that is too long."""
        now = self._clock()
        limited, budget = endpoint.limited_until - now, endpoint.budget
        if limited > min(self.limits.longest_wait_seconds, ends_at - now):
            raise self._limited(endpoint, limited)
        with self._lock:
            wait = max(0.0, limited, budget.wait(now))
            if wait > ends_at - now:
                raise self._limited(endpoint, wait)
            budget.spend(weight, now)
        if wait:
            time.sleep(wait)

    def _limited(self, endpoint: Endpoint, wait: float) -> RateLimited:
        return _Spared(endpoint.name, max(1, round(wait)))

    def _prove(self, endpoint: Endpoint, *, seconds: float) -> None:
        if endpoint.is_proven:
            return
        found = endpoint.chain_id(seconds=seconds)
        if found != self.chain_id:
            raise ChainMismatch(self.chain_id, found)
        endpoint.is_proven, endpoint.is_wrong_chain = True, False

    def _note_head(self, endpoint: Endpoint, answer: Any, told: Any) -> None:
        """Raise `_Lagging` if another is further: who answers soonest may stay a little behind."""
        try:
            endpoint.height = height = int(answer["result"]["number"], 16)
        except (KeyError, TypeError, ValueError):
            return
        now, best = self._clock(), self.best_height
        is_far = best is not None and best - height > self.limits.most_lag_blocks
        if is_far:
            endpoint.lagging_until = now + self.limits.doubt_seconds
        usable = [one.height or 0 for one in self._endpoints if one.is_usable(now)]
        if is_far or max(usable, default=0) > height:
            raise _Lagging(endpoint, height, told)

    # Choosing

    def _pick(self, tried: set[Endpoint], sticky: Endpoint | None) -> Endpoint | None:
        now = self._clock()
        waiting = [one for one in self._endpoints if one not in tried and self._may_speak(one)]
        if not waiting:
            return None
        if sticky in waiting and sticky is not None and sticky.is_usable(now):
            return sticky
        slow = 2 * min((one.latency for one in waiting if one.latency), default=0.0) + 0.005
        chosen = min(waiting, key=lambda one: one.rank(now, slow))
        if chosen.is_usable(now):
            self._wake(waiting, now)
        return chosen

    def _may_speak(self, endpoint: Endpoint) -> bool:
        return self._clock() >= endpoint.quarantined_until

    def _wake(self, waiting: Sequence[Endpoint], now: float) -> None:
        """Ask those whose bench is over whether they are back, while another one answers."""
        for endpoint in waiting:
            if endpoint.is_proven or endpoint.waits(now) or endpoint.benched(now):
                continue
            with self._lock:
                if endpoint.is_probed:
                    continue
                endpoint.is_probed = True
            threading.Thread(target=self._probe, args=(endpoint,), daemon=True).start()

    def _probe(self, endpoint: Endpoint) -> None:
        endpoint.is_probed = True
        try:
            answer = self._ask_this(endpoint, ("eth_getBlockByNumber", [LATEST, False]))
            with suppress(_Lagging):
                self._note_head(endpoint, answer, None)
            with self._lock:
                endpoint.benched_until = 0.0
        except ExchangeError as error:
            self._failed(endpoint, error)
        finally:
            endpoint.is_probed = False

    def _ask_this(self, endpoint: Endpoint, request: Request) -> Any:
        """One node's answer, no other is asked."""
        self._prove(endpoint, seconds=PROBE_SECONDS)
        with self._lock:
            endpoint.requests += 1
        started = self._clock()
        raw = endpoint.post_bytes(rpc.body([request]), seconds=PROBE_SECONDS)
        rpc.check_rate(raw)
        endpoint.took(self._clock() - started)
        return rpc.answers(endpoint.name, raw, 1)[0]

    def _nobody(self) -> ChainUnreachable:
        names = ", ".join(one.name for one in self._endpoints)
        return ChainUnreachable(f"no node may be asked: {names} in quarantine for lies")

    # Failure

    def _failed(self, endpoint: Endpoint, error: ExchangeError) -> None:
        if isinstance(error, _Spared):
            return
        now, limits, alone = self._clock(), self.limits, len(self._endpoints) == 1
        with self._lock:
            endpoint.last_error = shortened(str(error))
            if isinstance(error, RateLimited):
                endpoint.rate_limited += 1
                endpoint.limits += 1
                wait = float(error.retry_after_seconds)
                if not error.has_said_how_long:
                    wait = min(2.0 ** (endpoint.limits - 1), limits.longest_bench_seconds)
                endpoint.limited_until = now + wait
                return
            endpoint.failed += 1
            endpoint.failures += 1
            endpoint.is_proven = False
            if isinstance(error, AnswerInconsistent):
                endpoint.doubted(str(error))
            doubled = limits.bench_seconds * 2.0 ** min(endpoint.failures - 1, 16)
            bench = min(doubled, limits.longest_bench_seconds)
            if isinstance(error, ChainMismatch):
                endpoint.is_wrong_chain, bench = True, limits.wrong_chain_seconds
            endpoint.benched_until = 0.0 if alone else now + bench
        if endpoint.failures == 1:
            log.warning("node failed", node=endpoint.name, why=shortened(str(error)))


class _Spared(RateLimited):
    """The node was not asked, since it had asked us to wait or its budget is spent."""
