"""
Kept connections to one host, and bytes posted over them: HTTP/1.1 with nothing around it.

A node's answer is believed to be slow, endless or cut at any byte. One deadline covers connecting,
sending and the whole answer, however it drips; what is too long is given up. Neither the
environment's proxies nor redirections are followed. Parsing is llhttp's.
"""

from __future__ import annotations

import ssl
import time
import weakref
import zlib
from base64 import b64encode
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket
from typing import NoReturn, cast
from urllib.parse import unquote, urlsplit

import httptools
from urllib3.util import wait_for_read

LARGEST_ANSWER = 256 * 2**20
"""Bytes of a body, before and after it was unpacked."""

KEPT = 16
"""Connections kept open while nobody uses them."""

PART_BYTES = 128 * 2**10

PLAIN = (b"", b"identity")
"""Encodings of a body that is not packed."""

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class NotHttp(ConnectionError):
    """The answer is cut short, or no HTTP at all."""


class ClosedUnheard(NotHttp):
    """The connection was closed before a byte of an answer came."""


class TooLong(Exception):
    """The answer goes on beyond `LARGEST_ANSWER`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    body: bytes
    retry_after: str = ""


class Connections:
    """Connections to the host of a URL, each lent to one caller at a time. Any thread may post."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._idle: deque[_Connection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def post(self, body: bytes, *, seconds: float) -> Answer:
        """
        Post JSON, and read the whole answer before the deadline.

        Raises `OSError` (`TimeoutError`, `NotHttp`), or `TooLong`.
        """
        ends_at = time.monotonic() + seconds
        request = self._head % len(body) + body
        kept = self._lent()
        if kept is not None:
            try:
                return self._exchange(kept, request, ends_at)
            except ClosedUnheard:
                pass  # It closed while we sent; asking twice changes nothing on a chain.
        return self._exchange(_Connection(self._connected(ends_at)), request, ends_at)

    def close(self) -> None:
        """Close what is kept; a later post opens a new connection."""
        _close_all(self._idle)

    def _exchange(self, connection: _Connection, request: bytes, ends_at: float) -> Answer:
        try:
            answer, may_stay = connection.exchange(request, ends_at)
        except BaseException:
            connection.close()
            raise
        if may_stay and len(self._idle) < KEPT:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _lent(self) -> _Connection | None:
        """The connection used last that the other side has not closed, or spoken on, meanwhile."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if not wait_for_read(connection.socket, timeout=0):
                return connection
            connection.close()

    def _connected(self, ends_at: float) -> socket:
        host, is_secure = self._url.hostname or "", self._url.scheme == "https"
        port = self._url.port or (443 if is_secure else 80)
        plain = create_connection((host, port), timeout=_left(ends_at))
        try:
            plain.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
            if not is_secure:
                return plain
            plain.settimeout(_left(ends_at))
            return self._secrecy.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    @cached_property
    def _secrecy(self) -> ssl.SSLContext:
        import httpx  # For its choice of trusted roots; it takes its time to import.

        return httpx.create_ssl_context()

    @cached_property
    def _head(self) -> bytes:
        """Request line and headers, with a place for the length."""
        url = self._url
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {url.netloc.rpartition('@')[2]}",
            "Content-Type: application/json",
            "Accept: application/json",
            "User-Agent: vernissage",
        ]
        if url.hostname not in LOCAL_HOSTS:
            lines.append(
                "Accept-Encoding: gzip"
            )  # On one machine packing costs more than it saves.
        if url.username is not None:
            pair = f"{unquote(url.username)}:{unquote(url.password or '')}"
            lines.append(f"Authorization: Basic {b64encode(pair.encode()).decode()}")
        head = "\r\n".join(lines).replace("%", "%%")
        return f"{head}\r\nContent-Length: %d\r\n\r\n".encode("latin-1")


class _Connection:
    """One open connection with the buffer that its answers arrive in."""

    def __init__(self, connected: socket) -> None:
        self.socket = connected
        self._part = memoryview(bytearray(PART_BYTES))

    def close(self) -> None:
        self.socket.close()

    def exchange(self, request: bytes, ends_at: float) -> tuple[Answer, bool]:
        """The answer, and whether the connection may be used again."""
        reading = _Reading()
        try:
            self.socket.settimeout(_left(ends_at))
            self.socket.sendall(request)
            size = self._receive(ends_at)
        except ConnectionError as error:
            raise ClosedUnheard("the connection was closed") from error
        if size == 0:
            raise ClosedUnheard("the connection was closed")
        while not reading.takes(self._part[:size]):
            if (rest := reading.rest()) is not None:
                self._fill(rest, ends_at)
                break
            size = self._receive(ends_at)
            if size == 0:
                reading.end()
                break
        answer = reading.answer()
        reading.end_of_use()
        return answer, reading.may_stay

    def _fill(self, rest: memoryview, ends_at: float) -> None:
        """Read to where the answer ends, into its place: megabytes are copied once."""
        at = 0
        while at < len(rest):
            self.socket.settimeout(_left(ends_at))
            size = self.socket.recv_into(rest[at:])
            if size == 0:
                raise NotHttp("the answer was cut short")
            at += size

    def _receive(self, ends_at: float) -> int:
        self.socket.settimeout(_left(ends_at))
        return self.socket.recv_into(self._part)


class _Reading:
    """What llhttp tells of one answer."""

    def __init__(self) -> None:
        self.may_stay = False
        """Whether the connection may be used again: both sides want it, and nothing follows."""
        self._parser = httptools.HttpResponseParser(self)
        self._is_complete = False
        self._size = 0
        self._parts: list[bytes] = []
        self._has_headers = False
        self._has_length = False
        self._length: int | None = None
        """Of a body that comes as it is, neither packed nor in chunks."""
        self._whole: bytearray | None = None
        self._encoding = b""
        self._retry_after = ""

    def takes(self, part: memoryview) -> bool:
        """Read on; whether the answer is complete."""
        try:
            self._parser.feed_data(part)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            raise NotHttp("the answer is no HTTP") from error
        if self._size > LARGEST_ANSWER:
            raise TooLong
        return self._is_complete

    def rest(self) -> memoryview | None:
        """The place for what is still to come, where its length is known and it is long."""
        length = self._length
        if not self._has_headers or length is None or self._encoding not in PLAIN:
            return None
        if length > LARGEST_ANSWER:
            raise TooLong
        if length - self._size < PART_BYTES:
            return None
        self._whole = bytearray(length)
        whole = memoryview(self._whole)
        whole[: self._size] = b"".join(self._parts)
        self.may_stay = self._parser.should_keep_alive()
        return whole[self._size :]

    def end(self) -> None:
        """The other side closed: an end only where no other was announced."""
        if self._has_length or not self._has_headers:
            raise NotHttp("the answer was cut short")

    def answer(self) -> Answer:
        """What was read."""
        return Answer(self._parser.get_status_code(), self._body(), self._retry_after)

    def end_of_use(self) -> None:
        """Let go of the parser, which points back: megabytes would wait for the collector."""
        del self._parser, self._parts

    # What llhttp calls

    def on_message_begin(self) -> None:
        if self._is_complete:
            self.may_stay = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_complete:
            return
        match name.lower():
            case b"content-length":
                self._length = None if self._has_length else int(value)
                self._has_length = True
            case b"transfer-encoding":
                self._has_length, self._length = True, None
            case b"content-encoding":
                self._encoding = value.lower()
            case b"retry-after":
                self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._has_headers = True

    def on_body(self, part: bytes) -> None:
        if not self._is_complete:
            self._parts.append(part)
            self._size += len(part)

    def on_message_complete(self) -> None:
        if not self._is_complete:
            self._is_complete, self.may_stay = True, self._parser.should_keep_alive()

    def _body(self) -> bytes:
        """The body, unpacked."""
        if self._whole is not None:
            return cast(bytes, self._whole)  # Nobody writes to it any more.
        whole = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if self._encoding in PLAIN:
            return whole
        if self._encoding != b"gzip":
            raise NotHttp("the answer is packed in a way that was not asked for")
        unpacking = zlib.decompressobj(wbits=31)
        try:
            unpacked = unpacking.decompress(whole, LARGEST_ANSWER)
        except zlib.error as error:
            raise NotHttp("the answer cannot be unpacked") from error
        if not unpacking.eof:
            raise TooLong if unpacking.unconsumed_tail else NotHttp("the answer was cut short")
        return unpacked


def _left(ends_at: float) -> float:
    left = ends_at - time.monotonic()
    return left if left > 0 else _out_of_time()


def _out_of_time() -> NoReturn:
    raise TimeoutError("the answer did not end in time")


def _close_all(idle: deque[_Connection]) -> None:
    while True:
        try:
            idle.pop().close()
        except IndexError:
            return
