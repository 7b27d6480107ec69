"""
Auctions compared with the chain: whether each runs, who leads, with what, until when.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from indexer.ground import Difference, Findings, Ground, Place, words
from nft.chain.contracts import Auctions
from nft.types import ZERO_ADDRESS, Address, Digest

RUNNING, OVER, UNWOUND = 1, 2, 3
"""States of `standingBid`."""

Rows = Sequence[Row[Any]]

_AUCTIONS = """
    select opened.contract, opened.token_id, opened.auctions, opened.auction_hash,
        opened.block_number, opened.log_index,
        coalesce(ended.outcomes, '{}') as outcomes, bid.bidder, bid.amount, bid.ends_at
    from (
        select * from chain_auctions
        where chain_id = :chain_id and block_number <= :number %s limit :size
    ) as opened
    cross join lateral (
        select bidder, amount, ends_at from chain_bids
        where chain_id = :chain_id and auction_hash = opened.auction_hash
          and auctions = opened.auctions and block_number <= :number
        order by block_number desc, log_index desc limit 1
    ) as bid
    cross join lateral (
        select array_agg(outcome) as outcomes from chain_outcomes
        where chain_id = :chain_id and auction_hash = opened.auction_hash
          and auctions = opened.auctions and block_number <= :number
    ) as ended
    order by opened.block_number, opened.log_index
"""
_AFTER = text(
    _AUCTIONS % "and (block_number, log_index) > (:block, :log) order by block_number, log_index"
)
_NEWEST = text(_AUCTIONS % "order by block_number desc, log_index desc")


def audit_auctions(ground: Ground, findings: Findings, *, newest: int | None = None) -> None:
    """All of them in the order of their openings, or those opened last."""
    last = (-1, -1)
    while True:
        rows = _audit_page(ground, findings, last, newest)
        if newest is not None or len(rows) < ground.pace.works:
            return
        last = rows[-1].block_number, rows[-1].log_index


def _audit_page(
    ground: Ground, findings: Findings, last: tuple[int, int], newest: int | None
) -> Rows:
    def read(place: Place) -> Rows:
        values = {**ground.values, "number": place.number, "size": newest or ground.pace.works}
        if newest is not None:
            return ground.connection.execute(_NEWEST, values).all()
        return ground.connection.execute(_AFTER, {**values, "block": last[0], "log": last[1]}).all()

    def compare(place: Place, rows: Rows) -> None:
        asked = [
            Auctions(Address(bytes(row.auctions))).standing_bid(Digest(bytes(row.auction_hash)))
            for row in rows
        ]
        for row, there in zip(rows, ground.ask(asked, place), strict=True):
            here = _standing(row)
            if here != there:
                findings.differ(
                    Difference(
                        contract=Address(bytes(row.contract)),
                        token_id=int.from_bytes(row.token_id, "big"),
                        what=f"auction {Digest(bytes(row.auction_hash))}",
                        mirror=words(here),
                        chain=words(there),
                    )
                )
        findings.count("auctions", len(rows))

    return ground.page(read, compare)


def _standing(row: Row[Any]) -> tuple[int, Address, int, int]:
    """As `standingBid` answers: state, bidder, amount, end; no bid once it is over."""
    if not row.outcomes:
        return RUNNING, Address(bytes(row.bidder)), int(row.amount), row.ends_at
    state = OVER if {"settled", "reclaimed"} & set(row.outcomes) else UNWOUND
    return state, ZERO_ADDRESS, 0, 0
