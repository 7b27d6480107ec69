"""
A server that answers every request with bytes that a test chose, HTTP or not.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class RawServer:
    """Its URL, what it was sent, and on how many connections."""

    url: str
    answers: list[bytes]
    """One for each request, in turn; the last one again and again."""
    hangs_up: bool
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def next_answer(self) -> bytes:
        """Take the next one."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def _request(connection: socket.socket) -> bytes:
    """A whole request, or nothing when the other side is gone."""
    told = b""
    while b"\r\n\r\n" not in told:
        part = connection.recv(65536)
        if not part:
            return b""
        told += part
    head, _, body = told.partition(b"\r\n\r\n")
    size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < size:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _serve(server: RawServer, connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        while request := _request(connection):
            server.requests.append(request)
            connection.sendall(server.next_answer())
            if server.hangs_up:
                return


@contextmanager
def answering(*answers: bytes, hangs_up: bool = False) -> Iterator[RawServer]:
    """A server on a free port; `hangs_up` closes each connection after one answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}", list(answers), hangs_up)
    accepted: list[socket.socket] = []
    workers: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            server.connections += 1
            accepted.append(connection)
            workers.append(threading.Thread(target=_serve, args=(server, connection)))
            workers[-1].start()

    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield server
    finally:
        close([listener, *accepted])
        for thread in (acceptor, *workers):
            thread.join(5)


def close(sockets: Sequence[socket.socket]) -> None:
    """Wake whoever waits on them, and close."""
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
