"""
The door to Kubo, and the only module that knows `ipfshttpclient`.

Release 0.7.0 is driven as it was tried against Kubo 0.42: `Client` is built directly, because
`connect()` refuses every current daemon; content goes over as a CAR through `dag import`, so that
no setting of the node can change a CID; only nameless streams are sent, because paths and named
files give away where they lie on our disk; and no answer is believed, because an error that Kubo
reports late (`X-Stream-Error`) is invisible to every Python client. What counts is reading back.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

with warnings.catch_warnings():
    # It hands urllib3 an argument that urllib3 3 will refuse; urllib3 is locked below 3.
    warnings.filterwarnings("ignore", message=".*strict.*")
    import ipfshttpclient
    from ipfshttpclient import exceptions as ipfs_errors

from media.pinning import KUBO, PlaceSilent, Source, patience
from media.streams import PieceStream
from nft.content.car import write_car
from nft.content.cid import Cid
from nft.errors import NotACid, PinFailed

CONNECT_SECONDS = 5
READ_SECONDS = 60
_FIRST_PIECE_BYTES = 4 * 1024
_PIECE_BYTES = 4 * 1024 * 1024
_QUICK_SECONDS = 0.5
MOST_ADDRESSES = 20
_LONGEST_ADDRESS = 300


class _OneAddress(str):
    """Release 0.7.0 sends an address's letters as further addresses; this one has none to give."""

    def __iter__(self) -> Iterator[str]:
        return iter(())


class KuboPinner:
    """One Kubo node."""

    name = KUBO
    can_be_read = True

    def __init__(self, address: str, *, read_seconds: float = READ_SECONDS) -> None:
        self._address = multiaddress(address)
        self._timeout = (CONNECT_SECONDS, read_seconds)

    def version(self) -> str:
        """The node's version, for `doctor` and health."""
        with self._calling("version") as client:
            return str(client.version()["Version"])

    def addresses(self) -> list[str]:
        """Where other nodes reach this one, with its peer id; at most twenty."""
        with self._calling("id") as client:
            told = client.id().get("Addresses") or []
        return [text for text in map(str, told) if "/p2p/" in text][:MOST_ADDRESSES]

    def connect(self, addresses: Iterable[str]) -> int:
        """Have the node connect to others, as far as they can be reached; returns to how many."""
        count = 0
        for address in list(addresses)[:MOST_ADDRESSES]:
            if "/p2p/" not in address or len(address) > _LONGEST_ADDRESS:
                continue
            with suppress(PinFailed), self._calling("swarm connect") as client:
                client.swarm.connect(_OneAddress(address))
                count += 1
        return count

    def pin(self, source: Source) -> bool:
        """Import the CAR, pinning its root, and compare what the node says it imported."""
        text = str(source.cid)
        car = PieceStream(self._in_time(text, write_car(source.cid, source.get), source.size))
        with self._calling(text) as client:
            answer = client.dag.imprt(car, opts={"pin-roots": "true", "stats": "false"})
            self._compare_root(source.cid, answer)
        if not self.says(source.cid):
            raise PinFailed(self.name, text, "the node does not list it as pinned")
        return True

    def says(self, cid: Cid) -> bool:
        """Whether the node lists it as pinned."""
        text = str(cid)
        with self._calling(text) as client:
            try:
                return text in (client.pin.ls(text, type="recursive").get("Keys") or {})
            except ipfs_errors.ErrorResponse as error:
                if "not pinned" in str(error):
                    return False
                raise

    def _in_time(self, text: str, pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
        """Give up on a node that takes what it is sent by drops."""
        ends_at = time.monotonic() + patience(size)
        for piece in pieces:
            yield piece
            if time.monotonic() > ends_at:
                raise PlaceSilent(self.name, text, "it takes the bytes too slowly")

    def _compare_root(self, cid: Cid, answer: Any) -> None:
        try:
            root = answer["Root"]
            if root.get("PinErrorMsg"):
                raise PinFailed(self.name, str(cid), str(root["PinErrorMsg"])[:300])
            told = Cid.parse(root["Cid"]["/"])
        except (NotACid, KeyError, TypeError, AttributeError) as error:
            raise PinFailed(self.name, str(cid), f"it answered without a root: {error}") from error
        if bytes(told) != bytes(cid):
            raise PinFailed(self.name, str(cid), f"it imported {told} instead")

    def read(self, source: Source) -> Iterator[bytes]:
        """Yield the bytes as the node has them, piece by piece, from its own blocks only."""
        text = str(source.cid)
        if source.is_folder:
            yield from self._export(text)
            return
        # One byte more than expected is asked for: a longer file must not pass as ours.
        offset, most = 0, _FIRST_PIECE_BYTES
        while offset <= source.size:
            length = min(most, source.size + 1 - offset)
            opts = {"offset": str(offset), "length": str(length), "offline": "true"}
            began = time.monotonic()
            with self._calling(text) as client:
                piece = bytes(client.cat(text, opts=opts))
            if len(piece) > length:
                raise PinFailed(self.name, text, "it sends more bytes than were asked for")
            if piece:
                yield piece
            offset += length
            # Small pieces first: a node that drips must be noticed before it has sent a large one.
            if time.monotonic() - began < _QUICK_SECONDS:
                most = min(2 * most, _PIECE_BYTES)

    def _export(self, text: str) -> Iterator[bytes]:
        """The CAR of a root, from the node's own blocks only."""
        with self._calling(text) as client:
            opts = {"offline": "true", "progress": "false"}
            yield from client.dag.export(text, stream=True, opts=opts)

    def cat(self, path: str, most: int) -> bytes:
        """The first bytes of a path, fetched from other nodes if need be."""
        with self._calling(path) as client:
            return bytes(client.cat(path, opts={"length": str(most)}))

    def unpin(self, cid: Cid) -> None:
        """Remove the pin; the node's own garbage collection removes the bytes."""
        with self._calling(str(cid)) as client:
            try:
                client.pin.rm(str(cid))
            except ipfs_errors.ErrorResponse as error:
                if "not pinned" not in str(error):
                    raise

    @contextmanager
    def _calling(self, what: str) -> Iterator[Any]:
        """A client for one exchange of words; its errors become ours."""
        client = ipfshttpclient.Client(self._address, timeout=self._timeout)
        try:
            yield client
        except (ipfs_errors.ConnectionError, ipfs_errors.TimeoutError) as error:
            raise PlaceSilent(self.name, what, _said(error)) from error
        except (ipfs_errors.Error, OSError, AssertionError, IndexError) as error:
            # The last three: what its HTTP library raises while an answer comes in, and how it
            # meets an answer with another number of parts than it expects.
            raise PinFailed(self.name, what, _said(error)) from error
        finally:
            client.close()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:300]}"


def multiaddress(address: str) -> str:
    """Kubo's API address as the client wants it; a URL is translated. Raises `ValueError`."""
    if address.startswith("/"):
        return address if address.endswith(("/http", "/https")) else f"{address.rstrip('/')}/http"
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{address!r} is neither a multiaddress nor a URL")
    host = parts.hostname
    kind = "ip6" if ":" in host else "ip4" if host.replace(".", "").isdigit() else "dns"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"/{kind}/{host}/tcp/{port}/{parts.scheme}"
