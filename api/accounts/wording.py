"""
An account's dealings in words: what it signed, what it bid, what is owed to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.auctions.queries import AuctionFilters, get_auction, list_auctions
from api.auctions.schemas import AuctionOut
from api.credits.service import credits_of
from api.intents.wording import Say
from api.orders.queries import OrderFilters, list_orders
from api.orders.schemas import OrderOut
from api.orders.works import find_works
from api.parts import Parts
from api.sales.standing import standing_of
from api.vouchers.queries import VoucherFilters, list_vouchers
from api.vouchers.schemas import VoucherOut
from indexer.auction_tables import BidRow
from indexer.tables import ApprovalRow
from nft.types import ZERO_ADDRESS, Address, TokenRef

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One thing signed or bid, as a line."""

    hash: str
    kind: str
    """`order`, `auction` or `voucher`: where it is taken back."""
    title: str
    url: str
    words: str
    price: str
    currency: str
    state: str
    until: datetime | None
    can_cancel: bool


Section = tuple[str, str, Sequence[Deal]]


def order_state(order: OrderOut, say: Say) -> str:
    """How it stands, and whether we still hand it out."""
    known = {
        "fillable": say("open"),
        "filled": say("done"),
        "cancelled": say("cancelled on the chain"),
        "expired": say("expired"),
    }
    if order.state in known and not (order.hidden and order.state == "fillable"):
        return known[order.state]
    if order.hidden:
        return say("hidden; a copy elsewhere stays valid")
    reasons = "; ".join(reason.detail for reason in order.reasons)
    return say("cannot be taken now: %(why)s") % {"why": reasons}


def auction_state(auction: AuctionOut, say: Say) -> str:
    """How an auction stands."""
    return {
        "scheduled": say("has not begun"),
        "open": say("nobody has bid yet"),
        "running": say("runs"),
        "ended": say("ended, waits to be settled"),
        "undelivered": say("could not be delivered"),
        "settled": say("settled"),
        "unwound": say("unwound"),
        "cancelled": say("cancelled on the chain"),
        "expired": say("nobody bid in time"),
        "not_fillable": say("cannot be opened now"),
    }[auction.state]


def voucher_state(voucher: VoucherOut, say: Say) -> str:
    """How many are taken, and whether more can be."""
    taken = say("%(taken)s of %(size)s taken") % {
        "taken": voucher.minted,
        "size": voucher.edition_size,
    }
    if voucher.state == "cancelled":
        return taken + say("; ") + say("cancelled on the chain")
    if voucher.state == "expired":
        return taken + say("; ") + say("expired")
    return taken


def _order_words(order: OrderOut, say: Say) -> str:
    if order.kind == "offer":
        return {
            "token": say("for this work"),
            "set": say("for one work of a set"),
            "creator": say("for any work by this artist"),
            "collection": say("for any work of this collection"),
        }[order.scope]
    if order.taker:
        return say("privately, to one address")
    if order.start_price != order.end_price:
        return say("at a falling price")
    if order.more:
        return say("%(count)s works together") % {"count": len(order.more) + 1}
    return say("at a price")


async def _titles(session: AsyncSession, orders: Sequence[OrderOut]) -> dict[tuple[str, str], str]:
    refs = [
        TokenRef(int(one.chain_id), Address.parse(one.contract), int(one.token_id))
        for one in orders
    ]
    works = await find_works(session, list(dict.fromkeys(refs)))
    return {(str(ref.contract), str(ref.token_id)): work.title for ref, work in works.items()}


def _of_order(order: OrderOut, titles: dict[tuple[str, str], str], say: Say) -> Deal:
    is_one = order.scope == "token"
    place = f"{order.chain_id}/{order.contract}"
    return Deal(
        hash=order.hash,
        kind="order",
        title=titles.get((order.contract, order.token_id), "") if is_one else say("several works"),
        url=f"/works/{place}/{order.token_id}" if is_one else f"/collections/{place}",
        words=_order_words(order, say),
        price=order.price,
        currency=order.currency,
        state=order_state(order, say),
        until=order.expires_at if order.state in ("fillable", "not_fillable") else None,
        can_cancel=order.state in ("fillable", "not_fillable"),
    )


def _of_auction(auction: AuctionOut, say: Say, *, words: str, price: str) -> Deal:
    is_open = auction.state in ("scheduled", "open", "not_fillable")
    return Deal(
        hash=auction.hash,
        kind="auction",
        title=auction.title,
        url=f"/works/{auction.chain_id}/{auction.contract}/{auction.token_id}",
        words=words,
        price=price,
        currency=auction.currency,
        state=auction_state(auction, say),
        until=auction.open_until if is_open else auction.ends_at,
        can_cancel=is_open,
    )


def _of_voucher(voucher: VoucherOut, say: Say) -> Deal:
    is_open = voucher.state in ("fillable", "not_fillable")
    return Deal(
        hash=voucher.hash,
        kind="voucher",
        title=voucher.title,
        url=f"/vouchers/{voucher.hash}",
        words=say("minted by its first collector"),
        price=voucher.price,
        currency=voucher.currency,
        state=voucher_state(voucher, say),
        until=voucher.expires_at if is_open else None,
        can_cancel=is_open,
    )


async def _bids(session: AsyncSession, parts: Parts, viewer: Address, say: Say) -> list[Deal]:
    """Auctions in which somebody takes part, by their highest bid in each."""
    query = (
        select(col(BidRow.auction_hash), func.max(col(BidRow.amount)))
        .where(col(BidRow.bidder) == viewer)
        .group_by(col(BidRow.auction_hash))
        .order_by(func.max(col(BidRow.block_number)).desc())
        .limit(SHOWN)
    )
    deals = []
    for name, amount in (await session.execute(query)).all():
        auction = await get_auction(session, parts, name)
        standing = auction.standing_bid
        leads = standing is not None and standing.bidder == str(viewer)
        if auction.winner == str(viewer):
            words = say("you won it")
        elif leads:
            words = say("your bid is the highest")
        else:
            words = say("you were outbid, and paid back")
        deals.append(_of_auction(auction, say, words=words, price=str(int(amount))))
    return deals


async def sections_of(
    session: AsyncSession, parts: Parts, viewer: Address, say: Say
) -> list[Section]:
    """Everything that an account signed or bid, newest first."""
    orders = (await list_orders(session, parts, OrderFilters(maker=viewer), SHOWN)).items
    titles = await _titles(session, orders)
    auctions = await list_auctions(session, parts, AuctionFilters(maker=viewer), SHOWN)
    vouchers = await list_vouchers(session, parts, VoucherFilters(maker=viewer), SHOWN)
    selling = [_of_order(one, titles, say) for one in orders if one.kind == "listing"]
    by_auction = say("by auction")
    selling += [
        _of_auction(
            one,
            say,
            words=by_auction,
            price=one.standing_bid.amount if one.standing_bid else one.reserve,
        )
        for one in auctions.items
    ]
    selling += [_of_voucher(one, say) for one in vouchers.items]
    buying = [_of_order(one, titles, say) for one in orders if one.kind == "offer"]
    return [
        (say("What you offer"), say("Nothing of yours is offered."), selling),
        (say("What you would buy"), say("You have made no offer."), buying),
        (
            say("Your bids"),
            say("You have bid on nothing."),
            await _bids(session, parts, viewer, say),
        ),
    ]


async def owed_to(
    session: AsyncSession, parts: Parts, viewer: Address, say: Say
) -> list[dict[str, Any]]:
    """What contracts and splitters owe to an account, each in each currency."""
    found = await credits_of(session, parts, viewer)
    words = {
        "exchange": say("from a sale"),
        "auctions": say("from an auction"),
        "collection": say("from a first sale"),
    }
    lines: list[dict[str, Any]] = [
        {**one.model_dump(), "action": "withdraw", "words": words[one.role]}
        for one in found.credits
    ]
    part = say("your part of royalties")
    for owed in found.splitters:
        line = owed.model_dump() | {"contract": owed.splitter, "action": "release", "words": part}
        lines.append(line)
    return lines


async def old_approvals(
    session: AsyncSession, parts: Parts, viewer: Address, say: Say, now: datetime
) -> list[dict[str, str]]:
    """Permissions to exchanges that have ended or were replaced, as the newest log says."""
    over: dict[Address, str] = {}
    for part in parts.chains.values():
        for placed in part.deployment.former_exchanges:
            over[placed.address] = say("an exchange that was replaced")
        if (await standing_of(session, part, now)).is_retired:
            over[part.deployment.exchange.address] = say("an exchange that has ended")
    if not over:
        return []
    query = (
        select(ApprovalRow)
        .where(
            col(ApprovalRow.owner) == viewer,
            col(ApprovalRow.operator).in_(list(over)),
            col(ApprovalRow.token_id).is_(None),
        )
        .distinct(col(ApprovalRow.chain_id), col(ApprovalRow.contract), col(ApprovalRow.operator))
        .order_by(
            col(ApprovalRow.chain_id),
            col(ApprovalRow.contract),
            col(ApprovalRow.operator),
            col(ApprovalRow.block_number).desc(),
            col(ApprovalRow.log_index).desc(),
        )
    )
    return [
        {
            "chain_id": str(row.chain_id),
            "contract": str(row.contract),
            "operator": str(row.operator),
            "name": say("the works of a collection"),
            "words": over[row.operator],
        }
        for row in (await session.execute(query)).scalars()
        if row.approved and row.operator != ZERO_ADDRESS
    ]
