"""
A wire to a server that can be cut, stalled, slowed and shortened while it is in use.

What happens to bytes is decided when they come, so that a fault meets connections that are open
already. Requests always pass; answers suffer.
"""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.support.raw_server import close

NO_LINGER = struct.pack("ii", 1, 0)

Wire = Callable[[socket.socket, bytes], bool]
"""Hands a part of an answer to the client, or not; whether the connection goes on."""


def passes(client: socket.socket, part: bytes) -> bool:
    """As if there were no proxy."""
    client.sendall(part)
    return True


def cuts(client: socket.socket, part: bytes) -> bool:
    """Resets the connection instead of an answer."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
    client.shutdown(socket.SHUT_RD)  # Whoever reads from it holds it open.
    client.close()
    return False


def stalls(client: socket.socket, part: bytes) -> bool:
    """Says nothing and keeps the connection."""
    return True


def drips(client: socket.socket, part: bytes) -> bool:
    """A byte now and then."""
    pause = threading.Event()
    for index in range(len(part)):
        client.sendall(part[index : index + 1])
        pause.wait(0.02)
    return True


def delays(seconds: float) -> Wire:
    """Hands everything on, later."""

    def wire(client: socket.socket, part: bytes) -> bool:
        threading.Event().wait(seconds)
        client.sendall(part)
        return True

    return wire


def shortens(size: int) -> Wire:
    """Hands on so many bytes, and closes."""

    def wire(client: socket.socket, part: bytes) -> bool:
        client.sendall(part[:size])
        return False

    return wire


def half_closes(size: int) -> Wire:
    """Hands on so many bytes, ends its own side, and keeps the connection."""

    def wire(client: socket.socket, part: bytes) -> bool:
        client.sendall(part[:size])
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_WR)
        return True

    return wire


@dataclass
class TcpProxy:
    """The wire's near end."""

    upstream: tuple[str, int]
    port: int = 0
    wire: Wire = passes
    times: int | None = None
    """How many answers suffer before all is well again; None: all."""
    suffered: int = 0
    connections: int = 0
    _open: list[socket.socket] = field(default_factory=list)
    _workers: list[threading.Thread] = field(default_factory=list)
    _listener: socket.socket | None = None

    @property
    def url(self) -> str:
        """Where to connect."""
        return f"http://127.0.0.1:{self.port}"

    def break_with(self, wire: Wire, *, times: int | None = None) -> None:
        """Spoil answers from now on."""
        self.times, self.suffered, self.wire = times, 0, wire

    def mend(self) -> None:
        """All is well again."""
        self.wire = passes

    def listen(self) -> None:
        """Accept connections, on the same port as ever."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def refuse(self) -> None:
        """Refuse connections, and drop those that there are."""
        close([one for one in (self._listener, *self._open) if one is not None])
        self._open.clear()
        for worker in self._workers:
            worker.join(5)
        self._workers.clear()

    def _start(self, work: Callable[..., None], *given: socket.socket) -> None:
        worker = threading.Thread(target=work, args=given, daemon=True)
        self._workers.append(worker)
        worker.start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listener.accept()[0]
                self.connections += 1
                upstream = socket.create_connection(self.upstream)
                for one in (client, upstream):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._open += [client, upstream]
                self._start(self._there, client, upstream)
                self._start(self._back, upstream, client)

    def _there(self, client: socket.socket, upstream: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := client.recv(65536):
                upstream.sendall(part)
        close([client, upstream])

    def _back(self, upstream: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while part := upstream.recv(65536):
                if not self._through(client, part):
                    break
        close([client, upstream])

    def _through(self, client: socket.socket, part: bytes) -> bool:
        wire = self.wire
        if wire is not passes:
            if self.times is not None and self.suffered >= self.times:
                wire = passes
            else:
                self.suffered += 1
        return wire(client, part)


@contextmanager
def wired(url: str) -> Iterator[TcpProxy]:
    """A wire to the server at a URL."""
    parts = urlsplit(url)
    proxy = TcpProxy((parts.hostname or "", parts.port or 80))
    proxy.listen()
    try:
        yield proxy
    finally:
        proxy.refuse()
