"""
Where new heads come from: pushed over a WebSocket where a node offers one, polled otherwise.

A head is a hint that something is new, never a fact. How the indexer uses it:

    with chain.heads(poll_seconds=0.1) as heads:
        while not stop.is_set():
            hint = heads.wait(1.0)
            if hint is None:
                ...      # nothing new: look after finality
            elif hint.block is not None and hint.block.parent_hash == cursor.block_hash:
                ...      # the very next block, header at hand: ask for its logs
            else:
                ...      # a gap, another parent, an old head: ask for the head as ever

A push that does not fit costs one question. One that never comes costs three times the usual time
between blocks: then the head is polled. When the poll knew more than the socket twice, it is
opened anew; when that happens again, heads are polled for a while. Sockets that stay open and
silent, skip heads, or tell old ones for ever have all been met.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal, Self

import structlog
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from nft.chain import answers, rpc
from nft.chain.errors import AnswerInconsistent
from nft.chain.protocol import Block
from nft.chain.transport import Transport
from nft.types import Digest

log = structlog.get_logger(__name__)

WATCH_BLOCK_TIMES = 3
SHORTEST_WATCH_SECONDS, LONGEST_WATCH_SECONDS = 1.0, 15.0
"""Without a head, until it is polled though a socket is open."""
MISSES = 2
"""Heads that only the poll brought before the socket is opened anew."""
GRACE_SECONDS = 0.05
"""For a push that is under way while the poll is answered."""
REST_SECONDS = 60.0
"""Polling alone, after a socket that failed or missed heads again."""
OPEN_SECONDS = 2.0
REOPEN_SECONDS = 0.1
LARGEST_MESSAGE = 2**20
REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class Hint:
    """That there is a new head; `block` is None where the push had no whole header."""

    block: Block | None
    by: Literal["push", "poll"]
    node: str


class Heads:
    """Hints of new heads, for one reader. A thread waits on the socket while there is one."""

    def __init__(
        self,
        transport: Transport,
        *,
        poll_seconds: float = 0.1,
        watch_seconds: float = SHORTEST_WATCH_SECONDS,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._transport = transport
        self._poll_seconds = poll_seconds
        self._watch_seconds = watch_seconds
        self._rest_seconds = rest_seconds
        self._changed = threading.Condition()
        self._waiting: Hint | None = None
        self._last: Digest | None = None
        """Of the newest hint."""
        self._seen: deque[Digest] = deque(maxlen=REMEMBERED)
        self._highest = -1
        self._moved_at = self._polled_at = 0.0
        self.block_seconds: float | None = None
        """The usual time between blocks, as measured."""
        self.misses = 0
        """Heads that an open socket did not tell."""
        self._missed_in_a_row = 0
        self.connections = 0
        self._is_closed = False
        self._socket: ClientConnection | None = None
        self._thread = threading.Thread(target=self._listen_on, name="heads", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def is_pushed(self) -> bool:
        """Whether a socket is open that heads come over."""
        return self._socket is not None

    def wait(self, timeout: float) -> Hint | None:
        """
        The next hint, or None after so many seconds.

        Of several that came meanwhile only the newest counts. Raises `ChainUnreachable` when a
        poll finds nobody.
        """
        ends_at = time.monotonic() + timeout
        while True:
            with self._changed:
                pause = min(self._due(), ends_at) - time.monotonic()
                if self._waiting is None and not self._is_closed and pause > 0:
                    self._changed.wait(pause)
                hint, self._waiting = self._waiting, None
            if hint is not None or self._is_closed:
                return hint
            if time.monotonic() >= self._due() and (hint := self._poll()) is not None:
                return hint
            if time.monotonic() >= ends_at:
                return None

    def close(self) -> None:
        """End the thread and close the socket; whoever waits is answered."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._hang_up()
        self._thread.join(2 * OPEN_SECONDS)

    # Polling

    def _due(self) -> float:
        """When to poll next: seldom while a socket does its work."""
        if not self.is_pushed or self._highest < 0:
            return self._polled_at + self._poll_seconds
        usual = WATCH_BLOCK_TIMES * (self.block_seconds or 0.0)
        watch = min(max(usual, self._watch_seconds), LONGEST_WATCH_SECONDS)
        return max(self._moved_at, self._polled_at) + watch

    def _poll(self) -> Hint | None:
        """The head if it is news, which also tells whether the socket misses any."""
        was_pushed = self.is_pushed and self._highest >= 0
        told = self._transport.ask(("eth_getBlockByNumber", ["latest", False]))[0]
        name = self._transport.answered_last.name
        block = answers.reading(answers.optional_block, told.get("result"))
        self._polled_at = time.monotonic()
        if block is None:
            raise AnswerInconsistent(f"{name} has no newest block")
        with self._changed:
            if was_pushed and block.number > self._highest:
                self._changed.wait_for(lambda: block.block_hash in self._seen, GRACE_SECONDS)
            if block.block_hash == self._last:
                hint, self._waiting = self._waiting, None
                return hint
            is_missed = was_pushed and block.block_hash not in self._seen
            self._note(block)
            self._highest = block.number
        if is_missed:
            self._missed(block.number)
        return Hint(block, "poll", name)

    def _missed(self, number: int) -> None:
        self.misses += 1
        self._missed_in_a_row += 1
        log.warning("head missed by the socket", block=number, misses=self.misses)
        if self._missed_in_a_row >= MISSES:
            self._hang_up()

    def _note(self, block: Block) -> None:
        """Remember a head, and how long it took since the one below."""
        self._last = block.block_hash
        self._seen.append(block.block_hash)
        if block.number <= self._highest:
            return  # Old or of another branch: no sign that the socket does its work.
        now = time.monotonic()
        if self._highest >= 0:
            each = (now - self._moved_at) / (block.number - self._highest)
            usual = self.block_seconds
            self.block_seconds = each if usual is None else usual + 0.3 * (each - usual)
        self._highest, self._moved_at = block.number, now

    # The socket

    def _listen_on(self) -> None:
        """Listen to one socket after another; rest when all failed, or missed heads again."""
        addresses = self._transport.sockets
        failed = 0
        while addresses and not self._is_closed:
            is_good = self._listen(addresses[self.connections % len(addresses)])
            self.connections += 1
            failed = 0 if is_good else failed + 1
            pause = self._rest_seconds if failed >= max(2, len(addresses)) else REOPEN_SECONDS
            with self._changed:
                self._changed.wait_for(lambda: self._is_closed, pause)

    def _listen(self, address: str) -> bool:
        """Listen until the socket closes; whether it told heads and missed none."""
        node = self._transport.named_by(address)
        self._missed_in_a_row = 0
        heard = False
        try:
            with _opened(address) as socket:
                self._subscribe(socket)
                with self._changed:
                    self._socket = socket
                    self._changed.notify_all()
                log.info("heads are pushed", node=node)
                while not self._is_closed:
                    heard |= self._take(rpc.decoded(socket.recv(decode=False)), node)
        except (OSError, WebSocketException, AnswerInconsistent, ValueError) as error:
            if not self._is_closed and self.is_pushed:
                log.warning("heads are polled", node=node, why=type(error).__name__)
        finally:
            with self._changed:
                self._socket = None
                self._changed.notify_all()
        return heard and self._missed_in_a_row < MISSES

    def _subscribe(self, socket: ClientConnection) -> None:
        """Raises `AnswerInconsistent` for another chain, or a node that pushes nothing."""
        chain_id = _asked(socket, "eth_chainId")
        if int(str(chain_id), 16) != self._transport.chain_id:
            raise AnswerInconsistent(f"the socket speaks for chain {chain_id}")
        _asked(socket, "eth_subscribe", "newHeads")

    def _take(self, message: Any, name: str) -> bool:
        """Hand a pushed head on; whether it was one."""
        try:
            header = message["params"]["result"]
            block = answers.reading(answers.optional_block, header)
        except (AnswerInconsistent, KeyError, TypeError):
            block = None
        with self._changed:
            if block is not None:
                if block.block_hash == self._last:
                    return True
                if block.number > self._highest:
                    self._missed_in_a_row = 0
                    self._transport.saw_head(name, block.number)
                self._note(block)
            self._waiting = Hint(block, "push", name)
            self._changed.notify_all()
        return block is not None

    def _hang_up(self) -> None:
        """Close at once, without the courtesy that a silent node would not return."""
        socket = self._socket
        if socket is not None:
            socket.close_socket()


def _opened(address: str) -> ClientConnection:
    return connect(
        address,
        compression=None,
        proxy=None,
        user_agent_header=None,
        open_timeout=OPEN_SECONDS,
        close_timeout=OPEN_SECONDS,
        max_size=LARGEST_MESSAGE,
    )


def _asked(socket: ClientConnection, method: str, *params: Any) -> Any:
    socket.send(rpc.body([(method, list(params))]).decode())
    answer = rpc.decoded(socket.recv(OPEN_SECONDS, decode=False))
    if not isinstance(answer, dict) or "result" not in answer:
        raise AnswerInconsistent(f"the socket does not answer {method}")
    return answer["result"]
