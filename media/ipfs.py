"""
The door to Kubo, and the only module that knows `ipfshttpclient`.

Release 0.7.0 is driven as it was tried against Kubo 0.42: `Client` is built directly, because
`connect()` refuses every current daemon; content goes over as a CAR through `dag import`, so that
no setting of the node can change a CID; only nameless streams are sent, because paths and named
files give away where they lie on our disk; and no answer is believed, because an error that Kubo
reports late (`X-Stream-Error`) is invisible to every Python client. What counts is reading back.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

with warnings.catch_warnings():
    # It hands urllib3 an argument that urllib3 3 will refuse; urllib3 is locked below 3.
    warnings.filterwarnings("ignore", message=".*strict.*")
    import ipfshttpclient
    from ipfshttpclient import exceptions as ipfs_errors

from media.pinning import KUBO, Source
from media.streams import PieceStream
from nft.content.car import write_car
from nft.content.cid import Cid
from nft.errors import NotACid, PinFailed

CONNECT_SECONDS = 5
READ_SECONDS = 60
_PIECE_BYTES = 512 * 1024


class KuboPinner:
    """One Kubo node."""

    name = KUBO

    def __init__(self, address: str, *, read_seconds: float = READ_SECONDS) -> None:
        self._address = multiaddress(address)
        self._timeout = (CONNECT_SECONDS, read_seconds)

    def version(self) -> str:
        """The node's version, for `doctor` and health."""
        with self._calling("version") as client:
            return str(client.version()["Version"])

    def pin(self, source: Source) -> None:
        """Import the CAR, pinning its root, and compare what the node says it imported."""
        text = str(source.cid)
        car = PieceStream(write_car(source.cid, source.get))
        with self._calling(text) as client:
            answer = client.dag.imprt(car, opts={"pin-roots": "true", "stats": "false"})
            self._compare_root(source.cid, answer)
            listed = client.pin.ls(text, type="recursive")
        if text not in (listed.get("Keys") or {}):
            raise PinFailed(self.name, text, "the node does not list it as pinned")

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
        for offset in range(0, source.size + 1, _PIECE_BYTES):
            length = min(_PIECE_BYTES, source.size + 1 - offset)
            opts = {"offset": str(offset), "length": str(length), "offline": "true"}
            with self._calling(text) as client:
                piece = bytes(client.cat(text, opts=opts))
            if len(piece) > length:
                raise PinFailed(self.name, text, "it sends more bytes than were asked for")
            if piece:
                yield piece

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
        except (ipfs_errors.Error, OSError, AssertionError, IndexError) as error:
            # The last three: what its HTTP library raises while an answer comes in, and how it
            # meets an answer with another number of parts than it expects.
            detail = str(error)[:300] or type(error).__name__
            raise PinFailed(self.name, what, f"{type(error).__name__}: {detail}") from error
        finally:
            client.close()


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
