"""
One transaction: what falls, what is new, the tokens it decides, the cursor, what is told.

Tokens are recomputed from the facts that stand after the change, for exactly those touched, by
the same statement whether blocks came or went. The cursor moves only from where we believe it
to be, so that a second writer fails instead of doubling rows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Connection,
    Insert,
    Update,
    case,
    delete,
    insert,
    literal,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from indexer import ranges, registry, told
from indexer.copying import copy, copy_moves
from indexer.facts import (
    BLOCKS,
    BREAKS,
    COLLECTIONS,
    CURSORS,
    FACTS,
    OUTBOX,
    RANGES,
    SPLITTERS,
    TOKENS,
    Facts,
    Row,
    Token,
)
from indexer.fetch import Stretch
from indexer.fold import Break, Breaks, Span, fold
from indexer.recompute import recompute
from indexer.watch import Found, Watch
from nft.chain.protocol import Block
from nft.tokens import MAX_SERIAL, token_id
from nft.types import Address, Digest

CHANNEL = "vernissage_chain"

_TOLD = ("chain_id", "block_number", "block_hash", "log_index", "kind", "payload")


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


@dataclass(frozen=True, slots=True)
class Change:
    """What one transaction does: rewind to a block (if any), then add a stretch (if any)."""

    before: Cursor | None
    after: Cursor
    rewind_to: int | None = None
    stretch: Stretch | None = None
    facts: Facts | None = None
    breaks: Breaks = Breaks.REFUSED
    fallen: Watch | None = None
    """What was listened to, and told, before a rewind."""

    @property
    def is_loading(self) -> bool:
        """Whether tokens wait until the whole history is there: `load.py` makes them."""
        return self.after.is_loading


class CustodyBroken(Exception):
    """Somebody who was not the owner sent a work: a log is missing, or the contract lies."""

    def __init__(self, breaks: Sequence[Break]) -> None:
        self.breaks = breaks
        first = breaks[0]
        super().__init__(
            f"{len(breaks)} transfers from somebody who is not the owner, the first in block "
            f"{first.block_number}, log {first.log_index} of 0x{first.contract.hex()}"
        )


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


def commit(connection: Connection, chain_id: int, watch: Watch, change: Change) -> None:
    """Carry a change out, and listen to `watch`. Raises `CursorMoved` or `CustodyBroken`."""
    with connection.begin():
        _move(connection, chain_id, change)  # First, so that a second writer gets no further.
        # Under the cursor's lock: the end of a contract's history takes it too.
        unread = registry.unread(connection, chain_id)
        if change.rewind_to is not None:
            fallen = _rewind(connection, chain_id, change.fallen or watch, change.rewind_to)
            if not change.is_loading:
                lost = touched(connection, chain_id, [fallen])
                recompute_known(connection, chain_id, watch, lost, unread)
            # A contract whose creation fell has no history any more: the stretch is all of it.
            unread = registry.unread(connection, chain_id)
        if change.stretch is not None:
            facts = change.facts or Facts()
            add_blocks(connection, chain_id, change)
            add_facts(connection, facts)
            _tell(connection, chain_id, watch, change)
            if not change.is_loading:
                breaks = derive(connection, chain_id, watch, facts, unread)
                settle(connection, chain_id, breaks, change.breaks)
        if change.before is None or change.after.final_number > change.before.final_number:
            _prune(connection, chain_id, change.after.final_number)
        notify(connection, chain_id, change.after.number)


def notify(connection: Connection, chain_id: int, number: int) -> None:
    """Tell whoever listens that the mirror moved, when this transaction is through."""
    said = json.dumps({"chain_id": chain_id, "block": number})
    connection.execute(
        text("select pg_notify(:channel, :said)"), {"channel": CHANNEL, "said": said}
    )


def derive(
    connection: Connection, chain_id: int, watch: Watch, facts: Facts, unread: Collection[bytes]
) -> list[Break]:
    """Tokens after a stretch: transfers are folded in; what more decides is derived anew."""
    breaks: list[Break] = []
    blocks = [move.block_number for move in (*facts.moves[:1], *facts.moves[-1:])]
    blocks += [row["block_number"] for row in facts.of(RANGES)]
    if blocks:
        span = Span((min(blocks), max(blocks)), unread=unread)
        breaks = fold(connection, chain_id, watch.collections, span)
    decided = _decided(facts, watch) | _of_creators(connection, chain_id, facts)
    recompute_known(connection, chain_id, watch, decided, unread)
    return breaks


def recompute_known(
    connection: Connection,
    chain_id: int,
    watch: Watch,
    tokens: Collection[Token],
    unread: Collection[bytes],
) -> None:
    """Derive tokens anew, but those of a contract whose history is not read yet."""
    known = {token for token in tokens if token[0] not in unread}
    if known:
        recompute(connection, chain_id, watch.collections, known)


def settle(connection: Connection, chain_id: int, breaks: Sequence[Break], how: Breaks) -> None:
    """Write breaks of custody down where they are proven to be the contract's doing."""
    if not breaks:
        return
    if how is Breaks.REFUSED:
        raise CustodyBroken(breaks)
    connection.execute(
        insert(BREAKS),
        [
            {
                "chain_id": chain_id,
                "block_number": one.block_number,
                "log_index": one.log_index,
                "contract": Address(one.contract),
                "token_id": int.from_bytes(one.token_id, "big"),
                "owner": Address(one.owner),
                "sender": Address(one.sender),
                "transaction_hash": Digest(one.transaction_hash),
            }
            for one in breaks
        ],
    )


def _decided(facts: Facts, watch: Watch) -> set[Token]:
    """
    Tokens of which transfers alone say too little: works of our own collections, and those that
    came into the auctions' custody.
    """
    ours, keepers = watch.collections, watch.keepers
    return facts.decided() | {
        (move.contract, move.token_id)
        for move in facts.moves
        if move.contract in ours or move.receiver in keepers
    }


def touched(connection: Connection, chain_id: int, moved: Collection[Facts]) -> set[Token]:
    """The tokens that facts decide, come or gone: by themselves, or all of a creator's."""
    found: set[Token] = set()
    for facts in moved:
        found |= facts.tokens() | _of_creators(connection, chain_id, facts)
    return found | ranges.members(connection, chain_id, moved)


def _of_creators(connection: Connection, chain_id: int, facts: Facts) -> set[Token]:
    found: set[Token] = set()
    for contract, creator in facts.creators():
        rows = connection.execute(
            select(TOKENS.c.contract, TOKENS.c.token_id).where(
                TOKENS.c.chain_id == chain_id,
                TOKENS.c.contract == contract,
                TOKENS.c.token_id.between(token_id(creator, 0), token_id(creator, MAX_SERIAL)),
            )
        )
        found |= {(bytes(row.contract), row.token_id.to_bytes(32, "big")) for row in rows}
    return found


def _rewind(connection: Connection, chain_id: int, watch: Watch, number: int) -> Facts:
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
    tell(connection, told.entries(fallen, blocks, watch.quiet, retracted=True))
    registry.cut_back(connection, chain_id, number)
    return fallen


def tell(connection: Connection, entries: Sequence[Row]) -> None:
    """Append to the outbox, in this order."""
    if entries:
        copy(connection, OUTBOX, entries, columns=_TOLD)


def add_blocks(connection: Connection, chain_id: int, change: Change) -> None:
    """The headers of a stretch."""
    if change.stretch is None:
        return
    holding = change.facts.blocks() if change.facts else set()
    first = change.stretch.blocks[0]
    rows = [
        {
            **_block_row(chain_id, block),
            "has_facts": block.number in holding,
            "is_first": change.before is None and block is first,
        }
        for block in change.stretch.blocks
        # Nobody could use the others: no fact stands in them and no reorg reaches them.
        if block.number >= change.after.final_number
        or block.number in holding
        or (change.before is None and block is first)
    ]
    copy(connection, BLOCKS, rows)


def add_facts(connection: Connection, facts: Facts) -> None:
    """Every row of a stretch."""
    copy_moves(connection, facts.moves)
    for table in FACTS:
        if table.name in facts.rows:
            copy(connection, table, facts.rows[table.name])


def _tell(connection: Connection, chain_id: int, watch: Watch, change: Change) -> None:
    if change.stretch is None or change.facts is None:
        return
    blocks = {block.number: _block_row(chain_id, block) for block in change.stretch.blocks}
    tell(connection, told.entries(change.facts, blocks, watch.quiet))


def _block_row(chain_id: int, block: Block) -> Row:
    return {
        "chain_id": chain_id,
        "number": block.number,
        "block_hash": block.block_hash,
        "parent_hash": block.parent_hash,
        "timestamp": block.timestamp,
    }


def _move(connection: Connection, chain_id: int, change: Change) -> None:
    """Move the cursor, if it is where we believe it to be."""
    values = {
        "number": change.after.number,
        "block_hash": change.after.block_hash,
        "timestamp": change.after.timestamp,
        "safe_number": change.after.safe_number,
        "final_number": change.after.final_number,
        "head_number": change.after.head_number,
        "is_loading": change.is_loading,
        "halted": None,
        "updated_at": text("clock_timestamp()"),
    }
    statement: Insert | Update
    if change.rewind_to is not None:
        proved = CURSORS.c.proved_number  # None stays: `least` would pass over it.
        values["proved_number"] = case((proved > change.rewind_to, change.rewind_to), else_=proved)
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
