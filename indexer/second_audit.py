"""
Transfers of some blocks compared with a second reading, by a library that shares no code of ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, text

from indexer.ground import Difference, Findings, Ground, Place
from indexer.token_audit import Key
from nft.chain.protocol import Moved
from nft.types import Address, Digest

MOST = 50
"""Blocks of the newest transfers that an audit of everything reads again."""

_OF_WORKS = """
    select moved.contract, moved.block_number
    from unnest(cast(:contracts as bytea[]), cast(:tokens as bytea[])) as asked(contract, token_id)
    cross join lateral (
        select contract, block_number from chain_transfers
        where chain_id = :chain_id and contract = asked.contract
          and token_id = asked.token_id and block_number <= :number
        order by block_number desc, log_index desc limit 1
    ) as moved
"""

_NEWEST = """
    select contract, block_number from chain_transfers
    where chain_id = :chain_id and block_number <= :number
      and contract <> all(cast(:unread as bytea[]))
    order by block_number desc, log_index desc limit :size
"""

_TRANSFERS = """
    select moved.contract, moved.block_number, block.block_hash,
        moved.log_index, moved.sender, moved.receiver, moved.token_id
    from (select distinct contract, block_number from ({chosen}) as some_blocks) as chosen
    join chain_transfers as moved on moved.chain_id = :chain_id
        and moved.block_number = chosen.block_number and moved.contract = chosen.contract
    join chain_blocks as block on block.chain_id = :chain_id
        and block.number = moved.block_number
"""

Rows = Sequence[Row[Any]]


def audit_second(
    ground: Ground, findings: Findings, works: Collection[Key], *, with_newest: bool = False
) -> None:
    """Read again the blocks in which these works moved last, and the newest; name what differs."""

    def read(place: Place) -> Rows:
        values: dict[str, Any] = {
            **ground.values,
            "number": place.number,
            "contracts": [contract for contract, _ in works],
            "tokens": [token for _, token in works],
        }
        chosen = _OF_WORKS
        if with_newest:
            chosen = f"({_NEWEST}) union all ({_OF_WORKS})"
            values |= {"unread": ground.unread(), "size": MOST}
        return ground.connection.execute(text(_TRANSFERS.format(chosen=chosen)), values).all()

    ground.page(read, lambda _, rows: _compare(ground, findings, rows))


def _compare(ground: Ground, findings: Findings, rows: Rows) -> None:
    ours: dict[tuple[bytes, bytes, int], list[Moved]] = defaultdict(list)
    for row in rows:
        place = (bytes(row.contract), bytes(row.block_hash), row.block_number)
        ours[place].append(
            Moved(
                row.log_index,
                Address(bytes(row.sender)),
                Address(bytes(row.receiver)),
                int.from_bytes(bytes(row.token_id), "big"),
            )
        )
    for (contract, block_hash, number), held in ours.items():
        told = ground.chain.reread(Address(contract), Digest(block_hash))
        for moved in sorted({*held} ^ {*told}):
            is_held = moved in held
            findings.differ(
                Difference(
                    Address(contract),
                    f"transfer {moved.log_index} of block {number}",
                    mirror=_said(moved) if is_held else "absent",
                    chain="absent" if is_held else _said(moved),
                    token_id=moved.token_id,
                )
            )
    findings.count("blocks_read_again", len(ours))


def _said(moved: Moved) -> str:
    return f"{moved.sender} to {moved.receiver}"
