"""
Any provider of the IPFS Pinning Services API 1.0 as a place that keeps.

A service fetches content itself, from our Kubo: its addresses go along as `origins`, and Kubo is
connected to the `delegates` that the service names. What the service says of a pin is never what
counts. Its copy is read back through a gateway of its own, raw block by raw block, each hashed;
that gateway must serve what the service keeps and fetch from nobody, or it proves nothing.

https://ipfs.github.io/pinning-services-api-spec/
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from media.pinning import PlaceSilent, Source
from nft.content.car import write_car
from nft.content.cid import Cid
from nft.content.dagpb import MAX_BLOCK_BYTES
from nft.content.exporter import read_file
from nft.errors import BlockMissing, NotACid, PinFailed

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
ANSWER_SECONDS = 60.0
"""For a whole answer, however it drips."""
MOST_ANSWER_BYTES = 1024 * 1024
LONGEST_WAIT_SECONDS = 3600
APP = "vernissage"
QUEUED, PINNING, PINNED, FAILED = "queued", "pinning", "pinned", "failed"
STATUSES = (PINNED, PINNING, QUEUED, FAILED)
"""The best first."""


class Node(Protocol):
    """Our Kubo, from which services fetch."""

    def addresses(self) -> list[str]:
        """Where it can be reached, with its peer id."""

    def connect(self, addresses: Iterable[str]) -> int:
        """Have it connect to others."""


@dataclass(frozen=True, slots=True)
class PinStatus:
    """One pin request as a service tells of it."""

    request_id: str
    status: str
    cid: Cid
    name: str
    meta: Mapping[str, str]
    delegates: tuple[str, ...]
    reason: str
    """What the service says of a failure."""

    @property
    def is_ours(self) -> bool:
        """Whether we made it: an account may be shared with other programs."""
        return self.meta.get("app") == APP or self.name.startswith(f"{APP} ")


@dataclass(frozen=True)
class PinningService:
    """The five calls of the API. Errors are `PinFailed`, or `PlaceSilent` when nobody answered."""

    name: str
    url: str
    token: str = field(repr=False)
    transport: httpx.BaseTransport | None = None
    monotonic: Callable[[], float] = time.monotonic

    def list(
        self, *, cid: Cid | None = None, statuses: Sequence[str] = STATUSES, limit: int = 100
    ) -> list[PinStatus]:
        """Pin requests of one content, or of everything, newest first."""
        asked: dict[str, str] = {"status": ",".join(statuses), "limit": str(limit)}
        if cid is not None:
            asked["cid"] = str(cid)
        told = self._call("GET", "/pins", what=str(cid or ""), params=asked)
        results = told.get("results") if isinstance(told, dict) else None
        if not isinstance(results, list):
            raise PinFailed(self.name, str(cid or ""), "it answered without a list of pins")
        return [self._read(one) for one in results]

    def add(self, cid: Cid, *, origins: Sequence[str], meta: Mapping[str, str]) -> PinStatus:
        """Have a content pinned."""
        return self._read(self._call("POST", "/pins", what=str(cid), body=_pin(cid, origins, meta)))

    def get(self, request_id: str) -> PinStatus | None:
        """One pin request."""
        told = self._call("GET", f"/pins/{_segment(request_id)}", what=request_id, may_miss=True)
        return None if told is None else self._read(told)

    def replace(
        self, request_id: str, cid: Cid, *, origins: Sequence[str], meta: Mapping[str, str]
    ) -> PinStatus:
        """Begin a pin request anew; it has another id then."""
        path = f"/pins/{_segment(request_id)}"
        return self._read(self._call("POST", path, what=str(cid), body=_pin(cid, origins, meta)))

    def delete(self, request_id: str) -> None:
        """End a pin request; one that is gone is no error."""
        self._call("DELETE", f"/pins/{_segment(request_id)}", what=request_id, may_miss=True)

    def _call(
        self,
        method: str,
        path: str,
        *,
        what: str,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        may_miss: bool = False,
    ) -> Any:
        try:
            with (
                _client(self.transport) as client,
                client.stream(
                    method,
                    f"{self.url.rstrip('/')}{path}",
                    params=params,
                    json=body,
                    headers={"Authorization": f"Bearer {self.token}", "Accept": "application/json"},
                ) as answer,
            ):
                told = self._whole(answer, what)
        except httpx.HTTPError as error:
            raise PlaceSilent(self.name, what, self._scrubbed(_said(error))) from error
        if may_miss and answer.status_code == 404:
            return None
        self._check(answer, told, what)
        if method == "DELETE":
            return None
        try:
            return json.loads(told)
        except (ValueError, RecursionError) as error:
            raise PinFailed(self.name, what, "its answer is no JSON") from error

    def _whole(self, answer: httpx.Response, what: str) -> bytes:
        ends_at = self.monotonic() + ANSWER_SECONDS
        told = b""
        for piece in answer.iter_bytes():
            told += piece
            if len(told) > MOST_ANSWER_BYTES:
                raise PinFailed(self.name, what, "its answer has more than a mebibyte")
            if self.monotonic() > ends_at:
                raise PlaceSilent(self.name, what, "its answer drips")
        return told

    def _check(self, answer: httpx.Response, told: bytes, what: str) -> None:
        """Raise what a status means: try later, or it says no."""
        status = answer.status_code
        if status == 429 or status >= 500:
            why = f"it answered {status}{self._reason(told)}"
            raise PlaceSilent(self.name, what, why, retry_after(answer.headers.get("Retry-After")))
        if status in (401, 403):
            raise PinFailed(self.name, what, f"it refuses the token ({status})")
        if not 200 <= status < 300:
            raise PinFailed(self.name, what, f"it answered {status}{self._reason(told)}")

    def _reason(self, told: bytes) -> str:
        """`: reason, details` of the API's error; the token, should it be echoed, is taken out."""
        try:
            error = json.loads(told)["error"]
            said = " ".join(str(error[name]) for name in ("reason", "details") if error.get(name))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return ""
        return f": {self._scrubbed(said)[:200]}" if said else ""

    def _scrubbed(self, said: str) -> str:
        return said.replace(self.token, "…") if self.token else said

    def _read(self, told: Any) -> PinStatus:
        """A pin status of the right shape. Raises `PinFailed`."""
        try:
            pin, info = told["pin"], told.get("info") or {}
            meta = pin.get("meta") or {}
            status = PinStatus(
                request_id=_text(told["requestid"]),
                status=_text(told["status"]),
                cid=Cid.parse(_text(pin["cid"])),
                name=str(pin.get("name") or ""),
                meta={str(name): str(value) for name, value in meta.items()},
                delegates=tuple(map(_text, told.get("delegates") or ())),
                reason=self._scrubbed(str(info.get("status_details") or ""))[:200],
            )
            if status.status not in STATUSES:
                raise ValueError(f"no status is called {status.status[:40]}")
        except (KeyError, TypeError, ValueError, AttributeError, NotACid) as error:
            why = self._scrubbed(_said(error))
            raise PinFailed(self.name, "", f"it tells of a pin in another shape: {why}") from error
        return status


@dataclass(frozen=True)
class Gateway:
    """A trustless gateway that serves what one service keeps: raw blocks, each of them hashed."""

    name: str
    url: str
    transport: httpx.BaseTransport | None = None
    monotonic: Callable[[], float] = time.monotonic

    def read(self, source: Source) -> Iterator[bytes]:
        """The bytes of a file, or the CAR of a folder, block by block over one connection."""
        with _client(self.transport) as client:

            def get(cid: Cid) -> bytes:
                return self._block(client, cid)

            if source.is_folder:
                yield from write_car(source.cid, get)
            else:
                yield from read_file(get, source.cid)

    def _block(self, client: httpx.Client, cid: Cid) -> bytes:
        text = str(cid)
        ends_at = self.monotonic() + ANSWER_SECONDS
        block = b""
        try:
            with client.stream(
                "GET",
                f"{self.url.rstrip('/')}/ipfs/{text}",
                params={"format": "raw"},
                headers={"Accept": "application/vnd.ipld.raw", "Cache-Control": "no-cache"},
            ) as answer:
                self._check(answer, text)
                for piece in answer.iter_bytes():
                    block += piece
                    if len(block) > MAX_BLOCK_BYTES:
                        raise PinFailed(self.name, text, "it sends more than a block has")
                    if self.monotonic() > ends_at:
                        raise PlaceSilent(self.name, text, "it gives the bytes back too slowly")
        except httpx.HTTPError as error:
            raise PlaceSilent(self.name, text, _said(error)) from error
        return block

    def _check(self, answer: httpx.Response, text: str) -> None:
        status = answer.status_code
        if status in (404, 410, 412):
            raise BlockMissing(text)
        if status == 429 or status >= 500:
            # A gateway that does not find a block says 504 as often as 404: it is not sure.
            asked = retry_after(answer.headers.get("Retry-After"))
            raise PlaceSilent(self.name, text, f"its gateway answered {status}", asked)
        if status != 200:
            raise PinFailed(self.name, text, f"its gateway answered {status}")


class ServicePinner:
    """A pinning service, and its gateway if one is known."""

    def __init__(
        self, service: PinningService, *, gateway: Gateway | None = None, node: Node | None = None
    ) -> None:
        self.name = service.name
        self.can_be_read = gateway is not None
        self._service = service
        self._gateway = gateway
        self._node = node

    def pin(self, source: Source) -> bool:
        """Ask for a pin, or how the one that was asked for does; several of ours become one."""
        cid = source.cid
        known = self._ours(cid)
        for extra in known[1:]:
            self._service.delete(extra.request_id)
        meta = {"app": APP, "profile": source.profile, "sha256": source.sha256.hex()}
        if not known:
            status = self._service.add(cid, origins=self._origins(), meta=meta)
        elif known[0].status == FAILED:
            first = known[0].request_id
            status = self._service.replace(first, cid, origins=self._origins(), meta=meta)
        else:
            status = known[0]
        if bytes(status.cid.v1()) != bytes(cid.v1()):
            raise PinFailed(self.name, str(cid), f"it was asked for this and pins {status.cid}")
        return self._has(self._brought(status))

    def read(self, source: Source) -> Iterator[bytes]:
        """The bytes as its gateway gives them."""
        if self._gateway is None:
            raise PinFailed(self.name, str(source.cid), "no gateway of it is known to read from")
        return self._gateway.read(source)

    def says(self, cid: Cid) -> bool:
        """Whether the service says that it keeps a content; for one that cannot be read."""
        return any(one.status == PINNED for one in self._ours(cid))

    def unpin(self, cid: Cid) -> None:
        """End every request of ours; others of the same account are not ours to end."""
        for one in self._ours(cid):
            self._service.delete(one.request_id)

    def check(self) -> None:
        """Whether the service answers and takes the token. Raises `PinFailed`."""
        self._service.list(limit=1)

    def _ours(self, cid: Cid) -> list[PinStatus]:
        found = [
            one
            for one in self._service.list(cid=cid)
            if one.is_ours and bytes(one.cid.v1()) == bytes(cid.v1())
        ]
        return sorted(found, key=lambda one: STATUSES.index(one.status))

    def _origins(self) -> list[str]:
        return self._node.addresses() if self._node is not None else []

    def _brought(self, status: PinStatus) -> PinStatus:
        """Connect our node to those who fetch for the service, and look again."""
        if status.status not in (QUEUED, PINNING) or not status.delegates or self._node is None:
            return status
        self._node.connect(status.delegates)
        return self._service.get(status.request_id) or status

    def _has(self, status: PinStatus) -> bool:
        if status.status == FAILED:
            why = f": {status.reason}" if status.reason else ""
            raise PinFailed(self.name, str(status.cid), f"it could not pin it{why}")
        return status.status == PINNED


def retry_after(header: str | None) -> int:
    """Seconds of a `Retry-After`; 0 where there are none that can be read. An hour at most."""
    text = (header or "").strip()
    return min(int(text), LONGEST_WAIT_SECONDS) if text.isdecimal() and len(text) < 10 else 0


def _pin(cid: Cid, origins: Sequence[str], meta: Mapping[str, str]) -> dict[str, Any]:
    text = str(cid)
    return {
        "cid": text,
        "name": f"{APP} {text}",
        "origins": list(origins)[:20],
        "meta": dict(meta),
    }


def _client(transport: httpx.BaseTransport | None) -> httpx.Client:
    """No proxies or secrets of the environment, no redirects, no patience without end."""
    timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
    return httpx.Client(
        timeout=timeout, transport=transport, trust_env=False, follow_redirects=False
    )


def _segment(request_id: str) -> str:
    """A request id as a part of a path; nothing in it may lead elsewhere."""
    return quote(request_id, safe="").replace(".", "%2E")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 500:
        raise TypeError("a text was expected")
    return value


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}".rstrip(": ")
