"""
Who gets what of the order, bid or voucher that an intent is about to pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.auctions.queries import get_auction
from api.chains.queries import fee_bps
from api.deps import chain_of
from api.intents.schemas import IntentOut
from api.intents.shares import Shares, amounts, divide, shares
from api.intents.wording import Say
from api.orders.facts import Known
from api.orders.queries import get_known, get_order
from api.orders.reading import split_of
from api.orders.schemas import OrderOut
from api.parts import Parts
from api.tokens.queries import get_token
from api.vouchers.queries import get_voucher
from nft.errors import ExchangeError
from nft.types import Address, Digest, TokenRef

PAYING = ("fill", "cart", "accept", "redeem", "bid", "settle")


async def shares_of(
    session: AsyncSession, parts: Parts, intent: IntentOut, say: Say, now: datetime
) -> Shares | None:
    """The split of what is paid at `now`; None when nothing is, or it cannot be told."""
    if intent.intent not in PAYING:
        return None
    try:
        return await _shares(session, parts, intent, say, now)
    except ExchangeError:
        return None


async def _shares(
    session: AsyncSession, parts: Parts, intent: IntentOut, say: Say, now: datetime
) -> Shares | None:
    body = intent.request
    if intent.intent == "fill":
        known = await get_known(session, parts, Digest.parse(body["order"]))
        return _bought(known, say, now)
    if intent.intent == "cart":
        orders = [await get_order(session, parts, Digest.parse(name)) for name in body["orders"]]
        had = (
            {one.order_hash for one in intent.result.orders if one.filled}
            if intent.result
            else None
        )
        return _together([one for one in orders if _is_had(one, had)], say)
    if intent.intent == "accept":
        order = await get_order(session, parts, Digest.parse(body["orders"][0]))
        return await _accepted(session, parts, order, body.get("token_id"), say)
    if intent.intent == "redeem":
        voucher = await get_voucher(session, parts, Digest.parse(body["voucher"]))
        return shares(say("You pay"), amounts(voucher.split), say, currency=voucher.currency)
    return await _of_auction(session, parts, intent, say)


def _bought(known: Known, say: Say, now: datetime) -> Shares | None:
    divided = split_of(known, now)
    if divided is None:
        return None
    note, at = "", None
    if known.order.is_falling and known.paid is None:
        at = now
        note = say(
            "It falls every second: you pay the price of the block, and what was sent above it "
            "comes back in the same transaction."
        )
    parted = {
        "seller": divided.seller,
        "royalty": divided.royalty,
        "platform_fee": divided.platform_fee,
    }
    currency = str(known.order.currency)
    return shares(say("You pay"), parted, say, currency=currency, note=note, at=at)


def _is_had(order: OrderOut, had: set[str] | None) -> bool:
    """Before: what can still be had. Afterwards: what was, by this very purchase."""
    return order.state == "fillable" if had is None else order.hash in had


def _together(orders: Sequence[OrderOut], say: Say) -> Shares | None:
    good = [order for order in orders if order.split is not None]
    if not good or len({order.currency for order in good}) != 1:
        return None
    sums = {"seller": 0, "royalty": 0, "platform_fee": 0}
    for order in good:
        if order.split is not None:
            for name, value in amounts(order.split).items():
                sums[name] += value
    words = say("You pay for %(count)s works") % {"count": len(good)}
    return shares(words, sums, say, currency=good[0].currency)


async def _accepted(
    session: AsyncSession, parts: Parts, order: OrderOut, token_id: str | None, say: Say
) -> Shares:
    words = say("The buyer pays")
    if order.split is not None:
        return shares(words, amounts(order.split), say, currency=order.currency)
    ref = TokenRef(
        int(order.chain_id), Address.parse(order.contract), int(token_id or order.token_id)
    )
    token = await get_token(session, parts, ref)
    fee = fee_bps(chain_of(parts, order.chain_id))
    parted = divide(int(order.price), token.royalty.bps, fee)
    return shares(words, parted, say, currency=order.currency)


async def _of_auction(
    session: AsyncSession, parts: Parts, intent: IntentOut, say: Say
) -> Shares | None:
    """Of a bid that wins, by the shares of the one that stands; of a settlement, as it is."""
    auction = await get_auction(session, parts, Digest.parse(intent.request["auction"]))
    if intent.intent == "settle":
        return (
            shares(say("The highest bid"), amounts(auction.split), say) if auction.split else None
        )
    token = await get_token(
        session,
        parts,
        TokenRef(int(auction.chain_id), Address.parse(auction.contract), int(auction.token_id)),
    )
    bps = min(token.royalty.bps, auction.max_royalty_bps)
    parted = divide(int(intent.request["amount"]), bps, auction.max_fee_bps)
    note = say("Paid out when the auction is settled. Outbid, you get all of it back at once.")
    return shares(say("You bid"), parted, say, note=note)
