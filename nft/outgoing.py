"""
HTTP to strangers: the only place from which we call an address that somebody else chose.

A URL in a token is a stranger's wish, and what we would reach is more than the stranger can.
Hence: https alone, at its own port; every address that the name resolves to must be public, and
the connection goes to that very address, so that a second resolution cannot lead elsewhere; each
redirect is judged anew; no proxy, cookie or key goes along; the answer is bounded in time, bytes
and kind, and never unpacked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from nft.errors import Unacceptable, Unreachable
from nft.public_addresses import IP, is_public, parse

LONGEST_URL = 4_096
MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 65_536

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host."""


class AddressRefused(Unacceptable):
    """A URL that we do not follow: its form, or where it leads."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the address is not followed: {why}")


class AnswerRefused(Unacceptable):
    """The answer is not of a kind that we take: its status, type, size or encoding."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the answer is not taken: {why}")


class NoAnswer(Unreachable):
    """The host did not answer, or not in time; worth trying again later."""

    def __init__(self, why: str, retry_after_seconds: int = 60) -> None:
        self.why = why
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"the host did not answer: {why}")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a host answered."""

    url: str
    """Where it came from in the end."""
    type: str
    """The media type as told, lower case, without parameters; empty when none was told."""
    body: bytes


def resolve(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


_RESOLVING = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolving")


@dataclass(frozen=True)
class Outgoing:
    """A client for strangers' URLs; the fields are there to be narrowed, or for tests."""

    seconds: float = 15.0
    """For everything together, redirects included."""
    max_bytes: int = 1 << 20
    types: frozenset[str] = frozenset(
        {"", "application/json", "text/plain", "application/octet-stream", "binary/octet-stream"}
    )
    """Media types that are taken; anything that ends in `+json` is too."""
    agent: str = "Vernissage"
    ports: frozenset[int] = frozenset({443})
    redirects: int = MOST_REDIRECTS
    """How many are followed; 0 where the very host must answer."""
    resolve: Resolve = resolve
    admits: Callable[[IP], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def get(self, url: str) -> Fetched:
        """Fetch a URL. Raises `AddressRefused`, `AnswerRefused` or `NoAnswer`."""
        ends_at = time.monotonic() + self.seconds
        for _ in range(self.redirects + 1):
            place = read_url(url, self.ports)
            answer = self._ask(place, ends_at)
            if isinstance(answer, Fetched):
                return answer
            url = urljoin(place.geturl(), answer)
        raise AnswerRefused(f"more than {self.redirects} redirects")

    def _ask(self, place: SplitResult, ends_at: float) -> Fetched | str:
        """One request: what was answered, or where it sends us."""
        with self._connected(place, ends_at) as connection:
            try:
                connection.request("GET", _target(place), headers=self._headers(place))
                with connection.getresponse() as response:
                    where = response.headers.get("Location")
                    if response.status in _REDIRECTS and where:
                        return where
                    self._check(response)
                    body = self._read(response, ends_at)
                    return Fetched(place.geturl(), _type_of(response), body)
            except (http.client.HTTPException, OSError, ValueError) as error:
                raise NoAnswer(_words(error)) from error

    @contextmanager
    def _connected(
        self, place: SplitResult, ends_at: float
    ) -> Iterator[http.client.HTTPConnection]:
        """A connection to a judged address, cut at the deadline whatever it is doing then."""
        host, port = str(place.hostname), place.port or 443
        plain = self._open(self._judged(host, port, ends_at), port, ends_at)
        # An end without a word is no end: else a cut answer would pass for a whole one.
        secured = self.context.wrap_socket(
            plain,
            server_hostname=host,
            do_handshake_on_connect=False,
            suppress_ragged_eofs=False,
        )
        cut = threading.Timer(max(0.0, ends_at - time.monotonic()), _cut, [secured])
        cut.daemon = True
        cut.start()
        try:
            try:
                secured.do_handshake()
            except (OSError, ValueError) as error:
                raise NoAnswer(_words(error)) from error
            connection = http.client.HTTPConnection(host, port)
            connection.sock = secured
            yield connection
        finally:
            cut.cancel()
            secured.close()

    def _judged(self, host: str, port: int, ends_at: float) -> list[str]:
        """The host's addresses, all of them public: one that is not spoils the others."""
        left = max(0.0, ends_at - time.monotonic())
        try:
            found = list(_RESOLVING.submit(self.resolve, host, port).result(left))
        except (OSError, UnicodeError, TookTooLong) as error:
            raise NoAnswer(f"the name {host[:100]} does not resolve") from error
        for text in found:
            if not self.admits(parse(text)):
                raise AddressRefused(f"{host[:100]} is not on the public internet")
        if not found:
            raise NoAnswer(f"the name {host[:100]} does not resolve")
        return found

    def _open(self, addresses: Sequence[str], port: int, ends_at: float) -> socket.socket:
        last: OSError | None = None
        for address in addresses[:4]:
            left = ends_at - time.monotonic()
            if left <= 0:
                break
            try:
                return socket.create_connection((address, port), timeout=left)
            except OSError as error:
                last = error
        raise NoAnswer(_words(last) if last else "too slow") from last

    def _headers(self, place: SplitResult) -> dict[str, str]:
        return {
            "Accept": "application/json, */*;q=0.1",
            "Accept-Encoding": "identity",
            "Connection": "close",
            "Host": place.netloc,
            "User-Agent": self.agent,
        }

    def _check(self, response: http.client.HTTPResponse) -> None:
        if response.status in (408, 425, 429, 500, 502, 503, 504):
            wait = response.headers.get("Retry-After", "")
            seconds = min(int(wait), 86_400) if wait.isascii() and wait.isdigit() else 300
            raise NoAnswer(f"it answered {response.status}", max(60, seconds))
        if response.status != 200:
            raise AnswerRefused(f"it answered {response.status}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise AnswerRefused("it is packed, though that was not asked for")
        kind = _type_of(response)
        if kind not in self.types and not kind.endswith("+json"):
            raise AnswerRefused(f"it is of the type {kind[:80]}")
        if response.length is not None and response.length > self.max_bytes:
            raise AnswerRefused(f"it is larger than {self.max_bytes} bytes")

    def _read(self, response: http.client.HTTPResponse, ends_at: float) -> bytes:
        body = bytearray()
        while piece := response.read1(_PIECE):
            body += piece
            if len(body) > self.max_bytes:
                raise AnswerRefused(f"it is larger than {self.max_bytes} bytes")
            if time.monotonic() > ends_at:
                raise NoAnswer("too slow")
        if response.length or time.monotonic() > ends_at:
            raise NoAnswer("it broke off")
        return bytes(body)


def read_url(url: str, ports: frozenset[int] = frozenset({443})) -> SplitResult:
    """A URL that may be followed, as far as its form says. Raises `AddressRefused`."""
    if len(url) > LONGEST_URL:
        raise AddressRefused(f"it is longer than {LONGEST_URL} characters")
    if any(ord(sign) <= 0x20 or ord(sign) == 0x7F or sign == "\\" for sign in url):
        raise AddressRefused("it holds blanks, control characters or backslashes")
    try:
        place = urlsplit(url)
        port = place.port or 443
        host = (place.hostname or "").encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise AddressRefused("it cannot be read") from error
    if place.scheme != "https":
        raise AddressRefused("only https is followed")
    if place.username is not None or place.password is not None:
        raise AddressRefused("it holds a name or a password")
    if not host or len(host) > 253:
        raise AddressRefused("it names no host")
    if port not in ports:
        raise AddressRefused(f"port {port} is not for the public")
    named = f"[{host}]" if ":" in host else host
    netloc = named if port == 443 else f"{named}:{port}"
    return place._replace(netloc=netloc, fragment="")


def _target(place: SplitResult) -> str:
    """Path and query as they stand in a request: ASCII alone."""
    path = quote(place.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(place.query, safe="/%:@!$&'()*+,;=~-._?")
    return f"{path}?{query}" if query else path


def _type_of(response: http.client.HTTPResponse) -> str:
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # Without a word of TLS before.


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
