"""
One transaction: what falls, what is new, the tokens it decides, the cursor, what is told.

Tokens are recomputed from the facts that stand after the change, for exactly those touched, by
the same statement whether blocks came or went. The cursor moves only from where we believe it
to be, so that a second writer fails instead of doubling rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Insert,
    Update,
    delete,
    insert,
    literal,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from indexer import told
from indexer.facts import (
    BLOCKS,
    COLLECTIONS,
    CURSORS,
    FACTS,
    OUTBOX,
    SPLITTERS,
    TOKENS,
    Facts,
    Row,
    Token,
)
from indexer.fetch import Stretch
from indexer.recompute import recompute
from indexer.watch import Found
from nft.chain.protocol import Block
from nft.tokens import MAX_SERIAL, token_id
from nft.types import Address, Digest

CHANNEL = "vernissage_chain"


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

    @property
    def lag(self) -> int:
        """Blocks still to be read."""
        return max(0, self.head_number - self.number)


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction does: rewind to a block (if any), then add a stretch (if any)."""

    before: Cursor | None
    after: Cursor
    rewind_to: int | None = None
    stretch: Stretch | None = None
    facts: Facts | None = None


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
    )


def read_found(connection: Connection, chain_id: int) -> list[Found]:
    """What factories made, in the order of the chain."""
    made = select(
        COLLECTIONS.c.contract, COLLECTIONS.c.block_number, COLLECTIONS.c.log_index, literal(True)
    ).where(COLLECTIONS.c.chain_id == chain_id)
    split = select(
        SPLITTERS.c.splitter, SPLITTERS.c.block_number, SPLITTERS.c.log_index, literal(False)
    ).where(SPLITTERS.c.chain_id == chain_id)
    rows = connection.execute(union_all(made, split).order_by("block_number", "log_index"))
    return [Found(*row) for row in rows]


def commit(
    connection: Connection, chain_id: int, collections: Collection[Address], change: Change
) -> None:
    """
    Carry a change out, whole or not at all. Raises `CursorMoved`.

    `collections` are those of ours, whose ids name a creator.
    """
    moved: list[Facts] = []
    with connection.begin():
        _move(connection, chain_id, change)  # First, so that a second writer gets no further.
        if change.rewind_to is not None:
            moved.append(_rewind(connection, chain_id, change.rewind_to))
        if change.stretch is not None:
            facts = change.facts or Facts()
            _add(connection, chain_id, change.stretch, facts, is_first=change.before is None)
            moved.append(facts)
        touched = _touched(connection, chain_id, moved)
        if touched:
            recompute(connection, chain_id, collections, touched)
        if change.before is None or change.after.final_number > change.before.final_number:
            _prune(connection, chain_id, change.after.final_number)
        connection.execute(
            text("select pg_notify(:channel, :said)"),
            {
                "channel": CHANNEL,
                "said": json.dumps({"chain_id": chain_id, "block": change.after.number}),
            },
        )


def _touched(connection: Connection, chain_id: int, moved: Iterable[Facts]) -> set[Token]:
    """The tokens that facts decide, come or gone: by themselves, or all of a creator's."""
    found: set[Token] = set()
    for facts in moved:
        found |= facts.tokens()
        for contract, creator in facts.creators():
            rows = connection.execute(
                select(TOKENS.c.contract, TOKENS.c.token_id).where(
                    TOKENS.c.chain_id == chain_id,
                    TOKENS.c.contract == contract,
                    TOKENS.c.token_id.between(token_id(creator, 0), token_id(creator, MAX_SERIAL)),
                )
            )
            found |= {(row.contract, row.token_id) for row in rows}
    return found


def _rewind(connection: Connection, chain_id: int, number: int) -> Facts:
    """Drop every fact above a block, telling what falls; what fell is returned."""
    above = BLOCKS.c.chain_id == chain_id, BLOCKS.c.number > number
    blocks = {
        row["number"]: dict(row)
        for row in connection.execute(select(BLOCKS).where(*above)).mappings()
    }
    fallen = Facts()
    for table in FACTS:
        gone = connection.execute(
            delete(table)
            .where(table.c.chain_id == chain_id, table.c.block_number > number)
            .returning(*table.c)
        )
        for row in gone.mappings():
            fallen.add(table, dict(row))
    connection.execute(delete(BLOCKS).where(*above))
    entries = told.entries(fallen.rows, blocks, retracted=True)
    if entries:
        connection.execute(insert(OUTBOX), entries)
    return fallen


def _add(
    connection: Connection, chain_id: int, stretch: Stretch, facts: Facts, *, is_first: bool
) -> None:
    holding = facts.blocks()
    blocks: dict[int, Row] = {
        block.number: {
            "chain_id": chain_id,
            "number": block.number,
            "block_hash": block.block_hash,
            "parent_hash": block.parent_hash,
            "timestamp": block.timestamp,
            "has_facts": block.number in holding,
            "is_first": is_first and block is stretch.blocks[0],
        }
        for block in stretch.blocks
    }
    connection.execute(insert(BLOCKS), list(blocks.values()))
    for table in FACTS:
        if facts.of(table):
            connection.execute(insert(table), facts.of(table))
    entries = told.entries(facts.rows, blocks)
    if entries:
        connection.execute(insert(OUTBOX), entries)


def _move(connection: Connection, chain_id: int, change: Change) -> None:
    """Move the cursor, if it is where we believe it to be."""
    values = {
        "number": change.after.number,
        "block_hash": change.after.block_hash,
        "timestamp": change.after.timestamp,
        "safe_number": change.after.safe_number,
        "final_number": change.after.final_number,
        "head_number": change.after.head_number,
        "halted": None,
        "updated_at": text("clock_timestamp()"),
    }
    statement: Insert | Update
    if change.before is None:
        statement = upsert(CURSORS).values(chain_id=chain_id, **values).on_conflict_do_nothing()
    else:
        statement = (
            update(CURSORS)
            .where(
                CURSORS.c.chain_id == chain_id,
                CURSORS.c.number == change.before.number,
                CURSORS.c.block_hash == change.before.block_hash,
            )
            .values(**values)
        )
    moved = connection.execute(statement.returning(CURSORS.c.chain_id)).all()
    if len(moved) != 1:
        raise CursorMoved(f"chain {chain_id} has another writer")


def _prune(connection: Connection, chain_id: int, final_number: int) -> None:
    """Let go of headers that no reorg can reach and that no fact needs."""
    connection.execute(
        delete(BLOCKS).where(
            BLOCKS.c.chain_id == chain_id,
            BLOCKS.c.number < final_number,
            ~BLOCKS.c.has_facts,
            ~BLOCKS.c.is_first,
        )
    )


def halt(connection: Connection, chain_id: int, why: str) -> None:
    """Say on the cursor that the mirror stopped; nothing else is touched."""
    with connection.begin():
        connection.execute(update(CURSORS).where(CURSORS.c.chain_id == chain_id).values(halted=why))


def stored_headers(
    connection: Connection, chain_id: int, at_most: int, count: int
) -> Sequence[Block]:
    """Headers that we hold, newest first, from a height down."""
    with connection.begin():
        rows = connection.execute(
            select(BLOCKS)
            .where(BLOCKS.c.chain_id == chain_id, BLOCKS.c.number <= at_most)
            .order_by(BLOCKS.c.number.desc())
            .limit(count)
        ).all()
    return [Block(row.number, row.block_hash, row.parent_hash, row.timestamp) for row in rows]
