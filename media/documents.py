"""
The document behind a stranger's `tokenURI`: bytes from wherever it lies, and what they say.

Three ways are followed: `https` through `nft.outgoing`, `ipfs` from our own store and then from
the Kubo node of the settings, `data` from the URI itself. Bytes are bounded, and what is read out
of them is made fit to be stored and shown; nothing in them is believed.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from media.gateway import Asked, answer
from media.store import BlockStore
from nft.errors import ExchangeError, Missing, Unacceptable
from nft.outgoing import Outgoing

MAX_BYTES = 262_144
"""As much as our own documents may have."""

IPFS = "ipfs"
"""In place of a host: nobody in particular."""

MAX_DEPTH = 64
LONGEST_TEXT = 100_000

FromNode = Callable[[str, int], bytes]
"""Bytes of an IPFS path from a node, so many at most."""


class DocumentRefused(Unacceptable):
    """There is no document there that we take; asking again at once would not help."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where documents are read from."""

    store: BlockStore
    outgoing: Outgoing = field(default_factory=lambda: Outgoing(max_bytes=MAX_BYTES))
    node: FromNode | None = None
    """A Kubo node, if there is one."""

    def read(self, uri: str) -> bytes:
        """
        The bytes behind a URI.

        Raises `DocumentRefused`, another `Unacceptable`, or `Unreachable` when it is worth trying
        again later.
        """
        scheme = uri[:8].partition(":")[0].lower()
        if scheme == "data":
            return read_data(uri)
        if scheme == IPFS:
            return self._from_ipfs(uri)
        if scheme == "https":
            return self.outgoing.get(uri).body
        raise DocumentRefused(f"no document is read from {uri[:60]!r}: only https, ipfs and data")

    def _from_ipfs(self, uri: str) -> bytes:
        path = ipfs_path(uri)
        cid, _, below = path.partition("/")
        try:
            found = answer(self.store, Asked(cid=cid, path=below))
            return _joined(found.pieces)
        except Missing:
            pass  # We do not keep it; somebody else may.
        if self.node is None:
            raise DocumentRefused("it lies on IPFS, and no IPFS node is set here")
        body = self.node(path, MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise DocumentRefused(f"it is larger than {MAX_BYTES} bytes")
        return body


def host_of(uri: str) -> str:
    """Whom it burdens to read a URI: a host, `ipfs`, or nobody."""
    scheme, _, rest = uri[:300].partition(":")
    if scheme.lower() == "https":
        return rest.removeprefix("//").partition("/")[0].lower()
    return IPFS if scheme.lower() == IPFS else ""


def ipfs_path(uri: str) -> str:
    """`<cid>[/path]` of an `ipfs:` URI; some write `ipfs://ipfs/<cid>`."""
    path = uri.partition(":")[2].lstrip("/").removeprefix("ipfs/").partition("?")[0]
    parts = path.split("/")
    if len(path) > 1_000 or any(part in ("", ".", "..") for part in parts[:-1]) or not parts[0]:
        raise DocumentRefused("it is no path of IPFS")
    return path.rstrip("/")


def read_data(uri: str) -> bytes:
    """The bytes of a `data:` URI. Raises `DocumentRefused`."""
    head, comma, rest = uri.partition(",")
    if not comma:
        raise DocumentRefused("the data URI has no data")
    kind, *parameters = head[5:].lower().split(";")
    if kind.strip() not in ("", "application/json", "text/plain") and not kind.endswith("+json"):
        raise DocumentRefused(f"the data URI is of the type {kind[:80]}")
    if len(rest) > 4 * MAX_BYTES:
        raise DocumentRefused(f"it is larger than {MAX_BYTES} bytes")
    body = unquote_to_bytes(rest)
    if parameters and parameters[-1].strip() == "base64":
        digits = b"".join(body.split()).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
        try:
            body = base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise DocumentRefused("the data URI is not base64") from error
    if len(body) > MAX_BYTES:
        raise DocumentRefused(f"it is larger than {MAX_BYTES} bytes")
    return body


def parse(body: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, made fit for PostgreSQL. Raises `DocumentRefused`."""
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        if not isinstance(found, dict):
            raise DocumentRefused("it is JSON, but no object")
        return {_fit_text(key): _fit(value, 1) for key, value in found.items()}
    except (ValueError, RecursionError) as error:  # What is not UTF-8 is a ValueError too.
        raise DocumentRefused("it is not JSON") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _fit(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise DocumentRefused(f"it is nested more than {MAX_DEPTH} deep")
    if isinstance(value, str):
        return _fit_text(value)
    if isinstance(value, dict):
        return {_fit_text(key): _fit(part, depth + 1) for key, part in value.items()}
    if isinstance(value, list):
        return [_fit(part, depth + 1) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # As 1e999 is read.
    return value


def _fit_text(text: str) -> str:
    """PostgreSQL keeps neither NUL nor half a character."""
    whole = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return whole.encode("utf-8", "replace").decode("utf-8")[:LONGEST_TEXT]


def _joined(pieces: Any) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > MAX_BYTES:
            raise DocumentRefused(f"it is larger than {MAX_BYTES} bytes")
    return bytes(body)


def why_not(error: ExchangeError) -> str:
    """A refusal in one line, for the version that has no document."""
    return " ".join(str(error).split())[:300]
