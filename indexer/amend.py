"""
Putting a block of the mirror right: what its receipts prove takes the place of what was told.

A node that left a log out, or made one up, is found out behind the cursor, when the block's
receipts are held against its header. Then the block's facts are replaced in one transaction:
rows, tokens, breaks of custody, what is told. It works below finality too: nothing final is
lost, since what falls was never true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from indexer import registry, told
from indexer.apply import apply
from indexer.commit import add_facts, notify, recompute_known, touched
from indexer.copying import copy_entries
from indexer.evidence import Proven, Reach, differing, of_block, stored
from indexer.facts import BLOCKS, CONTRACTS, CURSORS, FACTS, Facts, Row
from indexer.fold import rederive_breaks
from nft.chain.deployments import Deployment
from nft.proofs.headers import Header


class BlockGone(Exception):
    """The mirror no longer holds that block: the chain turned while it was proven."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """What became of one block."""

    number: int
    removed: int
    added: int
    reach: Reach
    """With what was made in the block, if a factory's log had been left out."""


def amend(
    connection: Connection,
    deployment: Deployment,
    header: Header,
    prove: Callable[[Reach], tuple[Proven, Reach]],
) -> Amendment | None:
    """
    Replace the facts of a block by the proven ones; None where they are these already.

    `prove` says what the block's receipts hold for a reach; the reach is read when nobody can
    change it any more. Raises `BlockGone`.
    """
    chain_id, number = deployment.chain_id, header.number
    with connection.begin():
        row, told_at = _lock(connection, chain_id, header)
        proven, reach = prove(Reach.stored(connection, deployment))
        right = apply(chain_id, proven.items, reach.watch)
        wrong = of_block(stored(connection, chain_id, number, number), number)
        if told_at == header.timestamp and not differing(right, wrong):
            return None
        _replace(connection, chain_id, number, right)
        _keep_block(connection, row | {"has_facts": bool(right.blocks())})
        tokens = touched(connection, chain_id, [wrong, right])
        if tokens:
            unread = registry.unread(connection, chain_id)
            recompute_known(connection, chain_id, reach.watch, tokens, unread)
            # Of a history that has gaps everybody seems to send what is not theirs.
            known = {token for token in tokens if token[0] not in unread}
            rederive_breaks(connection, chain_id, known)
        _tell(connection, reach, (row | {"timestamp": told_at}, wrong), (row, right))
        notify(connection, chain_id, number)
    return Amendment(number, _count(wrong), _count(right), reach)


def _lock(connection: Connection, chain_id: int, header: Header) -> tuple[Row, int]:
    """
    Keep the follower and the readers of histories out, and see that the block still stands.

    A header that was let go of is below finality, where no block changes. Returns the block's row
    as proven, and the time that was told for it.
    """
    cursor = connection.execute(
        select(CURSORS.c.number, CURSORS.c.final_number)
        .where(CURSORS.c.chain_id == chain_id)
        .with_for_update()
    ).first()
    connection.execute(
        select(CONTRACTS.c.contract).where(CONTRACTS.c.chain_id == chain_id).with_for_update()
    ).all()
    held = connection.execute(
        select(BLOCKS.c.block_hash, BLOCKS.c.timestamp).where(
            BLOCKS.c.chain_id == chain_id, BLOCKS.c.number == header.number
        )
    ).first()
    is_gone = cursor is None or header.number > cursor.number
    if is_gone or (held is None and header.number >= cursor.final_number):  # type: ignore[union-attr]
        raise BlockGone(f"block {header.number}")
    if held is not None and held.block_hash != header.block_hash:
        raise BlockGone(f"block {header.number}")
    row = {
        "chain_id": chain_id,
        "number": header.number,
        "block_hash": header.block_hash,
        "parent_hash": header.parent_hash,
        "timestamp": header.timestamp,
    }
    return row, header.timestamp if held is None else held.timestamp


def _replace(connection: Connection, chain_id: int, number: int, right: Facts) -> None:
    for table in FACTS:
        here = (table.c.chain_id == chain_id, table.c.block_number == number)
        connection.execute(delete(table).where(*here))
    add_facts(connection, right)


def _keep_block(connection: Connection, row: Row) -> None:
    connection.execute(
        upsert(BLOCKS)
        .values(is_first=False, **row)
        .on_conflict_do_update(
            index_elements=["chain_id", "number"],
            set_={name: row[name] for name in ("has_facts", "timestamp")},
        )
    )
    connection.execute(
        update(CURSORS)
        .where(CURSORS.c.chain_id == row["chain_id"], CURSORS.c.number == row["number"])
        .values(timestamp=row["timestamp"])
    )


Version = tuple[Row, Facts]
"""A block and what stands in it."""


def _tell(connection: Connection, reach: Reach, wrong: Version, right: Version) -> None:
    """Retract what was never true, newest first, and tell what had been left out."""
    before, after = (
        told.entries(facts, {block["number"]: block}, reach.watch.quiet)
        for block, facts in (wrong, right)
    )
    fallen = [entry for entry in before if entry not in after]
    fallen.sort(key=lambda entry: entry["log_index"], reverse=True)
    copy_entries(
        connection,
        [
            {**one, "kind": "retracted", "payload": {**one["payload"], "retracts": one["kind"]}}
            for one in fallen
        ],
    )
    copy_entries(connection, [entry for entry in after if entry not in before])


def _count(facts: Facts) -> int:
    return len(facts.moves) + sum(map(len, facts.rows.values()))


def pull_back(connection: Connection, chain_id: int, number: int) -> None:
    """
    What stands above a block is to be proven anew: more of it is mirrored now.

    Belongs into the transaction that adds history which was not there when it was proven.
    """
    connection.execute(
        update(CURSORS)
        .where(CURSORS.c.chain_id == chain_id, CURSORS.c.proved_number > number)
        .values(proved_number=func.least(CURSORS.c.proved_number, number))
    )
