"""
What the mirror says about auctions: bids, outcomes, and what decides before the first bid.

Whole pages at once: each kind of fact is one query for all auctions of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio import to_thread
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.orders.works import Work, ask_answers, find_works
from api.parts import ChainParts, Parts
from api.sales.house import House, house_rules, rules_of
from api.sales.makers import Maker, Operation, TakenBack, operators, taken_back
from api.tables import AuctionRow
from indexer.auction_tables import BidRow, OutcomeRow
from indexer.tables import SaleRow
from nft.auctions import Auction, AuctionFacts, Bid, least_bid
from nft.errors import Unreachable
from nft.settlement import NO_ANSWER, Answer, Split
from nft.types import ZERO_ADDRESS, Address, Digest, TokenRef


@dataclass(frozen=True, slots=True)
class Known:
    """An auction with everything that is known about it."""

    name: Digest
    chain_id: int
    auctions: Address
    exchange: Address
    """Where its nonce and counter are kept."""
    auction: Auction
    signature: bytes
    is_hidden: bool
    is_awaited: bool
    created_at: datetime
    facts: AuctionFacts
    answer: Answer
    """The royalty at the bid that stands, or at the least first one."""
    paid: Split | None
    winner: Address | None
    is_reclaimed: bool
    title: str
    last_block: int | None


@dataclass(frozen=True, slots=True)
class _Told:
    """Everything that was asked for one page."""

    bids: Mapping[Digest, BidRow]
    outcomes: Mapping[Digest, set[str]]
    sales: Mapping[Digest, SaleRow]
    works: Mapping[TokenRef, Work]
    back: TakenBack
    operators: set[Operation]
    house: House


def auction_of(row: AuctionRow) -> Auction:
    """The signed auction in a row of the book."""
    return Auction(
        seller=row.seller,
        collection=row.contract,
        token_id=row.token_id,
        transfer_count=row.transfer_count,
        reserve=row.reserve,
        start=row.start,
        open_until=row.open_until,
        duration=row.duration,
        end=row.end,
        min_step_bps=row.min_step_bps,
        max_royalty_bps=row.max_royalty_bps,
        max_fee_bps=row.max_fee_bps,
        nonce=row.nonce,
        counter=row.counter,
    )


async def known_of(
    session: AsyncSession, parts: Parts, rows: Sequence[AuctionRow], now: int
) -> list[Known]:
    """These rows with their facts, in order; `now` in Unix seconds."""
    here = [row for row in rows if row.chain_id in parts.chains]
    told = await _ask(session, parts, here, now)
    found = []
    for chain_id in dict.fromkeys(row.chain_id for row in here):
        part = parts.chains[chain_id]
        some = [row for row in here if row.chain_id == chain_id]
        answers = await to_thread.run_sync(_answers, part, some, told)
        found += [
            _known(row, part, told, answer) for row, answer in zip(some, answers, strict=True)
        ]
    by_name = {one.name: one for one in found}
    return [by_name[row.auction_hash] for row in rows if row.auction_hash in by_name]


async def _ask(session: AsyncSession, parts: Parts, rows: Sequence[AuctionRow], now: int) -> _Told:
    names = [row.auction_hash for row in rows]
    bids = await session.execute(
        select(BidRow)
        .where(col(BidRow.auction_hash).in_(names))
        .ext(distinct_on(col(BidRow.chain_id), col(BidRow.auction_hash)))
        .order_by(
            col(BidRow.chain_id),
            col(BidRow.auction_hash),
            col(BidRow.block_number).desc(),
            col(BidRow.log_index).desc(),
        )
    )
    outcomes: dict[Digest, set[str]] = {}
    ends = await session.execute(select(OutcomeRow).where(col(OutcomeRow.auction_hash).in_(names)))
    for end in ends.scalars():
        outcomes.setdefault(end.auction_hash, set()).add(end.outcome)
    sales = await session.execute(select(SaleRow).where(col(SaleRow.order_hash).in_(names)))
    refs = [TokenRef(row.chain_id, row.contract, row.token_id) for row in rows]
    return _Told(
        bids={bid.auction_hash: bid for bid in bids.scalars()},
        outcomes=outcomes,
        sales={sale.order_hash: sale for sale in sales.scalars()},
        works=await find_works(session, refs),
        back=await taken_back(session, [(_maker(row, parts), row.nonce) for row in rows]),
        operators=await operators(
            session, [(row.chain_id, row.contract, row.seller, row.auctions) for row in rows]
        ),
        house=await house_rules(session, parts.chains.values(), now),
    )


def _maker(row: AuctionRow, parts: Parts) -> Maker:
    exchange = parts.chains[row.chain_id].deployment.exchange.address
    return Maker(row.chain_id, exchange, row.seller)


def _answers(part: ChainParts, rows: Sequence[AuctionRow], told: _Told) -> list[Answer]:
    """The royalty of each at its bid; a node that is silent tells none."""
    asked = []
    for row in rows:
        work = told.works.get(TokenRef(row.chain_id, row.contract, row.token_id))
        if work is not None:
            asked.append((row, work, _price(row, told)))
    try:
        answers = ask_answers(
            part, [work for _, work, _ in asked], [price for _, _, price in asked]
        )
    except Unreachable:
        answers = [NO_ANSWER] * len(asked)
    by_name = {row.auction_hash: one for (row, _, _), one in zip(asked, answers, strict=True)}
    return [by_name.get(row.auction_hash, NO_ANSWER) for row in rows]


def _price(row: AuctionRow, told: _Told) -> int:
    bid = told.bids.get(row.auction_hash)
    return bid.amount if bid else least_bid(auction_of(row), None)


def _known(row: AuctionRow, part: ChainParts, told: _Told, answer: Answer) -> Known:
    exchange = part.deployment.exchange.address
    maker = Maker(row.chain_id, exchange, row.seller)
    work = told.works.get(TokenRef(row.chain_id, row.contract, row.token_id))
    ends = told.outcomes.get(row.auction_hash, set())
    bid = told.bids.get(row.auction_hash)
    rules = rules_of(told.house, row.chain_id, row.auctions)
    operation = (row.chain_id, row.contract, row.seller, row.auctions)
    exists = work is not None and work.owner != ZERO_ADDRESS
    sale = told.sales.get(row.auction_hash)
    blocks = [one.block_number for one in (bid, sale) if one is not None]
    facts = AuctionFacts(
        bid=None if bid is None else Bid(bid.bidder, bid.amount, bid.ends_at),
        is_settled="settled" in ends,
        is_unwound="unwound" in ends,
        owner=work.owner if work is not None and exists else None,
        is_locked=work is not None and work.is_locked,
        transfer_count=work.transfer_count if work is not None else 0,
        is_approved=operation in told.operators,
        is_nonce_used=told.back.is_cancelled(maker, row.nonce),
        counter=told.back.counter(maker),
        royalty=answer.royalty,
        royalty_receiver=answer.receiver,
        fee_bps=rules.fee_bps,
        is_paused=rules.is_paused,
        is_retired=rules.is_retired,
    )
    return Known(
        name=row.auction_hash,
        chain_id=row.chain_id,
        auctions=row.auctions,
        exchange=exchange,
        auction=auction_of(row),
        signature=bytes(row.signature),
        is_hidden=row.hidden_at is not None,
        is_awaited=row.is_awaited,
        created_at=row.created_at,
        facts=facts,
        answer=answer,
        paid=_paid(sale),
        winner=sale.buyer if sale else None,
        is_reclaimed="reclaimed" in ends,
        title=work.title if work else "",
        last_block=max(blocks, default=None),
    )


def _paid(sale: SaleRow | None) -> Split | None:
    """None where there is no sale, or one whose parts nobody told: none of ours."""
    if sale is None or sale.royalty is None or sale.royalty_receiver is None or sale.fee is None:
        return None
    return Split(
        seller=sale.price - sale.royalty - sale.fee,
        royalty=sale.royalty,
        royalty_receiver=sale.royalty_receiver,
        platform_fee=sale.fee,
    )


async def history(session: AsyncSession, known: Known) -> list[Any]:
    """Every bid, newest first."""
    found = await session.execute(
        select(BidRow)
        .where(col(BidRow.chain_id) == known.chain_id, col(BidRow.auction_hash) == known.name)
        .order_by(col(BidRow.block_number).desc(), col(BidRow.log_index).desc())
        .limit(500)
    )
    return list(found.scalars())
