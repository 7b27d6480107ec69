"""
A node between us and a real one, which passes everything on and lies when a test tells it to.

A lie names a method, which calls it is told for, and how often; what it says is a `Fault` of the
scripted node. Everything else, WebSockets too, is the real node's answer to the byte. It can also
lag: it then knows no block of the newest few, in any answer.
"""

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from tests.support.scripted_node import Fault, Handler, Refuse, serving

When = Callable[[list[Any]], bool]
"""Whether a lie is told for a call, by its parameters."""


@dataclass
class Lie:
    """What is told instead of the truth."""

    method: str
    fault: Fault
    times: int | None
    """How often; None: always."""
    when: When
    told: int = 0


def always(params: list[Any]) -> bool:
    """For every call."""
    return True


def covering(*numbers: int, hashes: tuple[str, ...] = ()) -> When:
    """For `eth_getLogs` over any of these heights or of these blocks."""

    def when(params: list[Any]) -> bool:
        query = params[0]
        if "blockHash" in query:
            return query["blockHash"] in hashes
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        return any(first <= number <= last for number in numbers)

    return when


def at(*blocks: int | str) -> When:
    """For a question about a block by number, tag or hash."""
    told = {hex(block) if isinstance(block, int) else block for block in blocks}
    return lambda params: params[0] in told


@dataclass
class LyingNode:
    """A proxy in front of the node at `upstream`."""

    upstream: str
    url: str = ""
    behind: int = 0
    """How many of the newest blocks it does not have yet."""
    is_reordering: bool = False
    """Whether a batch is answered back to front."""
    reordered: int = 0
    """How many batches of several members were."""
    members_lost: int = 0
    """Members that the next batches leave out, each one of them."""
    is_mute: bool = False
    """Whether what the node pushes over sockets is held back."""
    has_sockets: bool = True
    lies: list[Lie] = field(default_factory=list)
    asked: list[tuple[str, list[Any]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._pool = urllib3.PoolManager(maxsize=16)

    def lie(self, method: str, fault: Fault, *, times: int | None = 1, when: When = always) -> Lie:
        """Tell a lie; it is returned, so that a test can see how often it was told."""
        made = Lie(method, fault, times, when)
        with self._lock:
            self.lies.append(made)
        return made

    def repent(self) -> None:
        """Be honest from now on."""
        with self._lock:
            self.lies.clear()
        self.behind, self.is_reordering, self.members_lost, self.is_mute = 0, False, 0, False

    @property
    def is_honest(self) -> bool:
        """Whether everything passes as it is."""
        spent = all(lie.times == 0 for lie in self.lies)
        return spent and not (self.behind or self.is_reordering or self.members_lost)

    def count(self, method: str) -> int:
        """How often a method was asked for."""
        return sum(name == method for name, _ in self.asked)

    def forward(self, body: bytes) -> bytes:
        """The real node's own bytes."""
        return self._pool.request(
            "POST", self.upstream, body=body, headers={"Content-Type": "application/json"}
        ).data

    def real(self, method: str, params: list[Any]) -> Any:
        """The real node's result."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        document = json.loads(self.forward(json.dumps(asked).encode()))
        if "error" in document:
            raise Refuse(document["error"]["message"], code=document["error"]["code"])
        return document["result"]

    def answer(self, method: str, params: list[Any]) -> Any:
        """What is told, which is the truth unless a lie fits."""
        result = self._lagging(method, params) if self.behind else self.real(method, params)
        with self._lock:
            lie = self._fitting(method, params)
            if lie is None:
                return result
            lie.told += 1
            if lie.times is not None:
                lie.times -= 1
        return lie.fault(result)

    def _fitting(self, method: str, params: list[Any]) -> Lie | None:
        return next(
            (
                lie
                for lie in self.lies
                if lie.method == method and lie.times != 0 and lie.when(params)
            ),
            None,
        )

    def _lagging(self, method: str, params: list[Any]) -> Any:
        """As a node answers that has not seen the newest blocks: nothing, and no error."""
        head = max(0, int(self.real("eth_blockNumber", []), 16) - self.behind)
        if method == "eth_blockNumber":
            return hex(head)
        if method == "eth_getBlockByNumber" and params[0] in ("latest", "pending"):
            return self.real(method, [hex(head), *params[1:]])
        if method == "eth_getLogs" and "toBlock" in params[0]:
            query = dict(params[0])
            if int(query["fromBlock"], 16) > head:
                return []
            query["toBlock"] = hex(min(head, int(query["toBlock"], 16)))
            return self.real(method, [query])
        result = self.real(method, params)
        number = result.get("number") if isinstance(result, dict) else None
        return None if number is not None and int(number, 16) > head else result


class _Proxy(Handler):
    node: LyingNode

    def answer(self, body: bytes) -> Any:
        asked = json.loads(body)
        members = asked if isinstance(asked, list) else [asked]
        self.node.asked.extend((one["method"], one["params"]) for one in members)
        if self.node.is_honest:
            return self.node.forward(body)
        told = [self.one(part) for part in members]
        if not isinstance(asked, list):
            return told[0]
        if self.node.members_lost:
            self.node.members_lost -= 1
            del told[len(told) // 2]
        if not self.node.is_reordering:
            return told
        self.node.reordered += len(told) > 1
        return told[::-1]

    def do_GET(self) -> None:
        """A WebSocket: spliced to the real node's."""
        if not self.node.has_sockets:
            self.send_error(404)
            return
        parts = urlsplit(self.node.upstream)
        with socket.create_connection((parts.hostname or "", parts.port or 80)) as upstream:
            lines = [self.requestline, *(f"{name}: {text}" for name, text in self.headers.items())]
            upstream.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
            there = threading.Thread(target=_copy, args=(self.connection, upstream, lambda: False))
            there.start()
            _copy(upstream, self.connection, lambda: self.node.is_mute)
            there.join(5)
        self.close_connection = True


def _copy(source: socket.socket, target: socket.socket, is_mute: Callable[[], bool]) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            if not is_mute():
                target.sendall(part)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        source.shutdown(socket.SHUT_RDWR)


@contextmanager
def lying(upstream: str) -> Iterator[LyingNode]:
    """A proxy on a free port; honest at first."""
    node = LyingNode(upstream)
    with serving(node, _Proxy):
        yield node
    node._pool.clear()
