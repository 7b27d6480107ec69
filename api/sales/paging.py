"""
Pages of what was signed, newest first, where a node or the clock thins out what SQL found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from api.pagination import CursorInvalid, decode_cursor, encode_cursor
from nft.types import Digest

Position = tuple[datetime, Digest]

ROUNDS = 5
"""How often a page is filled up again; a list that is thinner still goes on at its cursor."""


class Posted(Protocol):
    """Something on the book."""

    @property
    def created_at(self) -> datetime:
        """When it was posted."""

    @property
    def name(self) -> Digest:
        """Its hash."""


P = TypeVar("P", bound=Posted)


def position(secret: bytes, what: str, cursor: str | None) -> Position | None:
    """Where a page begins. Raises `CursorInvalid` for another list's cursor."""
    if cursor is None:
        return None
    key = decode_cursor(secret, cursor)
    if len(key) != 3 or key[0] != what:
        raise CursorInvalid
    return datetime.fromisoformat(key[1]), Digest(bytes.fromhex(key[2]))


async def page(
    read: Callable[[Position | None, int], Awaitable[Sequence[P]]],
    keep: Callable[[P], bool],
    *,
    start: Position | None,
    limit: int,
) -> tuple[list[P], Position | None]:
    """What is kept of `read`, at most `limit`, and where the next page begins."""
    found: list[P] = []
    last: P | None = None
    for _ in range(ROUNDS):
        count = limit + 1 - len(found)
        rows = await read(start, count)
        found += [row for row in rows if keep(row)]
        if len(rows) < count:
            last = None
            break
        last = rows[-1]
        start = (last.created_at, last.name)
        if len(found) > limit:
            break
    behind = found[limit - 1] if len(found) > limit else last
    return found[:limit], None if behind is None else (behind.created_at, behind.name)


def cursor(secret: bytes, what: str, place: Position | None) -> str | None:
    """The place as a cursor of the list `what`."""
    if place is None:
        return None
    return encode_cursor(secret, [what, place[0].isoformat(), place[1].hex()])
