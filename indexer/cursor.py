"""
Where the mirror of a chain stands: read, and moved by whoever writes the chain.

The cursor moves only from where its writer believes it to be, so that a second writer fails
instead of doubling rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from indexer.facts import CURSORS
from nft.database import execute
from nft.types import Digest

_FOREVER = 2**62
"""Above every block."""

_BEGIN = """
    insert into chain_cursors (
        chain_id, number, block_hash, timestamp, safe_number, final_number, head_number,
        is_loading, updated_at
    ) values (
        %(chain_id)s, %(number)s, %(block_hash)s, %(timestamp)s, %(safe_number)s,
        %(final_number)s, %(head_number)s, %(is_loading)s, clock_timestamp()
    )
    on conflict do nothing
"""

_MOVE = """
    update chain_cursors set
        number = %(number)s, block_hash = %(block_hash)s, timestamp = %(timestamp)s,
        safe_number = %(safe_number)s, final_number = %(final_number)s,
        head_number = %(head_number)s, is_loading = %(is_loading)s,
        -- None stays: `least` would pass over it.
        proved_number = case
            when proved_number > %(rewind_to)s then %(rewind_to)s else proved_number
        end,
        halted = null, updated_at = clock_timestamp()
    where chain_id = %(chain_id)s and number = %(from_number)s and block_hash = %(from_hash)s
"""


class CursorMoved(Exception):
    """Somebody else moved the cursor: another indexer writes this chain."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the mirror of a chain stands."""

    number: int
    block_hash: Digest
    timestamp: int
    safe_number: int
    final_number: int
    head_number: int
    is_loading: bool = False

    @property
    def lag(self) -> int:
        """Blocks still to be read."""
        return max(0, self.head_number - self.number)


def read_cursor(connection: Connection, chain_id: int) -> Cursor | None:
    """The cursor as stored."""
    row = connection.execute(select(CURSORS).where(CURSORS.c.chain_id == chain_id)).first()
    if row is None:
        return None
    return Cursor(
        number=row.number,
        block_hash=row.block_hash,
        timestamp=row.timestamp,
        safe_number=row.safe_number,
        final_number=row.final_number,
        head_number=row.head_number,
        is_loading=row.is_loading,
    )


def move(
    connection: Connection,
    chain_id: int,
    before: Cursor | None,
    after: Cursor,
    rewind_to: int | None = None,
) -> None:
    """
    Move the cursor, if it is where we believe it to be; what was proven above `rewind_to` falls.

    Raises `CursorMoved`.
    """
    values: dict[str, object] = {
        "chain_id": chain_id,
        "number": after.number,
        "block_hash": bytes(after.block_hash),
        "timestamp": after.timestamp,
        "safe_number": after.safe_number,
        "final_number": after.final_number,
        "head_number": after.head_number,
        "is_loading": after.is_loading,
    }
    if before is None:
        moved = execute(connection, _BEGIN, values)
    else:
        values["rewind_to"] = _FOREVER if rewind_to is None else rewind_to
        values |= {"from_number": before.number, "from_hash": bytes(before.block_hash)}
        moved = execute(connection, _MOVE, values)
    if moved.rowcount != 1:
        raise CursorMoved(f"chain {chain_id} has another writer")


def hold(connection: Connection, chain_id: int, expected: Cursor) -> None:
    """
    Keep the cursor where it is for the rest of this transaction.

    Raises `CursorMoved` when it is somewhere else.
    """
    here = select(CURSORS.c.number, CURSORS.c.block_hash).where(CURSORS.c.chain_id == chain_id)
    row = connection.execute(here.with_for_update()).first()
    if row is None or (row.number, row.block_hash) != (expected.number, expected.block_hash):
        raise CursorMoved(f"chain {chain_id} has another writer")


def halt(connection: Connection, chain_id: int, why: str) -> None:
    """Say on the cursor that the mirror stopped; nothing else is touched."""
    with connection.begin():
        connection.execute(update(CURSORS).where(CURSORS.c.chain_id == chain_id).values(halted=why))
