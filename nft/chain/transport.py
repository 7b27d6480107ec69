"""
JSON-RPC over HTTP to one node or several: a deadline on every call, failover between nodes.

A node that does not answer, or asks us to wait, is benched for a while and the next one is
asked within the same deadline. URLs carry keys, so that only hosts are ever named.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as TransportError
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from nft import recursion
from nft.chain.errors import AnswerInconsistent, NodeRefused, RateLimited, shortened, translate
from nft.errors import ChainMismatch, ChainUnreachable, ExchangeError

recursion.restore()

Request = tuple[str, list[Any]]

LARGEST_ANSWER = 256 * 2**20
SHORTEST_TRY_SECONDS = 0.05
BENCH_SECONDS = 2.0

log = structlog.get_logger(__name__)


class _Session(requests.Session):
    """
    A session whose deadline covers the whole answer.

    The timeout of `requests` starts anew with every byte, so that a node which drips would hold
    its caller for ever; and a body without end would fill the memory.
    """

    def __init__(self) -> None:
        super().__init__()
        self.limit = threading.local()
        self.trust_env = False  # Else every request searches the environment for a proxy.
        adapter = HTTPAdapter(pool_connections=4, pool_maxsize=32)
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send, and read the whole body before the deadline. Raises `requests.Timeout`."""
        seconds: float = self.limit.seconds
        ends_at = time.monotonic() + seconds
        response = super().send(request, **{**kwargs, "stream": True, "timeout": seconds})
        body = bytearray()
        try:
            while part := response.raw.read1(1 << 20, decode_content=True):
                body += part
                if time.monotonic() > ends_at:
                    raise requests.Timeout("the answer did not end in time")
                if len(body) > LARGEST_ANSWER:
                    raise requests.ConnectionError("the answer is too large")
        except (TransportError, OSError) as error:
            response.close()
            if isinstance(error, requests.RequestException):
                raise
            raise requests.ConnectionError(str(error)) from error
        response._content = bytes(body)
        response._content_consumed = True
        response.raw.release_conn()
        return response


@dataclass
class Endpoint:
    """One node, and what we think of it."""

    url: str
    session: _Session = field(default_factory=_Session)
    is_proven: bool = False
    """Whether it has said that it speaks for our chain since its last failure."""
    benched_until: float = 0.0
    failures: int = 0
    lies: int = 0

    @property
    def name(self) -> str:
        """Host and port: what may stand in a log."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @cached_property
    def _provider(self) -> HTTPProvider:
        return HTTPProvider(self.url, session=self.session, exception_retry_configuration=None)

    def post(self, requests_: Sequence[Request], *, seconds: float) -> list[Any]:
        """The nodes' raw answers in order; transport failures raise `ChainUnreachable`."""
        self.session.limit.seconds = seconds
        try:
            if len(requests_) == 1:
                method, params = requests_[0]
                return [self._provider.make_request(RPCEndpoint(method), params)]
            answers: Any = self._provider.make_batch_request(
                [(RPCEndpoint(method), params) for method, params in requests_]
            )
        except requests.HTTPError as error:
            raise self._refusal(error) from error
        except requests.RequestException as error:
            raise ChainUnreachable(f"{self.name}: {type(error).__name__}") from error
        except (ValueError, TypeError, KeyError) as error:
            raise ChainUnreachable(f"{self.name}: not a JSON-RPC answer") from error
        if isinstance(answers, list) and len(answers) == len(requests_):
            return answers
        if isinstance(answers, dict) and answers.get("error"):
            raise translate(answers["error"])
        raise AnswerInconsistent(f"{self.name} left members of a batch out")

    def chain_id(self, *, seconds: float) -> int:
        """The chain that the node speaks for."""
        answer = self.post([("eth_chainId", [])], seconds=seconds)[0]
        if "result" not in answer:
            raise ChainUnreachable(f"{self.name} does not tell its chain id")
        return int(str(answer["result"]), 16)

    def _refusal(self, error: requests.HTTPError) -> ExchangeError:
        """An HTTP status in words; some nodes put a JSON-RPC error under a 4xx."""
        response = error.response
        if response is None:
            return ChainUnreachable(f"{self.name}: {type(error).__name__}")
        if response.status_code == 429:
            after = response.headers.get("Retry-After", "1")
            return RateLimited(self.name, int(after) if after.isdigit() else 1)
        try:
            document = response.json()
        except ValueError:
            document = None
        if isinstance(document, dict) and isinstance(document.get("error"), dict):
            told = translate(document["error"])
            if response.status_code < 500 or not isinstance(told, NodeRefused):
                return told
        return ChainUnreachable(f"{self.name}: HTTP {response.status_code}")


class Transport:
    """Several nodes of one chain behind one method."""

    def __init__(
        self,
        chain_id: int,
        urls: Sequence[str],
        *,
        deadline_seconds: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not urls:
            raise ChainUnreachable(f"no URL of a node of chain {chain_id} is set")
        self.chain_id = chain_id
        self.deadline_seconds = deadline_seconds
        self._clock = clock
        self._endpoints = [Endpoint(url) for url in urls]
        self._lock = threading.Lock()

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The nodes, for health reports."""
        return self._endpoints

    def ask(self, *requests_: Request) -> list[Any]:
        """
        The answers' JSON-RPC objects, `result` or `error` each, all of one node.

        Raises `ChainUnreachable` when the deadline passes or every node failed.
        """
        ends_at = self._clock() + self.deadline_seconds
        failure: ExchangeError = ChainUnreachable("no node was asked")
        for endpoint in self._ranked():
            left = ends_at - self._clock()
            if left < SHORTEST_TRY_SECONDS:
                break
            try:
                self._prove(endpoint, seconds=left)
                answers = self._post(endpoint, requests_, ends_at)
            except (ChainUnreachable, ChainMismatch) as error:
                failure = error
                self._bench(endpoint, error)
            else:
                endpoint.failures = 0
                return answers
        raise failure

    def doubt(self, why: str) -> None:
        """The node asked last contradicted itself: ask another one next."""
        endpoint = self._ranked()[0]
        endpoint.lies += 1
        log.warning("node doubted", node=endpoint.name, why=why, lies=endpoint.lies)
        if len(self._endpoints) > 1:
            endpoint.benched_until = self._clock() + BENCH_SECONDS

    def _ranked(self) -> list[Endpoint]:
        """Those not benched in their given order, then the benched ones, soonest back first."""
        now = self._clock()
        return sorted(self._endpoints, key=lambda node: max(0.0, node.benched_until - now))

    def _prove(self, endpoint: Endpoint, *, seconds: float) -> None:
        if endpoint.is_proven:
            return
        found = endpoint.chain_id(seconds=seconds)
        if found != self.chain_id:
            raise ChainMismatch(self.chain_id, found)
        endpoint.is_proven = True

    def _post(self, endpoint: Endpoint, asked: Sequence[Request], ends_at: float) -> list[Any]:
        left = ends_at - self._clock()
        share = left if len(self._endpoints) == 1 else min(left, self.deadline_seconds / 2)
        answers = endpoint.post(asked, seconds=max(share, SHORTEST_TRY_SECONDS))
        for answer in answers:
            if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
                error = translate(answer["error"])
                if isinstance(error, RateLimited):
                    raise error
        return answers

    def _bench(self, endpoint: Endpoint, error: ExchangeError) -> None:
        with self._lock:
            endpoint.failures += 1
            endpoint.is_proven = False
            wait = BENCH_SECONDS
            if isinstance(error, RateLimited):
                wait = max(wait, error.retry_after_seconds)
            if len(self._endpoints) > 1:
                endpoint.benched_until = self._clock() + wait
        if endpoint.failures == 1:
            log.warning("node failed", node=endpoint.name, why=shortened(str(error)))
