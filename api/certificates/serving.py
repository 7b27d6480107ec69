"""
`GET /api/certificates/{chain_id}/{contract}/{token_id}` before any routing.

Answers what the route would answer, byte for byte and header for header, where a version is in
force: out of memory, else by one prepared statement. Everything else goes on to the route: works
without a certificate, provisional ones, names that are none, a database that does not answer.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import lru_cache
from random import Random

import psycopg
import structlog
from fastapi import FastAPI
from starlette.types import Scope, Send

from api.certificates.memory import Answer, Memory, raw_headers
from api.certificates.reading import Read, Reader, Wanted
from api.certificates.version_routes import version_links
from api.certificates.versions import CHANNEL, Certificate
from api.etags import is_named
from api.parts import Parts
from api.tokens.deps import read_token
from indexer.commit import CHANNEL as CHAIN
from nft.certificates import certificate_code
from nft.database import libpq_url, listening
from nft.errors import ExchangeError
from nft.types import Digest, TokenRef

log = structlog.get_logger(__name__)

PREFIX = "/api/certificates/"
LONGEST_PATH = 200
LONGEST_PAUSE_SECONDS = 5.0


def route_headers(certificate: Certificate, head: Mapping[str, str]) -> dict[str, str]:
    """What the route says of a certificate beside the bytes: `_answer` says it, too."""
    version = str(certificate.version)
    return {"Link": _links(certificate), "Certificate-Version": version, **head}


def _links(certificate: Certificate) -> str:
    links = [f'</c/{certificate.token.path}>; rel="alternate"; type="text/html"']
    if not certificate.is_provisional:
        links += version_links(certificate)
    return ", ".join(links)


@lru_cache(maxsize=4_096)
def _links_in_force(token: TokenRef, version: int) -> bytes:
    return _links(Certificate(token, version, "", b"", is_provisional=False)).encode("latin-1")


class Desk:
    """Memory and reader of one process. Without its lifespan it answers nothing."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.memory = Memory(parts.certificate_memory_bytes)
        self._reader: Reader | None = None

    async def find(self, path: str) -> Answer | None:
        """The answer for a path, or None: then the route must say."""
        return self.memory.find(path) or await self._read(path)

    async def _read(self, path: str) -> Answer | None:
        if self._reader is None:
            return None
        token = _token_of(path)
        if token is None or token.chain_id not in self._parts.chains:
            return None
        mark, before = self.memory.mark(token.chain_id), self.memory.recall(path)
        read = await self._reader.read(Wanted(token, before.version if before else 0))
        if read is None:
            self.memory.forget(path)
            return None
        answer = _answer(token, read, before, mark)
        if self.memory.is_hearing:
            self.memory.keep(path, answer)
        return answer

    async def in_force(self, token: TokenRef) -> Certificate | None:
        """The version in force of a minted work, or None: then the service must say."""
        found = await self.find(PREFIX + token.path)
        if found is None:
            return None
        return Certificate(
            token,
            found.version,
            certificate_code(token),
            found.body,
            is_provisional=False,
            newest_version=found.version,
        )

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Read and listen while the application runs."""
        url = libpq_url(self._parts.engine.url.render_as_string(hide_password=False))
        self._reader = reader = Reader(url)
        hearing = asyncio.create_task(self._hear(url))
        try:
            yield
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
            self._reader = None
            await reader.close()

    async def _hear(self, url: str) -> None:
        """Listen for ever; while the connection is lost nothing comes out of memory."""
        pause = 0.1
        while True:
            try:
                async with listening(url, CHAIN, CHANNEL) as connection:
                    self.memory.hear()
                    pause = 0.1
                    async for said in connection.notifies():
                        self.memory.tell(_chain_of(said.channel, said.payload))
            except (psycopg.Error, OSError) as error:
                log.info("certificates are not answered from memory", error=str(error)[:200])
            finally:
                self.memory.deafen()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _chain_of(channel: str, payload: str) -> int | None:
    try:
        if channel == CHANNEL:
            return int(payload.partition("/")[0])
        return int(json.loads(payload)["chain_id"])
    except (ValueError, TypeError, KeyError):
        return None


@lru_cache(maxsize=4_096)
def _token_of(path: str) -> TokenRef | None:
    parts = path[len(PREFIX) :].split("/")
    if len(parts) != 3 or len(path) > LONGEST_PATH:
        return None
    try:
        return read_token(*parts)
    except ExchangeError:
        return None


def _answer(token: TokenRef, read: Read, before: Answer | None, mark: int) -> Answer:
    body = read.body
    if body is None:
        assert before is not None, "bytes are left out only where they are known"
        body = before.body
    return Answer(
        chain_id=token.chain_id,
        version=read.version,
        body=body,
        tag=f'"{read.tag}"',
        headers=[
            (b"link", _links_in_force(token, read.version)),
            (b"certificate-version", b"%d" % read.version),
            (b"mirror-head", _head(read.head_number, read.head_hash)),
        ],
        mark=mark,
    )


@lru_cache(maxsize=64)
def _head(number: int, block_hash: bytes) -> bytes:
    return f"{number} {Digest(block_hash)}".encode("ascii")


def is_asked_for(scope: Scope) -> bool:
    """Whether a request may be for a certificate."""
    return (
        scope["type"] == "http"
        and scope["path"].startswith(PREFIX)
        and scope["method"] in ("GET", "HEAD")
    )


class Counter:
    """Where certificates in force are handed out, before any routing."""

    def __init__(self, desk: Desk, fixed: Mapping[str, str]) -> None:
        self.desk = desk
        self._numbers = Random(secrets.randbits(128))
        """Names of requests need no entropy of their own each."""
        self._fixed = raw_headers(fixed)

    async def send(self, answer: Answer, scope: Scope, send: Send) -> None:
        """Send it in the form that was asked for, or say that it is unchanged."""
        accept, asked = b"", b""
        for name, value in reversed(scope["headers"]):  # The first of a name counts.
            if name == b"accept":
                accept = value
            elif name == b"if-none-match":
                asked = value
        has_it = bool(asked) and is_named(asked.decode("latin-1"), answer.tag)
        start = answer.start(wants_vc=b"application/vc" in accept, has_it=has_it)
        request_id = (b"x-request-id", b"%016x" % self._numbers.getrandbits(64))
        await send(
            {
                "type": "http.response.start",
                "status": 304 if has_it else 200,
                "headers": [*start, request_id, *self._fixed],
            }
        )
        await send({"type": "http.response.body", "body": b"" if has_it else answer.body})


def desk_of(app: FastAPI) -> Desk:
    """The process's desk."""
    found: Desk = app.state.certificates
    return found


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read and listen while the application runs."""
    async with desk_of(app).open():
        yield
