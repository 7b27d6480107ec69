"""
Letting go of a contract of others: the mirror is then as if nobody had registered it.

Everything that came of the contract's own logs is taken out in one transaction, under the cursor's
lock: facts, works, sales of them elsewhere. What our own contracts said of its works stays, without
the transfer that belonged to it. So a rebuild gives the same mirror, and no proof or audit has to
know of it. The registration stays, with the block and the reason: nobody else can register it anew.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, text, union, update

from indexer import registry, told
from indexer.amend import pull_back
from indexer.commit import notify
from indexer.facts import (
    APPROVALS,
    AUCTIONS,
    BREAKS,
    COLLECTIONS,
    CURSORS,
    FACTS,
    NOTES,
    OUTCOMES,
    RANGES,
    REFRESHES,
    SALES,
    SPLITTERS,
    TOKENS,
    TRANSFERS,
)
from indexer.venues import KIND as ELSEWHERE
from nft.errors import Conflict, Missing
from nft.types import Address

OWN = (TRANSFERS, APPROVALS, RANGES, REFRESHES, NOTES, BREAKS)
"""Tables whose rows come of the contract's own logs alone."""


class NotRegistered(Missing):
    """Nobody registered that contract, or it was let go of before."""

    def __init__(self, contract: Address) -> None:
        super().__init__(f"{contract} is not among the registered contracts of this chain")


class CannotLeave(Conflict):
    """The contract cannot be let go of, or not now."""

    def __init__(self, contract: Address, why: str) -> None:
        super().__init__(f"{contract} cannot be let go of: {why}")


@dataclass(frozen=True, slots=True)
class Left:
    """What was taken out of the mirror."""

    block: int
    """The last block up to which it was followed."""
    facts: int
    works: int
    retracted: int
    """Events of the feed that were withdrawn."""


def leave(connection: Connection, chain_id: int, contract: Address, reason: str) -> Left:
    """
    Stop following a registered contract and take out what came of it.

    In a transaction of its own, which holds the follower up for as long as it takes. Raises
    `NotRegistered` or `CannotLeave`.
    """
    with connection.begin():
        connection.execute(text("set local statement_timeout = 0"))
        block = _lock(connection, chain_id, contract)
        row = registry.find(connection, chain_id, contract)
        if row is None or row.left_block is not None:
            raise NotRegistered(contract)
        _check_not_ours(connection, chain_id, contract)
        retracted = _retract(connection, chain_id, contract)
        facts = _take_out(connection, chain_id, contract)
        works = connection.execute(
            TOKENS.delete().where(TOKENS.c.chain_id == chain_id, TOKENS.c.contract == contract)
        ).rowcount
        if row.first_block is not None:
            # A sale of several contracts' works may read otherwise now: the prover looks again.
            pull_back(connection, chain_id, row.first_block - 1)
        registry.leave(connection, chain_id, contract, block, reason)
        notify(connection, chain_id, block)
    return Left(block, facts, works, retracted)


def _lock(connection: Connection, chain_id: int, contract: Address) -> int:
    """Keep the follower, the prover and the reader of histories out."""
    cursor = connection.execute(
        select(CURSORS.c.number, CURSORS.c.is_loading)
        .where(CURSORS.c.chain_id == chain_id)
        .with_for_update()
    ).first()
    if cursor is None:
        raise CannotLeave(contract, "nothing of this chain is mirrored yet")
    if cursor.is_loading:
        raise CannotLeave(contract, "the chain's first history is still being loaded")
    number: int = cursor.number
    return number


def _check_not_ours(connection: Connection, chain_id: int, contract: Address) -> None:
    for table, column in ((COLLECTIONS, "contract"), (SPLITTERS, "splitter")):
        ours = select(table.c[column]).where(
            table.c.chain_id == chain_id, table.c[column] == contract
        )
        if connection.execute(ours.limit(1)).first() is not None:
            raise CannotLeave(contract, "a factory of this exchange made it")


def _retract(connection: Connection, chain_id: int, contract: Address) -> int:
    """Withdraw what was told of the contract's logs and still stands told, newest first."""
    noted = connection.execute(
        select(NOTES.c.kind)
        .distinct()
        .where(NOTES.c.chain_id == chain_id, NOTES.c.contract == contract)
    ).scalars()
    values = {
        "chain_id": chain_id,
        "contract": str(contract),
        "kinds": sorted({*told.SPOKEN, *noted}),
    }
    return connection.execute(text(_RETRACT), values).rowcount


_RETRACT = """
    with told as (
        select *, coalesce(payload->>'retracts', kind) as fact
        from chain_outbox where chain_id = :chain_id and payload->>'contract' = :contract
    ), standing as (
        select distinct on (block_number, block_hash, log_index, fact) *
        from told where fact = any(:kinds)
        order by block_number, block_hash, log_index, fact, id desc
    )
    insert into chain_outbox (chain_id, block_number, block_hash, log_index, kind, payload)
    select chain_id, block_number, block_hash, log_index, 'retracted',
        payload || jsonb_build_object('retracts', kind)
    from standing where kind <> 'retracted'
    order by block_number desc, log_index desc
"""


def _take_out(connection: Connection, chain_id: int, contract: Address) -> int:
    """Delete the contract's facts, and what others' rows say of them; how many there were."""
    elsewhere = (
        SALES.c.chain_id == chain_id,
        SALES.c.contract == contract,
        SALES.c.kind == ELSEWHERE,
    )
    own = [(table, (table.c.chain_id == chain_id, table.c.contract == contract)) for table in OWN]
    gone = [*own, (SALES, elsewhere)]
    held = union(*(select(table.c.block_number).where(*where) for table, where in gone))
    blocks = list(connection.execute(held).scalars())
    count = sum(connection.execute(table.delete().where(*where)).rowcount for table, where in gone)
    _unlink(connection, chain_id, contract)
    _empty_blocks(connection, chain_id, blocks)
    return count


def _unlink(connection: Connection, chain_id: int, contract: Address) -> None:
    """Our own sales and auctions of its works, as they read without the works' transfers."""
    connection.execute(
        text(
            """
            update chain_sales set transfer_log_index = null,
                seller = case kind when 'offer' then taker
                    when 'listing' then maker when 'bundle' then maker else seller end,
                buyer = case kind when 'offer' then maker
                    when 'listing' then taker when 'bundle' then taker else buyer end
            where chain_id = :chain_id and contract = :contract
            """
        ),
        {"chain_id": chain_id, "contract": bytes(contract)},
    )
    here = AUCTIONS.c.chain_id == chain_id, AUCTIONS.c.contract == contract
    names = select(AUCTIONS.c.auction_hash).where(*here)
    connection.execute(
        update(OUTCOMES)
        .where(OUTCOMES.c.chain_id == chain_id, OUTCOMES.c.auction_hash.in_(names))
        .values(transfer_log_index=None)
    )
    connection.execute(update(AUCTIONS).where(*here).values(transfer_log_index=None))


def _empty_blocks(connection: Connection, chain_id: int, numbers: list[int]) -> None:
    """Headers are kept for their facts: of blocks that have none any more they may go."""
    without = " and ".join(
        f"not exists (select from {table.name} as fact where fact.chain_id = blocks.chain_id "
        "and fact.block_number = blocks.number)"
        for table in FACTS
    )
    connection.execute(
        text(
            "update chain_blocks as blocks set has_facts = false "
            f"where chain_id = :chain_id and number = any(:numbers) and {without}"
        ),
        {"chain_id": chain_id, "numbers": numbers},
    )
