"""
What it means that content is kept: a place, a state, and what moves it to another.

    wanted → sent → pinned → read_back     handed over; the place says yes; it gave the same bytes
       ↖______________↙                    an attempt that failed; after eight: failed
    read_back → at_risk → read_back        an audit did not get the bytes; they were brought again
                      ↘ lost               nobody has the bytes any more
    anything → unwanted → removed          nothing names it any more; the place was told to let go

Only `read_back` means kept. A place that nobody can read stays at `pinned`, which is what it says
of itself and counts for nothing. `MOVES` is the whole machine; `step` reads it.

No I/O here. `media.ledger` holds the rows, `media.keeping` does what a state asks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nft.content.cid import Cid
from nft.content.exporter import Get
from nft.errors import PinFailed

WANTED, SENT, PINNED, READ_BACK = "wanted", "sent", "pinned", "read_back"
AT_RISK, LOST, FAILED, UNWANTED, REMOVED = "at_risk", "lost", "failed", "unwanted", "removed"
STATES = (WANTED, SENT, PINNED, READ_BACK, AT_RISK, LOST, FAILED, UNWANTED, REMOVED)
"""`removed` has no line in the ledger; it ends a pin's history."""

FALLEN = frozenset({AT_RISK, LOST})
"""Was read back once, and was not when it was read again."""

WANT, SEND, ACCEPT, TAKE_ITS_WORD, READ = "want", "send", "accept", "take_its_word", "read"
FAIL, GIVE_UP, MISS, LOSE, LET_GO, REMOVE = "fail", "give_up", "miss", "lose", "let_go", "remove"
SEEN = (WANT, SEND, ACCEPT, TAKE_ITS_WORD, READ, FAIL, GIVE_UP, MISS, LOSE, LET_GO, REMOVE)
"""What can happen to a pin."""

_BEFORE = {SEND: SENT, ACCEPT: PINNED, TAKE_ITS_WORD: PINNED, READ: READ_BACK, LET_GO: UNWANTED}
_TRYING = {**_BEFORE, FAIL: WANTED, GIVE_UP: FAILED}
MOVES: Mapping[str, Mapping[str, str]] = {
    WANTED: _TRYING,
    SENT: _TRYING,
    PINNED: {**_TRYING, MISS: AT_RISK},
    FAILED: {**_BEFORE, WANT: WANTED},
    READ_BACK: {MISS: AT_RISK, LET_GO: UNWANTED},
    AT_RISK: {READ: READ_BACK, TAKE_ITS_WORD: PINNED, LOSE: LOST, LET_GO: UNWANTED},
    LOST: {
        READ: READ_BACK,
        TAKE_ITS_WORD: PINNED,
        SEND: AT_RISK,
        ACCEPT: AT_RISK,
        LET_GO: UNWANTED,
    },
    UNWANTED: {WANT: WANTED, REMOVE: REMOVED},
    REMOVED: {WANT: WANTED},
}
"""State and what is seen, to the next state; whatever is not named leaves it where it is."""

EMBEDDED = "embedded"
KUBO = "kubo"

MAX_ATTEMPTS = 8
MAX_MISSES = 3
"""Audits in a row in which a place may say nothing before its copy counts as fallen."""
SENT_PATIENCE = timedelta(hours=1)
"""How long a place may go on fetching before the attempt counts as failed."""


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


class PlaceSilent(PinFailed):
    """
    A place did not answer, or not in time: nothing is known of what it keeps.

    `retry_after_seconds` is what it asked for itself, if it did.
    """

    def __init__(self, store: str, cid: str, why: str, retry_after_seconds: int = 0) -> None:
        super().__init__(store, cid, why)
        self.retry_after_seconds = retry_after_seconds


class StillFetching(PinFailed):
    """A place took the wish and has not got the content yet."""

    def __init__(self, store: str, cid: str) -> None:
        super().__init__(store, cid, "it is still fetching")


class Pinner(Protocol):
    """A place that keeps content. Every method may be called twice and raises `Unreachable`."""

    name: str
    can_be_read: bool
    """Whether its copy can be read by itself; otherwise its word is all there is."""

    def pin(self, source: Source) -> bool:
        """
        Hand the content over and have it kept; false while the place is still fetching it.

        Raises `PinFailed` when the place refuses.
        """

    def read(self, source: Source) -> Iterator[bytes]:
        """
        Yield the content's bytes as the place gives them, not as we have them.

        Of a folder they are the bytes of a CAR with every block below the root.
        """

    def says(self, cid: Cid) -> bool:
        """Whether the place says that it keeps a content, for what that is worth."""

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
    read_at: datetime | None = None
    """The last independent reading with equal hashes."""


def step(state: str, seen: str) -> str:
    """The state after `seen`."""
    return MOVES[state].get(seen, state)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts: 2 s, doubling, at most ten minutes."""
    return timedelta(seconds=min(600, 2**attempts))


def patience(size: int) -> float:
    """Seconds that a place may take to give back, or take, so many bytes."""
    return 60 + size / (128 * 1024)


def is_overdue(since: datetime, now: datetime) -> bool:
    """Whether a place that took the wish at `since` has been fetching for too long."""
    return now - since > SENT_PATIENCE


def are_kept(
    pins: Iterable[PinState],
    *,
    cids: Iterable[str],
    stores: Iterable[str],
    replicas: int | None = None,
) -> bool:
    """
    Whether every content was read back from enough of the stores: a mint may be signed (U11).

    Without a number, from all of them. The embedded store is always one of them, since it is what
    the pages show.
    """
    done = {(pin.cid, pin.store) for pin in pins if pin.state == READ_BACK}
    places = list(stores)
    enough = len(places) if replicas is None else replicas
    needed = [EMBEDDED] if EMBEDDED in places else []
    return bool(places) and all(
        sum((cid, store) in done for store in places) >= enough
        and all((cid, store) in done for store in needed)
        for cid in cids
    )


# A content in all its places

COMING, KEPT = "coming", "kept"
HEALTHS = (COMING, KEPT, AT_RISK, LOST)


def health_of(states: Iterable[str], *, wanted: int) -> tuple[str, int]:
    """
    How a content stands by the states of its pins, and how many copies stand.

    `coming` until it was kept in as many places as wanted; `at_risk` when copies fell and fewer
    than wanted are left; `lost` when none is, and there is nothing to make one from.
    """
    found = list(states)
    standing = found.count(READ_BACK)
    if standing >= max(wanted, 1):
        return KEPT, standing
    if not standing and LOST in found:
        return LOST, 0
    return (AT_RISK if FALLEN & set(found) else COMING), standing
