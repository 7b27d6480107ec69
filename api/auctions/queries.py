"""
Auctions by hash and by filter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.auctions.facts import Known, history, known_of
from api.auctions.reading import auction_out, standing
from api.auctions.schemas import AuctionDetailOut, AuctionList, AuctionState, BidOut
from api.chains import mirror
from api.orders.reading import moment
from api.parts import Parts
from api.sales import paging
from api.sales.paging import Position
from api.tables import AuctionRow
from indexer.auction_tables import BidRow
from nft.errors import Missing
from nft.signing import auction_typed_data
from nft.types import Address, Digest

PENDING = ("running", "ended", "undelivered")


class NoSuchAuction(Missing):
    """The book holds no such auction."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no auction {name} is on the book")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuctionFilters:
    """What a list of auctions is cut by; hidden ones are shown to those who name the seller."""

    chain_id: int | None = None
    maker: Address | None = None
    contract: Address | None = None
    token_id: int | None = None
    state: AuctionState | None = None
    bidder: Address | None = None
    """Those in which this account has bid."""


async def find_known(session: AsyncSession, parts: Parts, name: Digest) -> Known | None:
    """An auction with its facts, or None."""
    row = await session.get(AuctionRow, name)
    if row is None:
        return None
    now = int(parts.clock().timestamp())
    found = await known_of(session, parts, [row], now)
    return found[0] if found else None


async def get_known(session: AsyncSession, parts: Parts, name: Digest) -> Known:
    """An auction with its facts. Raises `NoSuchAuction`."""
    found = await find_known(session, parts, name)
    if found is None:
        raise NoSuchAuction(str(name))
    return found


async def get_auction(session: AsyncSession, parts: Parts, name: Digest) -> AuctionDetailOut:
    """One auction as it stands now, with its bids. Raises `NoSuchAuction`."""
    known = await get_known(session, parts, name)
    bids = await history(session, known)
    heads = await mirror.heads(session)
    keys = {(known.chain_id, bid.block_number) for bid in bids}
    if known.last_block is not None:
        keys.add((known.chain_id, known.last_block))
    blocks = await mirror.blocks_at(session, heads, keys)
    shown = auction_out(known, parts, blocks, parts.clock())
    typed = auction_typed_data(known.auction, chain_id=known.chain_id, auctions=known.auctions)
    # From the first bid on the signature opens nothing any more.
    is_shown = not known.is_hidden
    return AuctionDetailOut(
        **shown.model_dump(),
        bids=[
            BidOut(
                bidder=str(bid.bidder),
                amount=str(bid.amount),
                ends_at=moment(bid.ends_at),
                transaction_hash=str(bid.transaction_hash),
                block_number=str(bid.block_number),
                timestamp=blocks[known.chain_id, bid.block_number].time,
            )
            for bid in bids
        ],
        typed_data=typed if is_shown else None,
        signature="0x" + known.signature.hex() if is_shown else None,
    )


async def list_auctions(
    session: AsyncSession,
    parts: Parts,
    filters: AuctionFilters,
    limit: int,
    cursor: str | None = None,
) -> AuctionList:
    """Auctions, newest first."""
    now = parts.clock()

    async def read(start: Position | None, count: int) -> Sequence[Known]:
        return await _read(session, parts, filters, start, count, now)

    shown, following = await paging.page(
        read,
        lambda one: filters.state is None or standing(one, now)[0] == filters.state,
        start=paging.position(parts.secret_key, "auctions", cursor),
        limit=limit,
    )
    heads = await mirror.heads(session)
    keys = {(one.chain_id, one.last_block) for one in shown if one.last_block is not None}
    blocks = await mirror.blocks_at(session, heads, keys)
    items = [auction_out(one, parts, blocks, now) for one in shown]
    return AuctionList(
        items=items,
        next=paging.cursor(parts.secret_key, "auctions", following),
        as_of=mirror.newest(item.as_of for item in items),
    )


async def _read(
    session: AsyncSession,
    parts: Parts,
    filters: AuctionFilters,
    start: Position | None,
    count: int,
    now: datetime,
) -> list[Known]:
    query = select(AuctionRow)
    for column, value in (
        (AuctionRow.chain_id, filters.chain_id),
        (AuctionRow.seller, filters.maker),
        (AuctionRow.contract, filters.contract),
        (AuctionRow.token_id, filters.token_id),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if filters.maker is None:
        query = query.where(col(AuctionRow.hidden_at).is_(None))
    if filters.bidder is not None:
        bids = select(col(BidRow.auction_hash)).where(
            col(BidRow.bidder) == filters.bidder,
            col(BidRow.chain_id) == col(AuctionRow.chain_id),
            col(BidRow.auction_hash) == col(AuctionRow.auction_hash),
        )
        query = query.where(bids.exists())
    place = (col(AuctionRow.created_at), col(AuctionRow.auction_hash))
    if start is not None:
        query = query.where(tuple_(*place) < tuple_(*start))
    query = query.order_by(*(column.desc() for column in place)).limit(count)
    rows = (await session.execute(query)).scalars().all()
    return await known_of(session, parts, rows, int(now.timestamp()))
