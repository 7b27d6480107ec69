"""
What it means that content is kept: a place, a state, and rules for trying again.

    wanted → pinned → read_back          the place said yes; then gave back the same bytes
       ↘       ↘                         (only then is it done)
        failed ←┘                        tried often enough; an audit or a new wish begins again
    unwanted                             nothing names it any more; the place is told to let go

No I/O here. `media.ledger` holds the rows, `media.keeping` does what a state asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from nft.content.cid import Cid
from nft.content.exporter import Get

WANTED, PINNED, READ_BACK, FAILED, UNWANTED = (
    "wanted",
    "pinned",
    "read_back",
    "failed",
    "unwanted",
)

EMBEDDED = "embedded"
KUBO = "kubo"

MAX_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Source:
    """Content to be pinned, as it lies in our own store."""

    cid: Cid
    profile: str
    sha256: bytes
    """Of the file; of a folder, that of its root's block."""
    size: int
    get: Get
    is_folder: bool = False


class Pinner(Protocol):
    """A place that keeps content. Every method may be called twice and raises `Unreachable`."""

    name: str

    def pin(self, source: Source) -> None:
        """Hand the content over and have it kept. Raises `PinFailed` when the place refuses."""

    def read(self, source: Source) -> Iterator[bytes]:
        """
        Yield the content's bytes as the place gives them, not as we have them.

        Of a folder they are the bytes of a CAR with every block below the root.
        """

    def unpin(self, cid: Cid) -> None:
        """Have it let go; content that is not there is no error."""


@dataclass(frozen=True, slots=True)
class PinState:
    """One line of the ledger, for whoever decides whether a work may be minted."""

    cid: str
    store: str
    state: str
    attempts: int
    problem: str | None


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 2 s, doubling, at most ten minutes."""
    return timedelta(seconds=min(600, 2**attempts))


def after_failure(attempts: int) -> str:
    """The state after the attempt with this number failed."""
    return FAILED if attempts >= MAX_ATTEMPTS else WANTED


def are_kept(pins: Iterable[PinState], *, cids: Iterable[str], stores: Iterable[str]) -> bool:
    """Whether every content was read back from every store: then a mint may be signed (U11)."""
    done = {(pin.cid, pin.store) for pin in pins if pin.state == READ_BACK}
    places = list(stores)
    return bool(places) and all((cid, store) in done for cid in cids for store in places)
