"""
One transaction: what falls, what is new, the tokens it decides, the cursor, what is told.

Tokens are recomputed from the facts that stand after the change, for exactly those touched, by
the same statement whether blocks came or went.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    insert,
    literal,
    select,
    union_all,
)

from indexer import cursor, ranges, registry, told
from indexer.copying import copy, copy_blocks, copy_entries, copy_moves
from indexer.cursor import Cursor, CursorMoved
from indexer.facts import (
    AUCTIONS,
    BLOCKS,
    BREAKS,
    COLLECTIONS,
    FACTS,
    OUTCOMES,
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
from nft.database import execute
from nft.tokens import MAX_SERIAL, token_id
from nft.types import Address, Digest

CHANNEL = "vernissage_chain"

SHORT = 500
"""Transfers: below that a stretch is folded in one step. A block at the head has a few dozen."""

_PRUNE = """
    delete from chain_blocks
    where chain_id = %s and number < %s and not has_facts and not is_first
"""
"""Lets go of headers that no reorg can reach and that no fact needs."""


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
        # First, so that a second writer gets no further.
        cursor.move(connection, chain_id, change.before, change.after, change.rewind_to)
        # Under the cursor's lock: the end of a contract's history takes it too, and so does who
        # lets go of a contract. What was read of that one is too late.
        unread, outside = registry.apart(connection, chain_id)
        if not outside.isdisjoint(watch.quiet):
            raise CursorMoved(f"nobody listens to a contract of chain {chain_id} any more")
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
            execute(connection, _PRUNE, (chain_id, change.after.final_number))
        notify(connection, chain_id, change.after.number)


def notify(connection: Connection, chain_id: int, number: int) -> None:
    """Tell whoever listens that the mirror moved, when this transaction is through."""
    said = json.dumps({"chain_id": chain_id, "block": number})
    execute(connection, "select pg_notify(%s, %s)", (CHANNEL, said))


def derive(
    connection: Connection, chain_id: int, watch: Watch, facts: Facts, unread: Collection[bytes]
) -> list[Break]:
    """Tokens after a stretch: transfers are folded in; what more decides is derived anew."""
    breaks: list[Break] = []
    blocks = [move.block_number for move in (*facts.moves[:1], *facts.moves[-1:])]
    blocks += [row["block_number"] for row in facts.of(RANGES)]
    if blocks:
        is_short = len(facts.moves) < SHORT
        span = Span((min(blocks), max(blocks)), unread=unread, is_short=is_short)
        breaks = fold(connection, chain_id, watch.collections, span)
    decided = _decided(facts, watch) | _of_creators(connection, chain_id, facts)
    decided |= _of_outcomes(connection, chain_id, facts)
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
    return facts.decided() | facts.moved(watch.collections, watch.keepers)


def touched(connection: Connection, chain_id: int, moved: Collection[Facts]) -> set[Token]:
    """The tokens that facts decide, come or gone: by themselves, or all of a creator's."""
    found: set[Token] = set()
    for facts in moved:
        found |= facts.tokens() | _of_creators(connection, chain_id, facts)
        found |= _of_outcomes(connection, chain_id, facts)
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


def _of_outcomes(connection: Connection, chain_id: int, facts: Facts) -> set[Token]:
    """Works whose auctions ended: a stranger's contract may not say that they left custody."""
    ended = [row["auction_hash"] for row in facts.of(OUTCOMES)]
    return auctioned(connection, chain_id, AUCTIONS.c.auction_hash.in_(ended)) if ended else set()


def auctioned(connection: Connection, chain_id: int, which: ColumnElement[bool]) -> set[Token]:
    """The works of some auctions."""
    works = select(AUCTIONS.c.contract, AUCTIONS.c.token_id)
    rows = connection.execute(works.where(AUCTIONS.c.chain_id == chain_id, which))
    return {(bytes(row.contract), row.token_id.to_bytes(32, "big")) for row in rows}


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
    copy_entries(connection, told.entries(fallen, blocks, watch.quiet, retracted=True))
    registry.cut_back(connection, chain_id, number)
    return fallen


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
    copy_blocks(connection, rows)


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
    copy_entries(connection, told.entries(change.facts, blocks, watch.quiet))


def _block_row(chain_id: int, block: Block) -> Row:
    return {
        "chain_id": chain_id,
        "number": block.number,
        "block_hash": block.block_hash,
        "parent_hash": block.parent_hash,
        "timestamp": block.timestamp,
    }


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
